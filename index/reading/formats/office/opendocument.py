"""Read OpenDocument texts, spreadsheets and presentations, as LibreOffice saves them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import Block, Reading
from index.reading.formats.table_rows import CellLimit, rows_to_blocks
from index.reading.formats.text import read_header_lines
from index.reading.formats.zip_package import damaged_error, open_package, read_member
from index.text.plural import plural

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_BREAKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
# Not shown in place: notes come after the text; deleted words and remarks are left out.
_HIDDEN_TAGS = frozenset({f"{_TEXT}note", f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}ruby-text"})
_PARAGRAPH_TAGS = frozenset({f"{_TEXT}h", f"{_TEXT}p"})
HEADER_BLOCKS = 8  # paragraphs in which a byline and a date may stand
MAX_REPEATED_CELLS = 1_000  # of one cell; empty ones are repeated to the edge of the sheet
MAX_DEPTH = 60


def read(data: bytes, path: Path) -> Reading:
    """Read ``content.xml`` (OpenDocument 1.3, part 3).

    Headings, lists, a table's rows as ``column: value; …``, a page for each slide and sheet, notes after the text.

    Raises:
        UnreadableFileError: damaged, encrypted, too large inside, or no OpenDocument.
    """
    package = open_package(data, path, "OpenDocument")
    manifest = "META-INF/manifest.xml"
    if manifest in package.namelist() and b"encryption-data" in read_member(package, manifest, path, "OpenDocument"):
        raise UnreadableFileError(f"{path} is encrypted. Open it, save a copy without a password and add that.")
    # lxml meets arbitrary files here; whatever it trips over, the file is at fault.
    try:
        body = _tree(read_member(package, "content.xml", path, "OpenDocument")).find(f"{_OFFICE}body")
        blocks = (*_blocks(body, CellLimit(path), 0), *_notes(body))
        stated = (
            _metadata(_tree(read_member(package, "meta.xml", path, "OpenDocument")))
            if "meta.xml" in package.namelist()
            else {}
        )
    except UnreadableFileError:
        raise
    except Exception as error:
        raise damaged_error(path, "OpenDocument") from error
    title = stated.pop("title", "")
    remarks = sum(1 for _ in body.iter(f"{_OFFICE}annotation"))
    struck = sum(1 for _ in body.iter(f"{_TEXT}deletion"))
    empty = _uncalculated(body)
    left_out = (
        plural(remarks, "comment") if remarks else "",
        plural(struck, "tracked deletion") if struck else "",
        f"{plural(empty, 'formula')} without a stored result" if empty else "",
    )
    if any(left_out):
        stated["note"] = f"Left out: {' and '.join(filter(None, left_out))}."
    # A date in the text is the article's; the one in the properties is the file's.
    above = read_header_lines(block.text for block in blocks[:HEADER_BLOCKS] if block.text)
    return Reading(blocks, title, {**stated, **above})


def _metadata(meta: Any) -> dict[str, str]:
    said = {
        name: next((" ".join((e.text or "").split()) for e in meta.iter(f"{{*}}{name}") if e.text), "")
        for name in ("title", "initial-creator", "creator", "creation-date", "date", "language")
    }
    return {
        "title": said["title"],
        "author": said["initial-creator"] or said["creator"],
        "file_date": (said["creation-date"] or said["date"])[:10],
        "lang": said["language"],
    }


def _blocks(parent: Any, counted: CellLimit, depth: int, *, listed: bool = False) -> Iterator[Block]:
    if depth > MAX_DEPTH:
        return
    first = True
    for child in parent.iterchildren(tag=None):
        if not isinstance(child.tag, str) or child.tag in _HIDDEN_TAGS:
            continue
        if child.tag in _PARAGRAPH_TAGS:
            text = _text(child).strip()
            if text:
                level = _level(child)
                words = f"- {text}" if listed and first else text
                yield Block(words, "heading" if level else "text", tight=listed, level=level)
                first = False
        elif child.tag == f"{_TEXT}list":
            items = [block for item in child for block in _blocks(item, counted, depth + 1, listed=True)]
            yield from (replace(b, tight=b.tight and n > 0) for n, b in enumerate(items))
        elif child.tag == f"{_TABLE}table":
            sheet = parent.tag == f"{_OFFICE}spreadsheet"
            name = child.get(f"{_TABLE}name", "") if sheet else ""
            if sheet:
                yield Block("", "page", f"sheet {name}")
                yield Block(name, "heading")
            yield from rows_to_blocks(counted(_rows(child)))
        else:
            if child.tag == f"{_DRAW}page":
                number = 1 + sum(1 for _ in child.itersiblings(f"{_DRAW}page", preceding=True))
                yield Block("", "page", f"slide {number}")
            yield from _blocks(child, counted, depth + 1)


def _level(paragraph: Any) -> int:
    """Return the level of a heading, and 0 for other paragraphs."""
    if paragraph.tag != f"{_TEXT}h":
        return 0
    stated = paragraph.get(f"{_TEXT}outline-level", "1")
    return max(1, int(stated)) if stated.isdecimal() else 1


def _rows(table: Any) -> Iterator[list[str]]:
    """Yield the cells of each row, a merged cell in every place that it covers (OpenDocument 1.3, 9.1.4 and 9.1.5)."""
    covered: dict[int, tuple[int, str]] = {}  # by column: how many rows below hold these words too
    for row in table.iter(f"{_TABLE}table-row"):
        cells: list[str] = []
        now, covered = covered, {}
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            words = " ".join(filter(None, (_text(p).strip() for p in cell.iter(f"{_TEXT}p", f"{_TEXT}h"))))
            # A cell with a date stores the day itself beside the text that is shown.
            words = cell.get(f"{_OFFICE}date-value", words or _stored_value(cell))
            for _ in range(min(int(cell.get(f"{_TABLE}number-columns-repeated", "1")), MAX_REPEATED_CELLS)):
                here = now.pop(len(cells), None)
                if here is not None and cell.tag == f"{_TABLE}covered-table-cell":
                    words, rows = here[1], here[0]
                else:
                    rows = _span(cell, "rows")
                    for column in range(len(cells) + 1, len(cells) + _span(cell, "columns")):
                        now[column] = (rows, words)
                if rows > 1:
                    covered[len(cells)] = (rows - 1, words)
                cells.append(words)
        yield cells


def _stored_value(cell: Any) -> str:
    """Return a value that is stored without the text that shows it, as programs do that only write files."""
    value = cell.get(f"{_OFFICE}value", "")
    kind = cell.get(f"{_OFFICE}value-type", "")
    try:
        number = float(value)
    except ValueError:
        return str(cell.get(f"{_OFFICE}string-value") or cell.get(f"{_OFFICE}time-value") or "")
    if kind == "percentage":
        return f"{number * 100:.10g}%"
    return f"{number:.12g} {cell.get(f'{_OFFICE}currency', '') if kind == 'currency' else ''}".rstrip()


def _uncalculated(body: Any) -> int:
    """Count the formulas that have no stored result."""
    cells = body.iterfind(f".//{_TABLE}table-cell[@{_TABLE}formula]")
    return sum(1 for cell in cells if not cell.get(f"{_OFFICE}value-type") and not "".join(cell.itertext()).strip())


def _span(cell: Any, what: str) -> int:
    return min(int(cell.get(f"{_TABLE}number-{what}-spanned", "1")), MAX_REPEATED_CELLS)


def _text(element: Any) -> str:
    from lxml import etree  # type: ignore[import-untyped]

    parts: list[str] = []
    unseen: Any = None
    for event, part_ in etree.iterwalk(element, events=("start", "end")):
        if event == "start" and unseen is None:
            if part_.tag in _HIDDEN_TAGS:
                unseen = part_
            elif part_.tag == f"{_TEXT}s":
                parts.append(" " * min(int(part_.get(f"{_TEXT}c", "1")), 80))
            else:
                parts.append(_BREAKS.get(part_.tag, "") + (part_.text or ""))
        elif event == "end":
            unseen = None if part_ is unseen else unseen
            if unseen is None and part_ is not element:
                parts.append(part_.tail or "")
    return "".join(parts)


def _notes(body: Any) -> Iterator[Block]:
    for note in body.iter(f"{_TEXT}note-body"):
        yield Block(" ".join(filter(None, (_text(p).strip() for p in note.iter(f"{_TEXT}p")))))


def _tree(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
