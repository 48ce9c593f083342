"""Find tables among the lines of a page, and write each row as ``column: value; …``.

A table is known by its columns: gaps that recur at the same place in line after line, with words on an edge beside
them. A gap in one line alone, as justified lines have, parts nothing.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.reading.formats.table_rows import heading_rows, is_value, numbered_rows
from index.reading.pdf.page import Gap, Line, middle_of
from index.reading.pdf.row_line import row_line
from index.text.normalize import one_line

_MIN_CORRIDOR = 0.2  # times the font's size: what stays empty between two columns in all rows
_CELL_GAP = 0.75  # times the font's size; a gap that is wider than the space between words
_WIDE_GAP = 1.5  # times the font's size; with gaps this wide, two rows are a table
_LONE_GAP = 4.0  # times the font's size; a gap this wide parts words even in a single line
_MIN_ROWS = 3
MAX_ROW_DISTANCE = 3.2  # times the font's size, between the rows of a table
_SAME_SIZE = 0.1  # share by which the fonts of a table's rows differ
_EDGE = 2.0  # points by which edges on one line differ
_MIN_ON_EDGE = 0.6  # share of a column's cells that begin, end or have their middle at one place
_MANY_WORDS = 6  # in a row without gaps between cells
_MAX_HEADING_ROWS = 2  # above the rows, with cells that stand over several columns
_MAX_CHARACTERS_IN_CELL = 90  # on average; more is text in columns


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows ``start`` to ``end`` of a page, and the gaps between the columns that they share."""

    start: int
    end: int
    gaps: tuple[Gap, ...]

    @property
    def cells(self) -> int:
        return (self.end - self.start) * (len(self.gaps) + 1)


def write_tables(rows: Sequence[Line]) -> list[Line]:
    """Return the rows of a column of text, from the top down, with those of tables written as ``column: value; …``."""
    found: list[Line] = []
    at = 0
    while at < len(rows):
        near = any(map(_has_cells, rows[at : at + 2]))
        run = _table_at(rows, at) if near else None
        if run is None:
            found.append(_part_far_words(rows[at]))
            at += 1
            continue
        first = _first_heading_row(rows, run, at)
        found += map(_part_far_words, rows[at:first])
        found += _written(rows[first : run.end], run)
        at = run.end
    return found


def cut_line(line: Line, places: Sequence[float], gaps: Sequence[Gap] | None = None) -> list[Line | None]:
    """Cut a line at those ``places``, from the left, where it has a gap; None where nothing stands between two.

    What reaches over a place stays with what stands left of it.
    """
    held = line.gaps if gaps is None else gaps
    x0, _, x1, _ = line.box
    if not any(x0 < at < x1 for at in places):
        column = sum(at <= x0 for at in places)
        return [line if n == column else None for n in range(len(places) + 1)]
    closed = {n for n, at in enumerate(places) if x0 < at < x1 and not any(a <= at <= b for a, b in held)}
    parts: list[list[int]] = [[] for _ in range(len(places) + 1)]
    for n, character in enumerate(line.text):
        if not character.isspace():
            column = bisect_left(places, middle_of(line.boxes[n]))
            while column - 1 in closed:
                column -= 1
            parts[column].append(n)
    return [_part(line, part[0], part[-1] + 1) if part else None for part in parts]


def _part(line: Line, start: int, end: int) -> Line:
    return replace(line, text=line.text[start:end], boxes=line.boxes[start:end])


def _part_far_words(line: Line) -> Line:
    if line.row:
        return line
    far = [gap for gap in line.gaps if gap[1] - gap[0] > _LONE_GAP * line.size]
    cells = [cell for cell in cut_line(line, [_middle(gap) for gap in far]) if cell]
    return line if len(cells) == 1 else row_line(cells, " | ".join(one_line(cell.text) for cell in cells))


def _middle(gap: Gap) -> float:
    return (gap[0] + gap[1]) / 2


