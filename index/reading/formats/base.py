"""One format a file. A reader turns a file's bytes into a ``Reading``; ``index.reading.load`` does the rest.

To add a format, write ``index/reading/formats/<name>.py`` with a function ``read`` that is a ``Reader``, and add its
row to the table in ``index.reading.load``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from index.schema import Section
from index.text.normalize import normalise, one_line


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a row or a heading; with ``kind="page"``, what begins a page.

    A blank line stands before a block in the document, or a mere line end where it is ``tight``, or a space where
    it is ``joined`` to the words before. ``label`` names a page; a heading's label is its text. A page without text
    begins with the block that follows.
    """

    text: str
    kind: Literal["text", "heading", "page"] = "text"
    label: str = ""
    tight: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in a file. ``title`` is empty, and a key missing from ``metadata``, where the file
    does not say. Text need not be normalised yet, and no reader counts offsets.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """Reads one format.

    Raises:
        UnreadableFileError: the bytes are not what the format asks for.
    """

    def __call__(self, data: bytes, path: Path) -> Reading:
        """What the bytes hold; ``path`` is for errors."""


def compose(blocks: tuple[Block, ...]) -> tuple[str, tuple[Section, ...]]:
    """The normalised text of the blocks, and where in it the headings and pages begin."""
    parts: list[str] = []
    sections: list[Section] = []
    length = 0
    begun: Block | None = None
    for block in blocks:
        text = normalise(block.text)
        if not text:
            begun = block if block.kind == "page" else begun
            continue
        gap = "" if not parts else " " if block.joined else "\n" if block.tight else "\n\n"
        length += len(gap)
        if begun is not None:
            sections.append(Section(length, "page", one_line(begun.label)))
            begun = None
        if block.kind != "text":
            sections.append(Section(length, block.kind, one_line(block.label or block.text)))
        parts += (gap, text)
        length += len(text)
    return "".join(parts), tuple(sections)
