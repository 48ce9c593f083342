"""Sort a page's lines into their reading order."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.reading.pdf.page import Line, Rectangle
from index.reading.pdf.ruled_tables import write_ruled_tables
from index.reading.pdf.tables import cut_line, write_tables

MAX_STEPS_BACK = 3  # steps back up a page in which the file's own order is still trusted: a running head, a foot
MAX_LINES = 1_000  # on one page; above, the file's order is kept, since what follows takes quadratic time
MIN_COLUMN_LINES = 3  # of a column
MIN_COLUMN_CHARACTERS = 18  # characters of a column's usual line; what is narrower is a table
MAX_SHARE_ACROSS = 0.34  # share of the lines that may reach over the gap between two columns
GAP_RANGE = (0.15, 0.85)  # of the width, where that gap may lie
MIN_COLUMN_GAP = 1.3  # times the font's size
MIN_FILLED = 0.5  # share of a column's lines that reach over most of its width, as running text does
_MOST_OF_WIDTH = 0.6
_SAME_PLACE = 2.0  # points


def sort_lines(lines: Sequence[Line], rules: Sequence[Rectangle] = ()) -> list[Line]:
    """Return the lines as they are read: in the order of the file, unless it jumps about or runs across columns.

    Then columns are found by the gap between them and read one after the other, with what reaches over the gap in its
    place; without columns, from the top down. A row of a table is one line, see ``index.reading.pdf.tables``;
    ``rules`` are the lines that are drawn on the page.
    """
    if len(lines) > MAX_LINES:
        return list(lines)
    lines = write_ruled_tables(lines, rules)
    untidy = _count_steps_back(lines) > MAX_STEPS_BACK
    across = sum(any(right - left > MIN_COLUMN_GAP * line.size for left, right in line.gaps) for line in lines)
    if untidy or across >= MIN_COLUMN_LINES:
        gap = _find_column_gap(lines)
        if gap is not None:
            return _sort_by_columns(lines, gap)
    return write_tables(_rows(sorted(lines, key=lambda line: line.box[3]) if untidy else lines))


def _count_steps_back(lines: Sequence[Line]) -> int:
    """Count how often the next line stands higher without standing to the right of all that came before."""
    back = 0
    for before, line in pairwise(lines):
        (_, top, right, _), (x0, y0, _, _) = before.box, line.box
        back += y0 < top - line.size and x0 < right
    return back


def _find_column_gap(lines: Sequence[Line]) -> float | None:
    """Find the gap between two columns, measured from the left; None if there is none.

    A line stands on one side of it, or has a gap of its own there; only a few reach over it.
    """
    if len(lines) < MIN_COLUMN_LINES:
        return None
    boxes = [line.box for line in lines]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    low, high = (left + part * (right - left) for part in GAP_RANGE)
    wide = [[gap for gap in line.gaps if gap[1] - gap[0] > MIN_COLUMN_GAP * line.size] for line in lines]
    places = {round(x0 / _SAME_PLACE) for x0, _, _, _ in boxes} | {round(b / _SAME_PLACE) for f in wide for _, b in f}
    best: tuple[float, float] | None = None
    for place in (at * _SAME_PLACE - 1 for at in sorted(places)):
        if not low < place < high:
            continue
        over = sum(
            box[0] < place < box[2] and not any(a <= place <= b for a, b in found)
            for box, found in zip(boxes, wide, strict=True)
        )
        if over > MAX_SHARE_ACROSS * len(lines) or (best is not None and over >= best[0]):
            continue
        if _parts_text(lines, boxes, place):
            best = (over, place)
    return None if best is None else best[1]


def _parts_text(lines: Sequence[Line], boxes: Sequence[tuple[float, ...]], place: float) -> bool:
    """Tell whether running text stands on both sides of ``place``: long lines, most of which fill their column."""
    sides: tuple[list[Line], list[Line]] = ([], [])
    for line, box in zip(lines, boxes, strict=True):
        for side, part in zip(sides, cut_line(line, [place]), strict=True):
            if part is not None and (box[2] <= place or box[0] >= place or part is not line):
                side.append(part)
    for side in sides:
        if len(side) < MIN_COLUMN_LINES or median(len(part.text) for part in side) < MIN_COLUMN_CHARACTERS:
            return False
        widths = [part.box[2] - part.box[0] for part in side]
        widest = sorted(widths)[int(0.9 * (len(widths) - 1))]
        if sum(width >= _MOST_OF_WIDTH * widest for width in widths) < MIN_FILLED * len(widths):
            return False
    return True


def _sort_by_columns(lines: Sequence[Line], gap: float) -> list[Line]:
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []

    def flush() -> None:
        for column in (left, right):
            inner = _find_column_gap(column)
            below = sorted(column, key=lambda line: line.box[3])
            ordered.extend(write_tables(_rows(below)) if inner is None else _sort_by_columns(column, inner))
            column.clear()

    for line in sorted(lines, key=lambda line: line.box[1]):
        parted = any(a <= gap <= b and b - a > MIN_COLUMN_GAP * line.size for a, b in line.gaps)
        if line.box[0] < gap < line.box[2] and not parted:
            flush()
            ordered.append(line)
            continue
        for column, part in zip((left, right), cut_line(line, [gap]), strict=True):
            column.extend([part] if part is not None else [])
    flush()
    return ordered


def _rows(lines: Sequence[Line]) -> list[Line]:
    """Join lines that follow one another at one height to a row, from left to right."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and not (line.row or rows[-1][0].row) and abs(line.box[3] - rows[-1][0].box[3]) < line.size / 3:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_join_row(sorted(row, key=lambda line: line.box[0])) for row in rows]


def _join_row(row: Sequence[Line]) -> Line:
    if len(row) == 1:
        return row[0]
    text, boxes = row[0].text, list(row[0].boxes)
    for line in row[1:]:
        _, y0, x1, y1 = boxes[-1]
        text += " " + line.text
        boxes += [(x1, y0, x1, y1), *line.boxes]
    return Line(text, tuple(boxes), median(line.size for line in row), bold=all(line.bold for line in row))