def _table_at(rows: Sequence[Line], at: int) -> _Run | None:
    """Return the table that begins with row ``at``, or one row later if that is more of a table."""
    if rows[at].row:
        return None
    here = _grow(rows, at)
    after = _grow(rows, at + 1) if at + 1 < len(rows) and _has_cells(rows[at]) else None
    return max((run for run in (after, here) if run), key=lambda run: run.cells, default=None)


def _has_cells(row: Line) -> bool:
    return any(right - left > _CELL_GAP * row.size for left, right in row.gaps)


def _is_running_text(row: Line) -> bool:
    return len(row.gaps) >= _MANY_WORDS and not _has_cells(row)


def _grow(rows: Sequence[Line], at: int) -> _Run | None:
    """Take rows as long as the gaps between columns go on; None if this is no table."""
    if _is_running_text(rows[at]):
        return None
    shared = _with_margins(rows[at])
    end = at + 1
    while end < len(rows) and _goes_on(rows[end - 1], rows[end]):
        narrowed = _shared(shared, _with_margins(rows[end]), _MIN_CORRIDOR * rows[at].size)
        running = _is_running_text(rows[end])
        if running or not _inner(narrowed) or (end - at > 1 and _loses_column(rows[at:end], shared, narrowed)):
            # A row of one cell that reaches over columns, such as the name of a group, with more rows below.
            over = end + 1 < len(rows) and not _has_cells(rows[end]) and _goes_on(rows[end], rows[end + 1])
            below = _with_margins(rows[end + 1]) if over else []
            kept = _shared(shared, below, _MIN_CORRIDOR * rows[at].size)
            if end - at < _MIN_ROWS or not over or _loses_column(rows[at:end], shared, kept):
                break
            narrowed, end = kept, end + 1
        shared, end = narrowed, end + 1
    while end > at and not _has_cells(rows[end - 1]):
        end -= 1
    columns = _columns(rows[at:end], _inner(shared))
    return _Run(at, end, columns) if columns and _is_table(rows[at:end], columns) else None


def _loses_column(rows: Sequence[Line], shared: Sequence[Gap], narrowed: Sequence[Gap]) -> bool:
    """Tell whether a gap that parts columns in ``rows`` is not among the ``narrowed`` ones any more."""
    lost = {gap for gap in _inner(shared) if not any(gap[0] <= _middle(left) <= gap[1] for left in narrowed)}
    return bool(lost) and any(gap in lost for gap in _columns(rows, _inner(shared)))


def _goes_on(before: Line, row: Line) -> bool:
    down = row.box[3] - before.box[3]
    if row.row or before.row:
        return False
    alike = abs(row.size - before.size) <= _SAME_SIZE * max(row.size, before.size)
    return alike and 0 < down <= MAX_ROW_DISTANCE * row.size


def _with_margins(row: Line) -> list[Gap]:
    x0, _, x1, _ = row.box
    return [(float("-inf"), x0), *row.gaps, (x1, float("inf"))]


def _shared(some: Sequence[Gap], others: Sequence[Gap], least: float) -> list[Gap]:
    crossed = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return sorted(gap for gap in crossed if gap[1] - gap[0] >= least)


def _inner(gaps: Sequence[Gap]) -> list[Gap]:
    return [gap for gap in gaps if gap[0] > float("-inf") and gap[1] < float("inf")]


def _columns(rows: Sequence[Line], shared: Sequence[Gap]) -> tuple[Gap, ...]:
    """Leave out of the ``shared`` gaps, one after the other, those that part no columns."""
    columns = list(shared)
    while columns:
        cut = [cut_line(row, [_middle(gap) for gap in columns]) for row in rows]
        bad = next((n for n in range(len(columns)) if not _parts_columns(rows, cut, columns, n)), None)
        if bad is None:
            break
        del columns[bad]
    return tuple(columns)


def _parts_columns(rows: Sequence[Line], cut: Sequence[Sequence[Line | None]], gaps: Sequence[Gap], n: int) -> bool:
    """Tell whether gap ``n`` parts columns: cells beside it are farther apart than words, and stand on an edge."""
    both = [row for row, cells in zip(rows, cut, strict=True) if cells[n] and cells[n + 1]]
    apart = sum(_next_to(row, gaps[n])[1] - _next_to(row, gaps[n])[0] > _CELL_GAP * row.size for row in both)
    right = [cells[n + 1] for cells in cut]
    return apart > 0 and 2 * apart >= len(both) and _on_edge([(c.box[0], c.box[2]) for c in right if c])


