"""A PDF's bytes to blocks, run in a process of its own."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import Block, Reading
from index.reading.formats.text import read_header_lines
from index.reading.pdf.headers_footers import drop_headers_footers
from index.reading.pdf.lines import Page, opened, pages
from index.reading.pdf.ocr import installed, recognised
from index.reading.pdf.paragraphs import blocks_of
from index.reading.pdf.reading_order import in_order

# What programs put where a title belongs.
_NO_TITLE = re.compile(
    r"\W*|untitled\W*|document\d*|microsoft (?:word|powerpoint|excel)\b.*"
    r"|.*\.(?:docx?|odt|rtf|pptx?|xlsx?|ps|tex|indd|qxd|pdf)",
    re.IGNORECASE,
)
_DAY = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
HEAD = 8  # blocks in which a byline and a date may stand
LISTED = 12  # page numbers that a note names


def read(data: bytes, path: Path, _: tuple[str, ...] = ()) -> bytes:
    """The reading as JSON; ``index.reading.formats.pdf`` has what is read and what is refused."""
    reading = _reading(data, path)
    return json.dumps(asdict(reading), ensure_ascii=False).encode("utf-8", "surrogatepass")


def decoded(result: bytes) -> Reading:
    """The reading that ``read`` wrote."""
    held = json.loads(result.decode("utf-8", "surrogatepass"))
    return Reading(tuple(Block(**block) for block in held["blocks"]), held["title"], held["metadata"])


def ordered(found: Sequence[Page]) -> list[Page]:
    """The pages with their lines in reading order."""
    return [replace(page, lines=tuple(in_order(page.lines))) for page in found]


def _reading(data: bytes, path: Path) -> Reading:
    with opened(data, path) as document:
        seen = list(pages(document, path))
        found = recognised(document, seen) if installed() else seen
        stated = _metadata(document)
    note = " ".join(filter(None, (_recognised(seen, found), _unread(found, path))))
    blocks = tuple(blocks_of(drop_headers_footers(ordered(found))))
    title = stated.pop("title", "")
    # The day in the text is that of the article, the one in the properties that of the file.
    above = read_header_lines(block.text for block in blocks[:HEAD] if block.text)
    return Reading(blocks, title, {**stated, **above, **({"note": note} if note else {})})


def _unread(found: Sequence[Page], path: Path) -> str:
    """Which pages hold only pictures, in words. Raises UnreadableFileError where none holds text."""
    scanned = [page.number for page in found if page.pictures and not page.lines]
    advice = f"ocrmypdf '{path.name}' 'text-{path.name}'" + ("" if installed() else ', or pip install "onrecord[ocr]"')
    if not any(page.lines for page in found):
        if scanned:
            raise UnreadableFileError(
                f"{path} holds no text: {len(scanned)} of {len(found)} pages hold only images, as scans do. "
                f"Recognise their text first, for example: {advice}"
            )
        raise UnreadableFileError(
            f"{path} holds no text on its {len(found)} pages. Remove it or export it anew with text."
        )
    if not scanned:
        return ""
    return (
        f"{len(scanned)} of {len(found)} pages hold only images and were not read ({_listed(scanned)}). "
        f"Recognise their text first, for example: {advice}"
    )


def _recognised(seen: Sequence[Page], found: Sequence[Page]) -> str:
    read = [page.number for page, before in zip(found, seen, strict=True) if page.lines and not before.lines]
    if not read:
        return ""
    return f"{len(read)} of {len(found)} pages are images whose text was recognised and may be wrong ({_listed(read)})."


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:LISTED])) + (", …" if len(numbers) > LISTED else "")


def _metadata(document: Any) -> dict[str, str]:
    title, author, made = (_property(document, name) for name in ("Title", "Author", "CreationDate"))
    day = _DAY.match(made)
    return {
        **({} if _NO_TITLE.fullmatch(title) else {"title": title}),
        **({"author": author} if author else {}),
        **({"date": "-".join(filter(None, day.groups()))} if day else {}),
    }


def _property(document: Any, name: str) -> str:
    try:
        return str(document.get_metadata_value(name)).strip()
    except UnicodeError:  # damaged; the text may well be whole
        return ""
