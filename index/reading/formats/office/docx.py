"""Read Word documents: headings, lists, tables, text boxes, footnotes, headers and footers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

from index.reading.formats.base import Block, Reading, import_optional
from index.reading.formats.links import MAX_LINKS_KEPT, spoken_target
from index.reading.formats.office.chart import chart_blocks
from index.reading.formats.office.docx_numbering import BULLET, Numbering
from index.reading.formats.table_rows import rows_to_blocks
from index.reading.formats.text import read_header_lines
from index.reading.formats.zip_package import damaged_error, open_package
from index.text.plural import plural

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE_TAGS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-", f"{_W}ptab": "\t"}
# Words that were struck out, codes of fields, and text boxes, which are read by themselves.
_HIDDEN_TAGS = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}txbxContent"})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop) ?(?P<level>\d)|title|titel", re.IGNORECASE)
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_LINK = f"{_W}hyperlink"
_LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PAGE_NUMBER = re.compile(r"[\W\d]*|(?:page|seite|página|pagina|p\.)?\s*\d+(?:\s*(?:/|of|von|de|di|sur)\s*\d+)?", re.I)
HEADER_BLOCKS = 8  # paragraphs in which a byline and a date may stand
MAX_DEPTH = 40  # tables in tables
MAX_COLUMNS = 64  # that a merged cell covers


def read(data: bytes, path: Path) -> Reading:
    """Read the words that a Word document shows, with the numbers before paragraphs: insertions, not deletions.

    Text boxes stand after the paragraph they hang on; notes, headers and footers after the text. Comments are left out,
    which the metadata's ``note`` says.
    A table's rows and the data of a chart become ``column: value; …``. Title, author and date come from its properties.

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
        numbering = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        counted = Numbering(None if numbering is None else numbering.element, document.styles.element)
        charts = {id_: each.target_part for id_, each in document.part.rels.items() if each.reltype.endswith("/chart")}
        parts = _Parts(styles, counted, _link_targets(document.part), charts)
        body = tuple(_blocks(document.element.body, parts, 0))
        blocks = (*body, *_notes(document), *_margins(document, parts))
        stated = {**_properties(document.core_properties), "note": _note(document)}
    except Exception as error:
        raise damaged_error(path, "Word") from error
    title = stated.pop("title", "") or _title(document, styles)
    # A date in the text is the article's; the one in the properties is the file's.
    return Reading(blocks, title, {**stated, **read_header_lines(block.text for block in body[:HEADER_BLOCKS])})


def _properties(properties: Any) -> dict[str, str]:
    day = properties.created or properties.modified
    return {
        "title": properties.title or "",
        "author": properties.author if properties.author not in ("python-docx", None) else "",
        "file_date": day.date().isoformat() if day else "",
        "lang": properties.language or "",
    }


def _note(document: Any) -> str:
    """Say which words of the file are left out: comments, and what was struck out while changes were tracked."""
    parts = (
        r.target_part for r in document.part.rels.values() if r.reltype.endswith("/comments") and not r.is_external
    )
    comments = sum(part.blob.count(b"<w:comment ") for part in parts)
    struck = sum(1 for _ in document.element.body.iter(f"{_W}del", f"{_W}moveFrom"))
    left_out = (plural(comments, "comment") if comments else "", plural(struck, "tracked deletion") if struck else "")
    said = " and ".join(filter(None, left_out))
    return f"Left out: {said}." if said else ""


