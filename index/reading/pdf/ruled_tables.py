"""Find tables whose cells have drawn borders, and write each row as ``column: value; …``."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.reading.formats.table_rows import numbered_rows
from index.reading.pdf.page import Line, Rectangle, middle_of
from index.reading.pdf.row_line import row_line
from index.text.normalize import one_line

MAX_RULES = 600  # of one page; with more it is a drawing, and what follows takes quadratic time
_THIN = 3.0  # points; a rule is at most so wide
_SHORT = 5.0  # points; and at least so long
_TOUCHING = 4.0  # points between rules that meet, or between the borders of two cells that are one
_MIN_BORDERS = 3  # of two columns, or of two rows
_MAX_CHARACTERS_IN_CELL = 400  # on average; more is text in frames


@dataclass(frozen=True, slots=True)
class _Grid:
    """The places of the borders between columns and rows, and the groups of cells without a border between them."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    group: dict[tuple[int, int], tuple[int, int]]  # of row and column, by its first cell

    def cell_at(self, box: Rectangle) -> tuple[int, int] | None:
        """Return the first cell of the group in which a letter stands; None outside."""
        column = bisect_right(self.xs, middle_of(box)) - 1
        row = bisect_right(self.ys, (box[1] + box[3]) / 2) - 1
        return self.group.get((row, column))


def write_ruled_tables(lines: Sequence[Line], rules: Sequence[Rectangle]) -> list[Line]:
    """Return the lines with those in the cells of a table replaced by its rows, where its first line stood."""
    rest = list(lines)
    for grid in _grids(rules) if len(rules) <= MAX_RULES else ():
        rest = _replaced(rest, grid)
    return rest


def _grids(rules: Sequence[Rectangle]) -> Iterator[_Grid]:
    for touching in _touching(rules):
        upright = [r for r in touching if r[2] - r[0] <= _THIN]
        level = [r for r in touching if r[3] - r[1] <= _THIN]
        xs, ys = _places([middle_of(r) for r in upright]), _places([(r[1] + r[3]) / 2 for r in level])
        if len(xs) >= _MIN_BORDERS and len(ys) >= _MIN_BORDERS:
            yield _Grid(xs, ys, _groups(xs, ys, upright, level))


def edges(box: Rectangle) -> Iterator[Rectangle]:
    """Yield a rule, or the four sides of a frame, as thin rectangles; nothing for what is neither."""
    x0, y0, x1, y1 = box
    if min(x1 - x0, y1 - y0) <= _THIN:
        if max(x1 - x0, y1 - y0) >= _SHORT:
            yield box
        return
    yield from ((x0, y0, x0, y1), (x1, y0, x1, y1), (x0, y0, x1, y0), (x0, y1, x1, y1))


def _touching(rules: Sequence[Rectangle]) -> Iterator[list[Rectangle]]:
    """Yield the rules that hang together."""
    left = list(dict.fromkeys(rules))
    while left:
        found, waiting = [], [left.pop()]
        while waiting:
            one = waiting.pop()
            found.append(one)
            near = [other for other in left if _meet(one, other)]
            waiting += near
            left = [other for other in left if other not in set(near)] if near else left
        yield found


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] - _TOUCHING <= other[2]
        and other[0] - _TOUCHING <= one[2]
        and one[1] - _TOUCHING <= other[3]
        and other[1] - _TOUCHING <= one[3]
    )


def _places(found: Sequence[float]) -> tuple[float, ...]:
    """Return the places, with those that nearly touch as one."""
    places: list[list[float]] = []
    for place in sorted(found):
        if places and place - places[-1][0] <= _TOUCHING:
            places[-1].append(place)
        else:
            places.append([place])
    return tuple(sum(near) / len(near) for near in places)


def _groups(
    xs: Sequence[float], ys: Sequence[float], upright: Sequence[Rectangle], level: Sequence[Rectangle]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the first cell of each cell's group: cells are one where no border is drawn between them."""
    group: dict[tuple[int, int], tuple[int, int]] = {}
    for row, (top, bottom) in enumerate(pairwise(ys)):
        for column, (left, right) in enumerate(pairwise(xs)):
            middle, height = (left + right) / 2, (top + bottom) / 2
            beside = any(abs(middle_of(r) - left) <= _TOUCHING and r[1] <= height <= r[3] for r in upright)
            above = any(abs((r[1] + r[3]) / 2 - top) <= _TOUCHING and r[0] <= middle <= r[2] for r in level)
            if not beside and column:
                group[row, column] = group[row, column - 1]
            elif not above and row:
                group[row, column] = group[row - 1, column]
            else:
                group[row, column] = (row, column)
    return group


def _replaced(lines: Sequence[Line], grid: _Grid) -> list[Line]:
    cells: dict[tuple[int, int], Line] = {}
    outside: list[Line] = []
    at = -1
    for line in lines:
        held = [(n, grid.cell_at(line.boxes[n])) for n, letter in enumerate(line.text) if not letter.isspace()]
        if line.row or all(cell is None for _, cell in held):
            outside.append(line)
            continue
        at = len(outside) if at < 0 else at
        for cell in dict.fromkeys(cell for _, cell in held):
            own = [n for n, of in held if of == cell]
            part = Line(line.text[own[0] : own[-1] + 1], line.boxes[own[0] : own[-1] + 1], line.size)
            if cell is None:
                outside.append(part)
            else:
                cells[cell] = _below(cells[cell], part) if cell in cells else part
    if len(cells) <= 1 or sum(len(cell.text) for cell in cells.values()) > _MAX_CHARACTERS_IN_CELL * len(cells):
        return list(lines)
    return [*outside[:at], *_rows(grid, cells), *outside[at:]]


def _below(above: Line, line: Line) -> Line:
    """Join a line of a cell to those above it, or the divided word at their end."""
    if above.text.endswith("\u00ad"):
        return Line(above.text[:-1] + line.text, above.boxes[:-1] + line.boxes, above.size)
    return Line(f"{above.text} {line.text}", (*above.boxes, above.boxes[-1], *line.boxes), above.size)


def _rows(grid: _Grid, cells: dict[tuple[int, int], Line]) -> Iterator[Line]:
    columns, count = len(grid.xs) - 1, len(grid.ys) - 1
    held = [[cells.get(grid.group[row, column]) for column in range(columns)] for row in range(count)]
    words = [[one_line(cell.text) if cell else "" for cell in row] for row in held]
    for number, block in numbered_rows(words):
        own = [cells[n, column] for n, column in sorted(cells) if n == number]
        if own:
            yield row_line(own, block.text)
