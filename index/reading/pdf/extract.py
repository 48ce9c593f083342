"""Turn a PDF's bytes into blocks, in a process of its own."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import Block, Reading
from index.reading.formats.text import read_header_lines
from index.reading.pdf.continued_tables import continue_tables
from index.reading.pdf.headers_footers import drop_headers_footers
from index.reading.pdf.lines import open_pdf, read_pages
from index.reading.pdf.ocr import is_ocr_installed, recognise_pages
from index.reading.pdf.page import Page
from index.reading.pdf.paragraphs import pages_to_blocks
from index.reading.pdf.reading_order import sort_lines
from index.reading.pdf.right_to_left import mirrored

# What programs write into the title field when there is no title.
_NOT_A_TITLE = re.compile(
    r"\W*|untitled\W*|document\d*|microsoft (?:word|powerpoint|excel)\b.*"
    r"|.*\.(?:docx?|odt|rtf|pptx?|xlsx?|ps|tex|indd|qxd|html?|pdf)",
    re.IGNORECASE,
)
_DAY = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
HEADER_BLOCKS = 8  # blocks in which a byline and a date may stand
MAX_LISTED_PAGES = 12  # page numbers that a note names


def read(data: bytes, path: Path, _: tuple[str, ...] = ()) -> bytes:
    """Read a PDF and return the ``Reading`` as JSON; see ``index.reading.formats.pdf``."""
    reading = _extract(data, path)
    return json.dumps(asdict(reading), ensure_ascii=False).encode("utf-8", "surrogatepass")


def reading_from_json(result: bytes) -> Reading:
    """Parse the ``Reading`` that ``read`` wrote."""
    held = json.loads(result.decode("utf-8", "surrogatepass"))
    return Reading(tuple(Block(**block) for block in held["blocks"]), held["title"], held["metadata"])


def in_reading_order(found: Sequence[Page]) -> list[Page]:
    """Return the pages, which follow one another, with their lines in reading order."""
    laid_out = (replace(page, lines=tuple(sort_lines(page.lines, page.rules))) for page in map(_laid_out, found))
    return list(map(_laid_out, continue_tables(list(laid_out))))


def _laid_out(page: Page) -> Page:
    """Return the page with lines that run from left to right, which is how layouts are read here."""
    return mirrored(page) if page.right_to_left else page


def _extract(data: bytes, path: Path) -> Reading:
    with open_pdf(data, path) as document:
        seen = list(read_pages(document, path))
        found = recognise_pages(document, seen) if is_ocr_installed() else seen
        stated = _metadata(document)
    note = " ".join(filter(None, (_note_on_ocr(seen, found), _note_on_scans(found, path))))
    blocks = tuple(pages_to_blocks(map(_laid_out, drop_headers_footers(in_reading_order(found)))))
    title = stated.pop("title", "")
    # A date in the text is the article's; the one in the properties is the file's.
    above = read_header_lines(block.text for block in blocks[:HEADER_BLOCKS] if block.text)
    return Reading(blocks, title, {**stated, **above, **({"note": note} if note else {})})


def _note_on_scans(found: Sequence[Page], path: Path) -> str:
    """Say which pages hold only pictures. Raises UnreadableFileError if none holds text."""
    scanned = [page.number for page in found if page.pictures and not page.lines]
    advice = f"ocrmypdf '{path.name}' 'text-{path.name}'" + (
        "" if is_ocr_installed() else ', or pip install "onrecord[ocr]"'
    )
    if not any(page.lines for page in found):
        if scanned:
            raise UnreadableFileError(
                f"{path} holds no text: {len(scanned)} of {len(found)} pages hold only images, as scans do. "
                f"Have their text recognised when scanning (“searchable PDF”), or run: {advice}"
            )
        raise UnreadableFileError(
            f"{path} holds no text on its {len(found)} pages. Remove it or export it anew with text."
        )
    if not scanned:
        return ""
    return (
        f"{len(scanned)} of {len(found)} pages hold only images and were not read ({_list_pages(scanned)}). "
        f"Have their text recognised when scanning (“searchable PDF”), or run: {advice}"
    )


def _note_on_ocr(seen: Sequence[Page], found: Sequence[Page]) -> str:
    read = [page.number for page, before in zip(found, seen, strict=True) if page.lines and not before.lines]
    if not read:
        return ""
    said = f"{len(read)} of {len(found)} pages are images whose text was recognised and may be wrong"
    return f"{said} ({_list_pages(read)})."


def _list_pages(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:MAX_LISTED_PAGES])) + (", …" if len(numbers) > MAX_LISTED_PAGES else "")


def _metadata(document: Any) -> dict[str, str]:
    title, author, made = (_property(document, name) for name in ("Title", "Author", "CreationDate"))
    day = _DAY.match(made)
    return {
        **({} if _NOT_A_TITLE.fullmatch(title) else {"title": title}),
        **({"author": author} if author else {}),
        **({"file_date": "-".join(filter(None, day.groups()))} if day else {}),
    }


def _property(document: Any, name: str) -> str:
    try:
        return str(document.get_metadata_value(name)).strip()
    except UnicodeError:  # damaged; the text may well be whole
        return ""