def _title(document: Any, styles: Mapping[str, str]) -> str:
    for paragraph in document.element.body.iter(f"{_W}p"):
        if _style(paragraph, styles).casefold() in ("title", "heading 1") and _text(paragraph).strip():
            return " ".join(_text(paragraph).split())
    return ""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the paragraphs of a document refer to: the names of styles, how lists count, the targets of
    links, the parts of charts.
    """

    styles: Mapping[str, str]
    numbering: Numbering
    targets: Mapping[str, str] = field(default_factory=dict)
    charts: Mapping[str, Any] = field(default_factory=dict)


def _blocks(parent: Any, parts: _Parts, depth: int) -> Iterator[Block]:
    listed = False
    for child in parent:
        if child.tag == f"{_W}p":
            block = _paragraph(child, parts, listed=listed)
            if block is not None:
                yield block
                listed = block.kind == "text" and child.find(f"{_W}pPr/{_W}numPr") is not None
            for chart in child.iter(_CHART):
                if (part := parts.charts.get(chart.get(_LINK_ID))) is not None:
                    yield from chart_blocks(_tree(part.blob))
            if depth < MAX_DEPTH:
                for box in _text_boxes(child):
                    yield from _blocks(box, parts, depth + 1)
        elif child.tag == f"{_W}tbl" and depth < MAX_DEPTH:
            listed = False
            yield from rows_to_blocks(_rows(child, parts))
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml") and depth < MAX_DEPTH:
            yield from _blocks(child, parts, depth + 1)


def _paragraph(paragraph: Any, parts: _Parts, *, listed: bool) -> Block | None:
    """Read a paragraph with its number; None for one without words, which counts all the same."""
    named = _HEADING.fullmatch(_style(paragraph, parts.styles))
    number, text = parts.numbering.label(paragraph), _text(paragraph, parts.targets).strip()
    if not text:
        return None
    if named:
        words = text if number in ("", BULLET) else f"{number} {text}"
        return Block(words, "heading", level=int(named["level"] or 1))
    item = paragraph.find(f"{_W}pPr/{_W}numPr") is not None
    return Block(f"{number} {text}" if number else text, tight=item and listed)


def _text_boxes(paragraph: Any) -> Iterator[Any]:
    """Yield the contents of the text boxes that hang on a paragraph, without the second copies for old programs."""
    for box in paragraph.iter(f"{_W}txbxContent"):
        above = {ancestor.tag for ancestor in takewhile(lambda a: a is not paragraph, box.iterancestors())}
        if _FALLBACK not in above and f"{_W}txbxContent" not in above:
            yield box


def _rows(table: Any, parts: _Parts) -> Iterator[list[str]]:
    """Yield the cells of each row, a merged cell in every place that it covers (ECMA-376, 17.4.17 and 17.4.85)."""
    above: list[str] = []
    for row in table.iter(f"{_W}tr"):
        cells: list[str] = []
        for cell in row.iterchildren(f"{_W}tc", f"{_W}sdt"):
            words = " ".join(filter(None, (_text(p, parts.targets).strip() for p in cell.iter(f"{_W}p"))))
            stated = cell if cell.tag == f"{_W}tc" else cell.find(f".//{_W}tc")
            span, goes_on = _merged(stated)
            if goes_on and len(cells) < len(above):
                words = above[len(cells)]
            cells += [words] * span
        yield cells
        above = cells


def _merged(cell: Any) -> tuple[int, bool]:
    """Return how many columns a cell covers, and whether it goes on with the one above it."""
    stated = None if cell is None else cell.find(f"{_W}tcPr")
    if stated is None:
        return 1, False
    span, down = stated.find(f"{_W}gridSpan"), stated.find(f"{_W}vMerge")
    columns = "1" if span is None else span.get(f"{_W}val", "1")
    goes_on = down is not None and down.get(f"{_W}val", "continue") == "continue"
    return min(max(int(columns), 1), MAX_COLUMNS) if columns.isdecimal() else 1, goes_on


def _style(paragraph: Any, styles: Mapping[str, str]) -> str:
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    name = style.get(f"{_W}val", "") if style is not None else ""
    return styles.get(name, name)


def _text(element: Any, targets: Mapping[str, str] = MappingProxyType({})) -> str:
    """Read the words of a paragraph; what its text boxes hold is read by itself."""
    parts: list[str] = []
    skipped: Any = None
    linked = 0
    from lxml import etree  # type: ignore[import-untyped]

    for event, part in etree.iterwalk(element, events=("start", "end")):
        if event == "end":
            if skipped is None and part.tag == _LINK:
                parts.append(spoken_target("".join(parts[linked:]), targets.get(part.get(_LINK_ID, ""))))
            skipped = None if part is skipped else skipped
        elif skipped is None and (part.tag in _HIDDEN_TAGS or part.tag == _FALLBACK):
            skipped = part
        elif skipped is None:
            linked = len(parts) if part.tag == _LINK else linked
            parts.append((part.text or "") if part.tag == f"{_W}t" else _SPACE_TAGS.get(part.tag, ""))
    return "".join(parts)


def _link_targets(part: Any) -> dict[str, str]:
    """Return the targets of links by the id of their relation; none where there are too many to be read."""
    found = {id_: each.target_ref for id_, each in part.rels.items() if each.reltype.endswith("/hyperlink")}
    return found if len(found) <= MAX_LINKS_KEPT else {}


def _margins(document: Any, parts: _Parts) -> Iterator[Block]:
    """Read headers and footers, each once, without page numbers."""
    seen: set[str] = set()
    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(("/header", "/footer")):
            continue
        root = relation.target_part.element
        for block in _blocks(root, replace(parts, targets=_link_targets(relation.target_part)), 1):
            if block.text not in seen and not _PAGE_NUMBER.fullmatch(block.text):
                seen.add(block.text)
                yield replace(block, kind="text", level=0)


def _tree(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def _notes(document: Any) -> Iterator[Block]:
    for relation in document.part.rels.values():
        if relation.is_external or not relation.reltype.endswith(("/footnotes", "/endnotes")):
            continue
        for note in _tree(relation.target_part.blob):
            if note.get(f"{_W}type") in (None, "normal"):
                yield Block(" ".join(filter(None, (_text(p).strip() for p in note.iter(f"{_W}p")))))
