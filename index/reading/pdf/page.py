"""Define a page of a PDF and its lines."""

from dataclasses import dataclass

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A run of words at one height.

    ``boxes`` has one ``(x0, y0, x1, y1)`` a character of ``text``, in points from the upper left corner of the page as
    it is shown; ``size`` is the height of the font in points.
    """

    text: str
    boxes: tuple[Rectangle, ...]
    size: float

    @property
    def box(self) -> Rectangle:
        """The box around all of its characters."""
        x0, y0, x1, y1 = zip(*self.boxes, strict=True)
        return min(x0), min(y0), max(x1), max(y1)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its number from 1, its size in points as it is shown, and its lines in the order of the file.

    ``pictures`` says whether it has pictures and no text, ``right_to_left`` whether its lines run that way.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    pictures: bool = False
    right_to_left: bool = False
