"""Markdown as readable prose: marks removed, headings noted."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.encoding import decode
from index.normalise import normalise
from index.readers import Block, Reading
from index.readers.fields import fields

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST_FRONT_MATTER = 20_000  # characters; YAML is slow to read, and what is longer is not front matter


def read(data: bytes, path: Path) -> Reading:
    """Reads CommonMark with tables. YAML front matter is noted and leaves the text.

    Links become their words, images their descriptions, list items and table rows a line each; code stays as
    it is; HTML tags go and the text between them stays.

    Raises:
        UnreadableFile: empty, binary, or in an unknown encoding.
    """
    from markdown_it import MarkdownIt

    stated, text = _front_matter(normalise(decode(data, path)))
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    blocks = tuple(_blocks(parser.parse(text)))
    title = stated.pop("title", "") or next((b.text for b in blocks[:1] if b.kind == "heading"), "")
    return Reading(blocks, title, stated)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    import yaml

    if not text.startswith("---\n"):
        return {}, text
    end = text.find("\n---\n", 3, LONGEST_FRONT_MATTER)
    if end < 0:
        return {}, text
    try:
        found: Any = yaml.safe_load(text[4 : end + 1])
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}, text
    if not isinstance(found, dict):
        return {}, text
    return fields((str(name), _plain(value)) for name, value in found.items()), text[end + 5 :]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value)))
    if isinstance(value, dict):
        return _plain(value.get("name", ""))
    return value.isoformat() if isinstance(value, date) else str(value) if value is not None else ""


def _blocks(tokens: Sequence["Token"]) -> Iterator[Block]:
    """The tokens come flat, each block opened and closed; ``lists`` counts the items of the open lists."""
    lists: list[int | None] = []
    marker = ""
    heading = tight = False
    cells: list[str] | None = None
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)) - 1)
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                tight = bool(lists)
            case "list_item_open":
                count = lists[-1]
                lists[-1] = count if count is None else count + 1
                marker = "- " if count is None else f"{count + 1}. "
            case "heading_open":
                heading = not lists
            case "table_open" | "hr":
                tight = False
            case "tr_open":
                cells = []
            case "tr_close":
                yield Block(" | ".join(cells or ()), tight=tight)
                cells, tight = None, True
            case "inline":
                text = _inline(token.children or ())
                if cells is not None:
                    cells.append(text.replace("\n", " "))
                    continue
                yield Block(marker + text, kind="heading" if heading else "text", label=text, tight=tight)
                marker, heading, tight = "", False, bool(lists)
            case "fence" | "code_block":
                yield Block(marker + token.content, tight=tight and bool(marker))
                marker, tight = "", bool(lists)
            case "html_block":
                yield Block(marker + _untagged(token.content), tight=tight)
                marker, tight = "", bool(lists)
            case "table_close":
                tight = False


def _inline(tokens: Sequence["Token"]) -> str:
    parts: list[str] = []
    for token in tokens:
        match token.type:
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(_inline(token.children or ()))
            case "html_inline":
                parts.append("\n" if token.content.lower().startswith("<br") else "")
            case _:
                parts.append(token.content)
    return "".join(parts)


def _untagged(markup: str) -> str:
    from lxml import html
    from lxml.etree import LxmlError

    try:
        return "".join(html.fragment_fromstring(markup, create_parent="div").itertext(tag=html.etree.Element))
    except (LxmlError, ValueError):
        return markup