def _next_to(row: Line, gap: Gap) -> Gap:
    """Return the empty place in ``row`` that holds ``gap``."""
    middle = _middle(gap)
    return next((g for g in row.gaps if g[0] <= middle <= g[1]), (middle, middle))


def _on_edge(cells: Sequence[Gap]) -> bool:
    places = ([x0 for x0, _ in cells], [x1 for _, x1 in cells], [(x0 + x1) / 2 for x0, x1 in cells])
    return any(_most_at_one_place(found) >= max(2, _MIN_ON_EDGE * len(cells)) for found in places)


def _most_at_one_place(places: Sequence[float]) -> int:
    return max(sum(abs(one - other) <= _EDGE for other in places) for one in places)


def _is_table(rows: Sequence[Line], columns: Sequence[Gap]) -> bool:
    cells = [[cell for cell in cut_line(row, [_middle(gap) for gap in columns]) if cell] for row in rows]
    full = sum(len(row) > 1 for row in cells)
    wide = all(_next_to(row, gap)[1] - _next_to(row, gap)[0] > _WIDE_GAP * row.size for row in rows for gap in columns)
    lengths = [len(cell.text) for row in cells for cell in row]
    return (
        full >= (2 if wide else _MIN_ROWS)
        and 2 * full > len(rows)
        and sum(lengths) <= _MAX_CHARACTERS_IN_CELL * len(lengths)
    )


def _first_heading_row(rows: Sequence[Line], run: _Run, at: int) -> int:
    """Return the first of the rows from ``at`` on that stand over the columns of ``run`` as their headings."""
    first = run.start
    while first > at and run.start - first < _MAX_HEADING_ROWS:
        row, below = rows[first - 1], rows[first]
        if not (_goes_on(row, below) and _has_cells(row)):
            break
        first -= 1
    return first


def _written(rows: Sequence[Line], run: _Run) -> Iterator[Line]:
    places = [_middle(gap) for gap in run.gaps]
    cut = [cut_line(row, places, [] if _is_running_text(row) else None) for row in rows]
    words = [[one_line(cell.text) if cell else "" for cell in row] for row in cut]
    heads = max(len(rows) - (run.end - run.start), 1)
    spread = [
        _spread(row, own, words[n + 1] if n + 1 < len(words) else [], places)
        for n, (row, own) in enumerate(zip(cut[:heads], words[:heads], strict=True))
    ]
    over_columns = [*spread, *words[heads:]]
    headed = _has_headings(rows, over_columns)
    for n, block in numbered_rows(over_columns if headed else words, headed=headed):
        yield row_line([cell for cell in cut[n] if cell], block.text)


def _has_headings(rows: Sequence[Line], words: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row or two name the columns: they are bold, or numbers stand in a column below them."""
    count = heading_rows(words)
    below = words[count:]
    if not count or not below:
        return False
    bold = rows[0].bold and not any(row.bold for row in rows[count:])
    amounts = max((sum(is_value(row[n]) for row in below if n < len(row)) for n in range(len(words[0]))), default=0)
    return bold or 2 * amounts > len(below)


def _spread(row: Sequence[Line | None], words: list[str], below: Sequence[str], places: Sequence[float]) -> list[str]:
    """Write a heading in each column that it stands over: those its letters reach over, or up to the next heading."""
    spread = list(words)
    for n, cell in enumerate(row):
        if cell is None:
            continue
        reached = n + sum(cell.box[2] > place for place in places[n:])
        before = n - sum(cell.box[0] < place for place in places[:n])
        spread[before : reached + 1] = [words[n]] * (reached + 1 - before)
    if below and all(below[1:]) and not all(spread[1:]):
        for n in range(2, len(spread)):
            spread[n] = spread[n] or spread[n - 1]
    return spread
