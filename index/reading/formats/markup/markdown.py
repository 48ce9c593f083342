"""Read Markdown as prose: marks removed, headings noted."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading
from index.reading.formats.links import MAX_LINKS_KEPT, spoken_target
from index.reading.formats.table_rows import format_row
from index.reading.metadata import read_fields
from index.text.normalize import normalise, one_line

if TYPE_CHECKING:
    from markdown_it.token import Token

_FIELD = re.compile(r"[A-Z][\w-]{1,15}(?: [\w-]{1,15}){0,2}: ")
MAX_FRONT_MATTER_CHARACTERS = 20_000  # characters; YAML is slow to read, and what is longer is not front matter


def read(data: bytes, path: Path) -> Reading:
    """Read CommonMark with tables. YAML front matter becomes metadata and leaves the text.

    Links become their words, with their targets where there are few, images their descriptions, list items and table
    rows a line each. Code stays as it is.
    HTML tags go and the text between them stays.

    Raises:
        UnreadableFileError: empty, binary, or in an unknown encoding.
    """
    from markdown_it import MarkdownIt

    stated, text = _front_matter(normalise(decode(data, path)) + "\n")
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    title = stated.pop("title", "") or _first_heading(tokens)
    return Reading(tuple(_blocks(tokens)), title, stated)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    import yaml

    if not text.startswith("---\n"):
        return {}, text
    end = text.find("\n---\n", 3, MAX_FRONT_MATTER_CHARACTERS)
    if end < 0:
        return {}, text
    try:
        found: Any = yaml.safe_load(text[4 : end + 1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    if not isinstance(found, dict):
        return {}, text
    return read_fields((str(name), _to_text(value)) for name, value in found.items()), text[end + 5 :]


def _to_text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_to_text, value)))
    if isinstance(value, dict):
        return _to_text(value.get("name", ""))
    return value.isoformat() if isinstance(value, date) else str(value) if value is not None else ""


@dataclass(slots=True)
class _BlockState:
    """The state of the block being read.

    Each open list has the number of its current item, or None if its items have none.
    """

    lists: list[int | None] = field(default_factory=list)
    marker: str = ""
    level: int = 0  # of the heading being read; 0 for other words
    tight: bool = False
    cells: list[str] | None = None
    columns: list[str] | None = None

    def block(self, text: str) -> Block:
        block = Block(self.marker + text, "heading" if self.level else "text", text, self.tight, level=self.level)
        self.marker, self.level, self.tight = "", 0, bool(self.lists)
        return block


def _blocks(tokens: Sequence["Token"]) -> Iterator[Block]:
    """Yield blocks from the parser's flat tokens: a block is opened, has its words, and is closed."""
    place = _BlockState()
    links = sum(child.type == "link_open" for token in tokens for child in token.children or ())
    targets = links <= MAX_LINKS_KEPT
    for token in tokens:
        match token.type:
            case "tr_close":
                row = _row(place)
                if row:  # a table without column names has an empty first row
                    yield place.block(row)
                    place.tight = True
                place.cells = None
            case "inline" if place.cells is not None:
                place.cells.append(_inline(token.children or (), targets=targets).replace("\n", " "))
            case "inline":
                yield place.block(_inline(token.children or (), targets=targets))
            case "fence" | "code_block":
                yield place.block(token.content)
            case "html_block":
                yield place.block(_strip_tags(token.content))
            case _:
                _update_state(place, token)


def _row(place: _BlockState) -> str:
    """Write the row that was read: the first of a table names the columns, so each later value stands after its own."""
    cells = [one_line(cell) for cell in place.cells or ()]
    if place.columns is None:
        place.columns = cells
        return " | ".join(filter(None, cells))
    return format_row(place.columns, cells) if any(place.columns) else " | ".join(filter(None, cells))


def _first_heading(tokens: Sequence["Token"]) -> str:
    """Return the first heading of the first level, or the heading that the document begins with."""
    for number, token in enumerate(tokens):
        if token.type == "heading_open" and (token.tag == "h1" or number == 0):
            return _inline(tokens[number + 1].children or ())
    return ""


def _update_state(place: _BlockState, token: "Token") -> None:
    match token.type:
        case "bullet_list_open":
            place.lists.append(None)
        case "ordered_list_open":
            place.lists.append(int(token.attrs.get("start", 1)) - 1)
        case "bullet_list_close" | "ordered_list_close":
            place.lists.pop()
            place.tight = bool(place.lists)
        case "list_item_open":
            number = place.lists[-1]
            place.lists[-1] = None if number is None else number + 1
            place.marker = "- " if number is None else f"{number + 1}. "
        case "heading_open":
            place.level = 0 if place.lists else int(token.tag[1:])
        case "table_open" | "table_close":
            place.tight, place.columns = False, None
        case "tr_open":
            place.cells = []


def _inline(tokens: Sequence["Token"], *, targets: bool = False) -> str:
    parts: list[str] = []
    linked, target = 0, ""
    for n, token in enumerate(tokens):
        match token.type:
            case "softbreak":
                # Lines that each state a field stay apart, as their writer saw them.
                fields = _FIELD.match("".join(parts).rpartition("\n")[2]) and _FIELD.match(_inline(tokens[n + 1 :]))
                parts.append("\n" if fields else " ")
            case "link_open":
                linked, target = len(parts), str(token.attrs.get("href", ""))
            case "link_close" if targets:
                parts.append(spoken_target("".join(parts[linked:]), target))
            case "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(_inline(token.children or ()))
            case "html_inline":
                parts.append("\n" if token.content.lower().startswith("<br") else "")
            case _:
                parts.append(token.content)
    return "".join(parts)


def _strip_tags(markup: str) -> str:
    from lxml import html  # type: ignore[import-untyped]
    from lxml.etree import LxmlError  # type: ignore[import-untyped]

    try:
        return "".join(html.fragment_fromstring(markup, create_parent="div").itertext(tag=html.etree.Element))
    except (LxmlError, ValueError):
        return markup
