"""Find words on the pages of a PDF, and render pages as pictures, from the file when asked."""

import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.pdf.extract import in_reading_order
from index.reading.pdf.lines import open_pdf, read_pages
from index.reading.pdf.ocr import is_ocr_installed, recognise_pages
from index.reading.pdf.page import Line, Page, Rectangle
from index.reading.sandbox import run_sandboxed
from index.schema import Document
from index.text.pages import page_sections

MAX_PIXELS = 30_000_000  # of one page's picture
MAX_RENDER_SECONDS = 30
_PAGES_OF_A_TABLE = 5  # before a page, on which the names of its columns are looked for


@dataclass(frozen=True, slots=True)
class Box:
    """A stretch of one line: its corners in points from the upper left of the page as it is shown.

    The page's number, from 1, and its size come with it, so that it can be drawn over a picture of any scale.
    """

    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    width: float
    height: float


def locate_text(path: Path, document: Document, start: int, end: int, data: bytes | None = None) -> tuple[Box, ...]:
    """Find ``document.text[start:end]`` in the PDF at ``path``, or in ``data`` in its place: a box a line.

    Letters and digits are compared, so what normalising did to the text does not matter. Empty if the file no longer
    holds these words on that page, or the document has no pages.

    Raises:
        UnreadableFileError: the file is gone, is no PDF, or is damaged.
    """
    sections = page_sections(document.sections)
    ends = [*(page.start for page in sections[1:]), len(document.text)]
    wanted = [
        {
            "page": int(page.label),
            "before": len(_letters_and_digits(document.text[page.start : max(page.start, start)])),
            "words": _letters_and_digits(document.text[max(page.start, start) : min(stop, end)]),
        }
        for page, stop in zip(sections, ends, strict=False)
        if page.label.isdigit() and page.start < end and start < stop
    ]
    if not any(part["words"] for part in wanted):
        return ()
    result = run_sandboxed(
        "index.reading.pdf.locate:find_boxes", _read(path) if data is None else data, path, json.dumps(wanted)
    )
    return tuple(Box(**held) for held in json.loads(result))


def render_page(path: Path, page: int, scale: float = 2.0, data: bytes | None = None) -> bytes:
    """Render a page, counted from 1, as a PNG of ``scale`` pixels a point, or less if that would be too large.

    Raises:
        UnreadableFileError: the file is gone, is no PDF, is damaged, or has no such page.
    """
    held = _read(path) if data is None else data
    return run_sandboxed(
        "index.reading.pdf.locate:render_png", held, path, str(page), str(scale), seconds=MAX_RENDER_SECONDS
    )


def find_boxes(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    """Find the boxes of words and return them as JSON; runs in a process of its own."""
    found: list[Box] = []
    with open_pdf(data, path) as document:
        for part in json.loads(arguments[0]):
            found += _find_on_page(document, path, part["page"], part["before"], part["words"])
    return json.dumps([asdict(box) for box in found]).encode()


def _find_on_page(document: Any, path: Path, page: int, before: int, words: str) -> list[Box]:
    """Find words on a page; in a table that goes on, the names of its columns may come from some pages before."""
    for first in dict.fromkeys((page, max(1, page - _PAGES_OF_A_TABLE))):
        # The end of a word divided between two pages stands on the page after.
        numbers = [n for n in range(first, page + 2) if n <= len(document)]
        seen = list(read_pages(document, path, numbers)) if numbers else []
        read = in_reading_order(recognise_pages(document, seen) if is_ocr_installed() else seen)[page - first :]
        if boxes := _locate(read[:1], before, words) or _locate(read, before, words):
            return boxes
    return []


def render_png(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    """Render a page as a PNG; runs in a process of its own."""
    number, scale = int(arguments[0]), float(arguments[1])
    with open_pdf(data, path) as document:
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


def _locate(found: Sequence[Page], before: int, words: str) -> list[Box]:
    letters: list[str] = []
    places: list[tuple[Page, Line, Rectangle]] = []
    for page in found:
        for line in page.lines:
            for character, box in zip(line.text, line.boxes, strict=True):
                for letter in _letters_and_digits(character):
                    letters.append(letter)
                    places.append((page, line, box))
    at = _find_nearest("".join(letters), words, before)
    return [] if at is None else list(_boxes_by_line(places[at : at + len(words)]))


def _find_nearest(text: str, words: str, expected: int) -> int | None:
    """Find the place of ``words`` that is nearest to the expected one."""
    best: int | None = None
    at = text.find(words) if words else -1
    while at >= 0 and (best is None or abs(at - expected) < abs(best - expected)):
        best = at
        at = text.find(words, at + 1)
    return best


def _boxes_by_line(places: Iterable[tuple[Page, Line, Rectangle]]) -> Iterable[Box]:
    gathered: list[tuple[Page, Line, list[Rectangle]]] = []
    for page, line, box in places:
        if gathered and gathered[-1][1] is line:
            gathered[-1][2].append(box)
        else:
            gathered.append((page, line, [box]))
    for page, _, held in gathered:
        x0, y0, x1, y1 = zip(*held, strict=True)
        yield Box(page.number, min(x0), min(y0), max(x1), max(y1), page.width, page.height)


def _letters_and_digits(text: str) -> str:
    """Keep letters and digits alone, without marks: what stays of words however they are set."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())


def _read(path: Path) -> bytes:
    from index.reading.load import read_bytes

    return read_bytes(path)
