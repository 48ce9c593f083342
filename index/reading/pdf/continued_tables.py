"""Name the columns of a table's rows on the next page, where only the page before names them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from index.reading.formats.table_rows import format_row
from index.reading.pdf.headers_footers import EDGE_LINES
from index.reading.pdf.page import Line, Page, middle_of
from index.reading.pdf.row_line import row_line
from index.reading.pdf.tables import MAX_ROW_DISTANCE

_BETWEEN_CELLS = " | "
_NEAR = 1.0  # times the font's size: how far the edges or the middle of a cell are from those of its column's name


def continue_tables(pages: Sequence[Page]) -> list[Page]:
    """Return the pages with the names of columns in rows that go on from the page before without naming them again.

    A table goes on where it is the last of one page and the first of the next, and each cell stands below a name.
    """
    heading: Line | None = None
    continued: list[Page] = []
    for page in pages:
        lines, heading = _continued(page.lines, heading)
        continued.append(replace(page, lines=tuple(lines)))
    return continued


def _continued(lines: Sequence[Line], heading: Line | None) -> tuple[list[Line], Line | None]:
    """Return the lines with their first rows named by ``heading``, and the heading of a table that may go on."""
    for start, end in _runs(lines):
        named = [_named(row, heading) if heading else None for row in lines[start:end]]
        if start <= EDGE_LINES and all(named):
            whole = [*lines[:start], *(row for row in named if row), *lines[end:]]
            return whole, heading if len(lines) - end <= EDGE_LINES else _last_heading(lines)
    return list(lines), _last_heading(lines)


def _last_heading(lines: Sequence[Line]) -> Line | None:
    """Return the row that names the columns of the table at the end of a page; None where there is none."""
    for start, end in reversed(_runs(lines)):
        if len(lines) - end > EDGE_LINES:
            return None
        for row, below in reversed(list(pairwise(lines[start:end]))):
            names = [name.text for name in _cells(row)]
            if len(names) > 1 and any(f"{name}: " in below.text for name in names):
                return row
    return None


def _runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Return where rows begin and end that follow one another without a wide gap."""
    found: list[tuple[int, int]] = []
    for n, line in enumerate(lines):
        if not line.row:
            continue
        below = line.box[3] - lines[n - 1].box[3] if n else 0.0
        if found and found[-1][1] == n and 0 < below <= MAX_ROW_DISTANCE * line.size:
            found[-1] = (found[-1][0], n + 1)
        else:
            found.append((n, n + 1))
    return found


def _cells(row: Line) -> Iterator[Line]:
    at = 0
    for words in row.text.split(_BETWEEN_CELLS):
        yield replace(row, text=words, boxes=row.boxes[at : at + len(words)], row=False)
        at += len(words) + len(_BETWEEN_CELLS)


def _named(row: Line, heading: Line) -> Line | None:
    """Return the row with the names of its columns; None where a cell stands below none, or two below one."""
    names = list(_cells(heading))
    cells = list(_cells(row))
    columns = [min(range(len(names)), key=lambda n: _distance(cell, names[n])) for cell in cells]
    near = all(_distance(cell, names[n]) <= _NEAR * row.size for cell, n in zip(cells, columns, strict=True))
    if not near or columns != sorted(set(columns)):
        return None
    held = {n: cell.text for n, cell in zip(columns, cells, strict=True)}
    written = format_row([name.text for name in names], [held.get(n, "") for n in range(len(names))])
    return row_line(cells, written)


def _distance(one: Line, other: Line) -> float:
    """Return how far apart the nearest edges or the middles of two cells are, in points."""
    (x0, _, x1, _), (other_x0, _, other_x1, _) = one.box, other.box
    return min(abs(x0 - other_x0), abs(middle_of(one.box) - middle_of(other.box)), abs(x1 - other_x1))
