"""Read Word documents: headings, lists, tables, footnotes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.reading.formats.base import Block, Reading, import_optional
from index.reading.formats.table_rows import rows_to_blocks
from index.reading.formats.text import read_header_lines
from index.reading.formats.zip_package import damaged_error, open_package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE_TAGS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
# Words that were struck out, codes of fields, and a second copy of text boxes for old programs.
_HIDDEN_TAGS = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText"})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop) ?(?P<level>\d)|title|titel", re.IGNORECASE)
HEADER_BLOCKS = 8  # paragraphs in which a byline and a date may stand
MAX_DEPTH = 40  # tables in tables


def read(data: bytes, path: Path) -> Reading:
    """Read the words that a Word document shows: insertions, not deletions; notes after the text.

    A table's rows become ``column: value; …``. Title, author and date come from its properties.

    Raises:
        UnreadableFileError: damaged, encrypted, too large inside, or no Word document.
    """
    library = import_optional("docx", path, "python-docx")
    open_package(data, path, "Word").close()
    import io

    # python-docx and lxml meet arbitrary files here; whatever they trip over, the file is at fault.
    try:
        document = library.Document(io.BytesIO(data))
        styles = {style.style_id: style.name or "" for style in document.styles}
        blocks = (*_blocks(document.element.body, styles, 0), *_notes(document))
        stated = _properties(document.core_properties)
    except Exception as error:
        raise damaged_error(path, "Word") from error
    title = stated.pop("title", "") or _title(document, styles)
    # A date in the text is the article's; the one in the properties is the file's.
    return Reading(blocks, title, {**stated, **read_header_lines(block.text for block in blocks[:HEADER_BLOCKS])})


def _properties(properties: Any) -> dict[str, str]:
    day = properties.created or properties.modified
    return {
        "title": properties.title or "",
        "author": properties.author if properties.author not in ("python-docx", None) else "",
        "date": day.date().isoformat() if day else "",
        "lang": properties.language or "",
    }


def _title(document: Any, styles: dict[str, str]) -> str:
    for paragraph in document.element.body.iter(f"{_W}p"):
        if _style(paragraph, styles).casefold() in ("title", "heading 1") and _text(paragraph).strip():
            return " ".join(_text(paragraph).split())
    return ""


def _blocks(parent: Any, styles: dict[str, str], depth: int) -> Iterator[Block]:
    listed = False
    for child in parent:
        if child.tag == f"{_W}p":
            item = child.find(f"{_W}pPr/{_W}numPr") is not None
            named = _HEADING.fullmatch(_style(child, styles))
            heading, level = named is not None, int(named["level"] or 1) if named else 0
            text = _text(child).strip()
            if text:
                listing = item and not heading
                words = f"- {text}" if listing else text
                yield Block(words, "heading" if heading else "text", tight=listing and listed, level=level)
                listed = listing
        elif child.tag == f"{_W}tbl" and depth < MAX_DEPTH:
            listed = False
            yield from rows_to_blocks(_rows(child))
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml") and depth < MAX_DEPTH:
            yield from _blocks(child, styles, depth + 1)


def _rows(table: Any) -> Iterator[list[str]]:
    for row in table.iter(f"{_W}tr"):
        cells = row.iterchildren(f"{_W}tc", f"{_W}sdt")
        yield [" ".join(filter(None, (_text(p).strip() for p in cell.iter(f"{_W}p")))) for cell in cells]


def _style(paragraph: Any, styles: dict[str, str]) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    name = style.get(f"{_W}val", "") if style is not None else ""
    return styles.get(name, name)


def _text(element: Any) -> str:
    parts: list[str] = []
    skipped: Any = None
    from lxml import etree  # type: ignore[import-untyped]

    for event, part in etree.iterwalk(element, events=("start", "end")):
        if event == "end":
            skipped = None if part is skipped else skipped
        elif skipped is None and (part.tag in _HIDDEN_TAGS or part.tag == _FALLBACK):
            skipped = part
        elif skipped is None:
            parts.append((part.text or "") if part.tag == f"{_W}t" else _SPACE_TAGS.get(part.tag, ""))
    return "".join(parts)


def _notes(document: Any) -> Iterator[Block]:
    from lxml import etree

    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
            continue
        tree = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False, no_network=True))
        for note in tree:
            if note.get(f"{_W}type") in (None, "normal"):
                yield Block(" ".join(filter(None, (_text(p).strip() for p in note.iter(f"{_W}p")))))
