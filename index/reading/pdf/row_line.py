"""Make the line of a table's row, so that its words are found where their cells stand."""

from collections.abc import Sequence

from index.reading.pdf.page import Line, Rectangle
from index.text.normalize import one_line

_BEFORE_A_CELL = (": ", "; ", " | ")
_AFTER_A_CELL = ("", "; ", " |", ": ")


def row_line(cells: Sequence[Line], written: str) -> Line:
    """Return ``written`` as a line: the letters of its ``cells``, in order, have their boxes.

    What is added, such as the name of a column, has the box of the letter that follows.
    """
    boxes: list[Rectangle] = []
    for cell in cells:
        words = one_line(cell.text)
        at = _place_of_cell(written, words, len(boxes))
        if at >= 0:
            own = cell.boxes if len(words) == len(cell.text) else cell.boxes[:1] * len(words)
            boxes += [own[0]] * (at - len(boxes)) + list(own)
    boxes += [boxes[-1] if boxes else cells[0].boxes[0]] * (len(written) - len(boxes))
    return Line(written, tuple(boxes), cells[0].size, row=True)


def _place_of_cell(written: str, words: str, start: int) -> int:
    """Return where a cell's words stand by themselves in ``written``; -1 for nowhere."""
    at = written.find(words, start)
    while at >= 0:
        begins = at == 0 or written.endswith(_BEFORE_A_CELL, 0, at)
        if begins and written[at + len(words) : at + len(words) + 2] in _AFTER_A_CELL:
            break
        at = written.find(words, at + 1)
    return at
