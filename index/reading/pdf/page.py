"""Define a page of a PDF and its lines."""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

Rectangle = tuple[float, float, float, float]
Gap = tuple[float, float]  # where it begins and ends, from the left


def middle_of(box: Rectangle) -> float:
    """Return how far from the left the middle of a box is."""
    return (box[0] + box[2]) / 2


LIST_MARKER = re.compile(r"[^\w\s]|\w{1,3}[.)]|\d{1,2}(?:\.\d{1,2})+\.?")  # of a list's item


@dataclass(frozen=True)  # without slots, since it keeps what it works out
class Line:
    """A run of words at one height.

    ``boxes`` has one ``(x0, y0, x1, y1)`` a character of ``text``, in points from the upper left corner of the page as
    it is shown; ``size`` is the height of the font in points. ``row`` says that it is a row of a table,
    ``bold`` that it begins with bold letters.
    """

    text: str
    boxes: tuple[Rectangle, ...]
    size: float
    row: bool = False
    bold: bool = False

    @cached_property
    def box(self) -> Rectangle:
        """The box around all of its characters."""
        x0, y0, x1, y1 = zip(*self.boxes, strict=True)
        return min(x0), min(y0), max(x1), max(y1)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The empty places between its words: all before stands left of them, all after right of them."""
        inked = [n for n, character in enumerate(self.text) if not character.isspace()]
        starts = list(accumulate((self.boxes[n][0] for n in reversed(inked)), min))[::-1]
        ends = accumulate((self.boxes[n][2] for n in inked), max)
        return tuple(
            (left, right)
            for (last, n), left, right in zip(pairwise(inked), ends, starts[1:], strict=False)
            if n - last > 1 and right > left and not LIST_MARKER.fullmatch(self.text, inked[0], last + 1)
        )


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number from 1, its size in points as it is shown, and its lines in the order of the file.

    ``pictures`` says whether it has pictures and no text, ``right_to_left`` whether its lines run that way;
    ``rules`` are thin lines that are drawn on it, as borders of cells are.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    pictures: bool = False
    right_to_left: bool = False
    rules: tuple[Rectangle, ...] = ()
