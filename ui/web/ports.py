"""What the web chat needs from the rest: something that answers, and something that knows the documents."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.schema import Document, DocumentInfo
from rag.schema import Answer, Turn


class Answerer(Protocol):
    """Answers questions."""

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[Answer]:
        """Yield ever fuller answers, the last with ``done`` true.

        Raise ``OnrecordError`` when the question cannot be taken.
        """
        ...


class Library(Protocol):
    """The indexed documents."""

    def document(self, document_id: str) -> Document:
        """The whole document. Raise ``OnrecordError`` when there is none by that id."""
        ...

    def documents(self) -> Sequence[DocumentInfo]:
        """Every indexed document, without its text."""
        ...


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab added from outside. ``build`` draws its components where it is called, inside the page."""

    label: str
    build: Callable[[], None]
