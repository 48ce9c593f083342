"""Name the columns of a table's rows on the next page, where only the page before names them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.reading.formats.table_rows import format_row
from index.reading.pdf.page import Line, Page
from index.reading.pdf.row_line import row_line

_BETWEEN_CELLS = " | "
_EDGE_LINES = 2  # above the first row of a page, or below the last: what stands there is a running head or foot
_MAX_DISTANCE = 3.2  # times the font's size, between the rows of a table
_NEAR = 1.0  # times the font's size: how far the edges or the middle of a cell are from those of its column's name


@dataclass(frozen=True, slots=True)
class _Cell:
    words: Line

    @property
    def places(self) -> tuple[float, float, float]:
        x0, _, x1, _ = self.words.box
        return x0, (x0 + x1) / 2, x1

    def distance(self, other: "_Cell") -> float:
        """Return how far apart their nearest edges or middles are, in points."""
        return min(abs(one - two) for one, two in zip(self.places, other.places, strict=True))


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
        if start <= _EDGE_LINES and all(named):
            whole = [*lines[:start], *(row for row in named if row), *lines[end:]]
            return whole, heading if len(lines) - end <= _EDGE_LINES else _last_heading(lines)
    return list(lines), _last_heading(lines)


def _last_heading(lines: Sequence[Line]) -> Line | None:
    """Return the row that names the columns of the table at the end of a page; None where there is none."""
    for start, end in reversed(_runs(lines)):
        if len(lines) - end > _EDGE_LINES:
            return None
        for row, below in reversed(list(pairwise(lines[start:end]))):
            names = [name.words.text for name in _cells(row)]
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
        if found and found[-1][1] == n and 0 < below <= _MAX_DISTANCE * line.size:
            found[-1] = (found[-1][0], n + 1)
        else:
            found.append((n, n + 1))
    return found


def _cells(row: Line) -> Iterator[_Cell]:
    at = 0
    for words in row.text.split(_BETWEEN_CELLS):
        yield _Cell(replace(row, text=words, boxes=row.boxes[at : at + len(words)], row=False))
        at += len(words) + len(_BETWEEN_CELLS)


def _named(row: Line, heading: Line) -> Line | None:
    """Return the row with the names of its columns; None where a cell stands below none, or two below one."""
    names = list(_cells(heading))
    cells = list(_cells(row))
    columns = [min(range(len(names)), key=lambda n: cell.distance(names[n])) for cell in cells]
    near = all(cell.distance(names[n]) <= _NEAR * row.size for cell, n in zip(cells, columns, strict=True))
    if not near or columns != sorted(set(columns)):
        return None
    held = {n: cell.words.text for n, cell in zip(columns, cells, strict=True)}
    written = format_row([name.words.text for name in names], [held.get(n, "") for n in range(len(names))])
    return row_line([cell.words for cell in cells], written)
