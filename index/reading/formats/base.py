"""Define what a reader is: it turns a file's bytes into a ``Reading``, and ``index.reading.load`` does the rest.

To add a format, write a module in ``index/reading/formats`` with a function ``read`` that is a ``Reader``, and add its
endings to the table in ``index.reading.filetype``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

from index.errors import UnreadableFileError
from index.schema import Section
from index.text.normalize import normalise, one_line


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a row or a heading; with ``kind="page"``, the beginning of a page.

    A blank line stands before a block in the document, or only a line end if it is ``tight``, or a space if it is
    ``joined`` to the words before. ``label`` names a page; a heading's label is its text, and its ``level`` counts
    from 1, or is 0 if the file does not say. A page without text begins with the block that follows.
    """

    text: str
    kind: Literal["text", "heading", "page"] = "text"
    label: str = ""
    tight: bool = False
    joined: bool = False
    level: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader found in a file. Text need not be normalised yet, and no reader counts offsets.

    ``title`` is empty, and a key is missing from ``metadata``, if the file does not say.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """A function that reads one format.

    Raises:
        UnreadableFileError: the bytes are not what the format asks for.
    """

    def __call__(self, data: bytes, path: Path) -> Reading:
        """Read the bytes; ``path`` is named in errors."""


def join_blocks(blocks: tuple[Block, ...]) -> tuple[str, tuple[Section, ...]]:
    """Join blocks into one normalised text; returns it with the places where headings and pages begin."""
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
            sections.append(Section(length, block.kind, one_line(block.label or block.text), block.level))
        parts += (gap, text)
        length += len(text)
    return "".join(parts), tuple(sections)


def import_optional(module: str, path: Path, install: str) -> Any:
    """Import the library that reads a format when the first file of that format is met.

    Raises UnreadableFileError, which says how to ``install`` the library, when it is missing.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UnreadableFileError(
            f'{path}: {module.partition(".")[0]}, which reads it, is not installed. Run: pip install "{install}"'
        ) from error
