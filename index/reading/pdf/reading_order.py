"""Sort a page's lines into their reading order."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from index.reading.pdf.lines import split_cells
from index.reading.pdf.page import Line

MAX_STEPS_BACK = 3  # steps back up a page in which the file's own order is still trusted: a running head, a foot
MAX_LINES = 1_000  # on one page; above, the file's order is kept, since what follows takes quadratic time
MIN_COLUMN_LINES = 3  # of a column
MIN_COLUMN_CHARACTERS = 18  # characters of a column's usual line; what is narrower is a table
MAX_SHARE_ACROSS = 0.34  # share of the lines that may reach over the gap between two columns
GAP_RANGE = (0.15, 0.85)  # of the width, where that gap may lie


def sort_lines(lines: Sequence[Line]) -> list[Line]:
    """Return the lines as they are read: in the order of the file, unless it jumps about or runs across columns.

    Then columns are found by the gap between them and read one after the other, with what reaches over the gap in its
    place; without columns, from the top down. A row of a table is one line, its cells joined by `` | ``.
    """
    parts = [split_cells(line) for line in lines]
    pieces = [piece for part in parts for piece in part]
    if len(pieces) > MAX_LINES:
        return list(lines)
    untidy = _count_steps_back(lines) > MAX_STEPS_BACK
    across = sum(len(part) > 1 for part in parts) >= MIN_COLUMN_LINES
    if untidy or across:
        gap = _find_column_gap(pieces)
        if gap is not None:
            return _sort_by_columns(pieces, gap)
    # One wide gap on a page is a justified line or a leader, not a table.
    rows = [_join_row(part) for part in parts] if sum(len(part) > 1 for part in parts) > 1 else list(lines)
    return _sort_top_down(rows) if untidy else rows


def _count_steps_back(lines: Sequence[Line]) -> int:
    """Count how often the next line stands higher without standing to the right of all that came before."""
    back = 0
    for before, line in pairwise(lines):
        (_, top, right, _), (x0, y0, _, _) = before.box, line.box
        back += y0 < top - line.size and x0 < right
    return back


def _find_column_gap(pieces: Sequence[Line]) -> float | None:
    """Find the gap between two columns, measured from the left; None if there is none."""
    if len(pieces) < 2 * MIN_COLUMN_LINES:
        return None
    boxes = [piece.box for piece in pieces]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    low, high = (left + part * (right - left) for part in GAP_RANGE)
    places = {box[0] - 1 for box in boxes if low < box[0] < high}
    best: tuple[float, float] | None = None
    for place in sorted(places):
        ahead = [p for p, box in zip(pieces, boxes, strict=True) if box[2] <= place]
        after = [p for p, box in zip(pieces, boxes, strict=True) if box[0] >= place]
        over = len(pieces) - len(ahead) - len(after)
        wide = min(
            (median(len(p.text) for p in side) if len(side) >= MIN_COLUMN_LINES else 0) for side in (ahead, after)
        )
        if (
            wide >= MIN_COLUMN_CHARACTERS
            and over <= MAX_SHARE_ACROSS * len(pieces)
            and (best is None or over < best[0])
        ):
            best = (over, place)
    return None if best is None else best[1]


def _sort_by_columns(pieces: Sequence[Line], gap: float) -> list[Line]:
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []

    def flush() -> None:
        for column in (left, right):
            inner = _find_column_gap(column)
            ordered.extend(_sort_top_down(column) if inner is None else _sort_by_columns(column, inner))
            column.clear()

    for piece in sorted(pieces, key=lambda piece: piece.box[1]):
        if piece.box[2] <= gap:
            left.append(piece)
        elif piece.box[0] >= gap:
            right.append(piece)
        else:
            flush()
            ordered.append(piece)
    flush()
    return ordered


def _sort_top_down(lines: Sequence[Line]) -> list[Line]:
    """Sort rows from the top down, and join the lines of one height from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[3]):
        if rows and line.box[3] - rows[-1][0].box[3] < line.size / 3:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_join_row(sorted(row, key=lambda line: line.box[0])) for row in rows]


def _join_row(row: Sequence[Line]) -> Line:
    text, boxes = row[0].text, list(row[0].boxes)
    for cell in row[1:]:
        text += " | " + cell.text
        boxes += [boxes[-1]] * 3 + list(cell.boxes)
    return Line(text, tuple(boxes), row[0].size)
