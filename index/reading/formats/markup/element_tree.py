"""Turn element trees into blocks: HTML, and the XML that trafilatura makes of it."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from index.reading.formats.base import Block

_HEADINGS = {**{f"h{level}": level for level in range(1, 7)}, "head": 2}
_LINES = frozenset({"li", "item", "tr", "row", "dt", "dd"})
_CELLS = frozenset({"td", "th", "cell"})
_BREAKS = frozenset({"br", "lb"})
_VERBATIM = frozenset({"pre", "code"})
_PARAGRAPHS = frozenset(
    (
        *(
            "html",
            "body",
            "header",
            "footer",
            "main",
            "article",
            "section",
            "nav",
            "aside",
            "hgroup",
            "title",
        ),
        *("p", "div", "center", "pre", "blockquote", "quote", "address", "hr", "form", "fieldset"),
        *("ul", "ol", "dl", "list", "table", "thead", "tbody", "tfoot", "caption"),
        *("figure", "figcaption", "details", "summary"),
    )
)

Element: TypeAlias = Any  # lxml comes without types


def tree_to_blocks(tree: Element) -> Iterator[Block]:
    """Yield the text of an lxml tree: a block for each paragraph, heading, list item and table row.

    White space is folded as browsers do, except in ``pre``. Time is linear in the size of the tree, and its depth does
    not matter.
    """
    from lxml import etree  # type: ignore[import-untyped]

    writer = _BlockWriter()
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if isinstance(element.tag, str):
            if event == "start":
                writer.open(_tag(element))
                writer.write(element.text)
            else:
                writer.close(_tag(element))
        # The root's tail lies outside of the tree; a comment's tail is text like any other.
        if event == "end" and element is not tree:
            writer.write(element.tail)
        yield from writer.take()
    writer.close("body")
    yield from writer.take()


def _tag(element: Element) -> str:
    """Return the element's tag; of a heading that trafilatura made, the one it had on the page."""
    rend = element.get("rend", "") if element.tag == "head" else ""
    return rend if rend in _HEADINGS else str(element.tag)


class _BlockWriter:
    """Gathers text until an element ends the block it belongs to."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._done: list[Block] = []
        self._verbatim = 0
        self._rows = 0
        self._line = ""
        self._last_line = ""
        self._level = 0

    def open(self, tag: str) -> None:
        if tag in _BREAKS:
            self._parts.append("\n")
        elif tag in _CELLS and self._rows:
            if "".join(self._parts).strip():
                self._parts.append(" | ")
        elif tag in _HEADINGS or tag in _LINES or (tag in _PARAGRAPHS and not self._rows):
            self._flush()
        elif tag in _PARAGRAPHS:
            self._parts.append(" ")
        self._level = self._level or _HEADINGS.get(tag, 0)
        self._line = tag if tag in _LINES else self._line
        self._rows += tag in {"tr", "row"}
        self._verbatim += tag in _VERBATIM

    def close(self, tag: str) -> None:
        self._rows -= tag in {"tr", "row"}
        if tag in _HEADINGS or tag in _LINES or (tag in _PARAGRAPHS and not self._rows):
            self._flush()
        elif tag in _PARAGRAPHS:
            self._parts.append(" ")
        if tag in {"ul", "ol", "dl", "list", "table"}:
            self._last_line = ""
        self._level = 0 if tag in _HEADINGS else self._level
        self._line = "" if tag in _LINES else self._line
        self._verbatim -= tag in _VERBATIM

    def write(self, text: str | None) -> None:
        if text:
            self._parts.append(text if self._verbatim else _fold_spaces(text))

    def take(self) -> list[Block]:
        done, self._done = self._done, []
        return done

    def _flush(self) -> None:
        lines = "".join(self._parts).split("\n")
        self._parts.clear()
        text = "\n".join(lines) if self._verbatim else "\n".join(" ".join(line.split()) for line in lines)
        if not text.strip():
            return
        kind: Literal["heading", "text"] = "heading" if self._level else "text"
        marker = "- " if self._line in {"li", "item"} else ""
        tight = bool(self._line) and self._last_line == self._line
        self._done.append(
            Block(marker + (text if self._verbatim else text.strip()), kind, tight=tight, level=self._level)
        )
        self._last_line = self._line


def _fold_spaces(text: str) -> str:
    folded = " ".join(text.split())
    if not folded:
        return " "
    return (" " if text[0].isspace() else "") + folded + (" " if text[-1].isspace() else "")
