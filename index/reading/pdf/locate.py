"""Where words stand on the pages of a PDF, and those pages as pictures; worked out from the file when asked."""

import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.pdf.extract import ordered
from index.reading.pdf.lines import Line, Page, Rectangle, opened, pages
from index.reading.pdf.ocr import installed, recognised
from index.reading.sandbox import apart
from index.schema import Document
from index.text.pages import page_sections

MAX_PIXELS = 30_000_000  # of one page's picture
MOST_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of one line: the corners in points from the upper left of the page as it is shown, with the
    page's number from 1 and its size, so that it can be drawn over a picture of any scale.
    """

    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    height: float


def boxes(path: Path, document: Document, start: int, end: int, data: bytes | None = None) -> tuple[Box, ...]:
    """Where ``document.text[start:end]`` stands in the PDF at ``path``, or in ``data`` in its stead, line by line.

    Letters and digits are compared, so what normalising did to the text does not matter. Empty where the file
    no longer holds these words on that page, or the document has no pages.

    Raises:
        UnreadableFileError: the file is gone, is no PDF, or is damaged.
    """
    sections = page_sections(document.sections)
    ends = [*(page.start for page in sections[1:]), len(document.text)]
    wanted = [
        {
            "page": int(page.label),
            "before": len(_skeleton(document.text[page.start : max(page.start, start)])),
            "words": _skeleton(document.text[max(page.start, start) : min(stop, end)]),
        }
        for page, stop in zip(sections, ends, strict=False)
        if page.label.isdigit() and page.start < end and start < stop
    ]
    if not any(part["words"] for part in wanted):
        return ()
    result = apart("index.reading.pdf.locate:find", _read(path) if data is None else data, path, json.dumps(wanted))
    return tuple(Box(**held) for held in json.loads(result))


def render_page(path: Path, page: int, scale: float = 2.0, data: bytes | None = None) -> bytes:
    """A page, counted from 1, as a PNG of ``scale`` pixels a point, less where that would be too large.

    Raises:
        UnreadableFileError: the file is gone, is no PDF, is damaged, or has no such page.
    """
    held = _read(path) if data is None else data
    return apart("index.reading.pdf.locate:render", held, path, str(page), str(scale), seconds=MOST_SECONDS)


def find(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    """The boxes as JSON; run in a process of its own."""
    found: list[Box] = []
    with opened(data, path) as document:
        for part in json.loads(arguments[0]):
            # The end of a word divided between two pages stands on the page after.
            numbers = [n for n in (part["page"], part["page"] + 1) if n <= len(document)]
            seen = list(pages(document, path, numbers)) if numbers else []
            read = ordered(recognised(document, seen) if installed() else seen)
            found += _located(read[:1], part["before"], part["words"]) or _located(read, part["before"], part["words"])
    return json.dumps([asdict(box) for box in found]).encode()


def render(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    """The page as a PNG; run in a process of its own."""
    number, scale = int(arguments[0]), float(arguments[1])
    with opened(data, path) as document:
        if not 1 <= number <= len(document):
            raise UnreadableFileError(
                f"{path} has no page {number}: it has {len(document)}. Index it anew if it changed."
            )
        page = document[number - 1]
        width, height = page.get_size()
        most = (MAX_PIXELS / max(width * height, 1)) ** 0.5
        picture = page.render(scale=max(min(scale, most), 0.01)).to_pil()
        written = io.BytesIO()
        picture.save(written, "PNG")
    return written.getvalue()


def _located(found: Sequence[Page], before: int, words: str) -> list[Box]:
    letters: list[str] = []
    places: list[tuple[Page, Line, Rectangle]] = []
    for page in found:
        for line in page.lines:
            for character, box in zip(line.text, line.boxes, strict=True):
                for letter in _skeleton(character):
                    letters.append(letter)
                    places.append((page, line, box))
    at = _nearest("".join(letters), words, before)
    return [] if at is None else list(_by_line(places[at : at + len(words)]))


def _nearest(text: str, words: str, expected: int) -> int | None:
    """Where ``words`` stand nearest to where they are expected."""
    best: int | None = None
    at = text.find(words) if words else -1
    while at >= 0 and (best is None or abs(at - expected) < abs(best - expected)):
        best = at
        at = text.find(words, at + 1)
    return best


def _by_line(places: Iterable[tuple[Page, Line, Rectangle]]) -> Iterable[Box]:
    gathered: list[tuple[Page, Line, list[Rectangle]]] = []
    for page, line, box in places:
        if gathered and gathered[-1][1] is line:
            gathered[-1][2].append(box)
        else:
            gathered.append((page, line, [box]))
    for page, _, held in gathered:
        x0, y0, x1, y1 = zip(*held, strict=True)
        yield Box(page.number, min(x0), min(y0), max(x1), max(y1), page.width, page.height)


def _skeleton(text: str) -> str:
    """Letters and digits alone, marks taken off: what stays of words however they are set."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())


def _read(path: Path) -> bytes:
    from index.reading.load import read_bytes

    return read_bytes(path)
