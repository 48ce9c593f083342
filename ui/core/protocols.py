"""What the web chat needs from the rest: something that answers, and something that knows the documents."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.schema import Document, DocumentInfo, Hit
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.conversations.models import Place
from ui.core.roles import Action


class Answerer(Protocol):
    """Answers questions."""

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """Yield ever fuller answers from the documents in ``scope``, the last with ``done`` true.

        Whatever still works on the answer is to end once ``stop`` is set.
        Raise ``OnrecordError`` when the question or the scope cannot be taken.
        """
        ...


class Finder(Answerer, Protocol):
    """Answers questions, and finds passages without answering."""

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """The best ``k`` passages in ``scope``, best first. Raise ``OnrecordError`` when it cannot be searched for."""
        ...


class Library(Protocol):
    """The indexed documents."""

    def document(self, document_id: str) -> Document:
        """The whole document. Raise ``OnrecordError`` when there is none by that id."""
        ...

    def documents(self) -> Sequence[DocumentInfo]:
        """Every indexed document, without its text."""
        ...


class Groups(Protocol):
    """Named groups of the indexed documents, which a reader may choose to ask."""

    def names(self) -> Sequence[str]:
        """Every group there is."""
        ...

    def documents_of(self, names: Sequence[str], /) -> Sequence[str]:
        """The ids of the documents in any of the groups. Raise ``ScopeError`` where there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab added from outside. ``build`` draws its components where it is called, inside the page.

    ``scripts`` are the inline scripts that its frames run; no other may run in them. Only who may do ``needs`` sees
    the tab and can use it.
    """

    label: str
    build: Callable[[], None]
    scripts: tuple[str, ...] = ()
    needs: Action = Action.ASK


class Feedback(Protocol):
    """Keeps an answer that a reader judged, as a case to measure with."""

    def __call__(
        self,
        answer: Answer,
        good: bool,
        edits: Mapping[str, object],
        /,
        *,
        history: Sequence[Turn],
        read: Callable[[str], Document],
    ) -> Path:
        """Keep it and say in which file. ``edits`` are the fields of the form by name.

        Raise ``OnrecordError`` when something is to be changed first.
        """
        ...


class Keep(Protocol):
    """Keeps finished exchanges, to go on with later."""

    def __call__(
        self, conversation: str, question: str, answer: Answer, /, *, replaces: str = "", begins: bool = False
    ) -> Place:
        """Keep one more in ``conversation``, and say where. One that is empty, or ``begins``, is begun.

        It takes the place of the one that asked ``replaces``, where that is given.
        Raise ``OnrecordError`` when it cannot be kept.
        """
        ...


class Suggest(Protocol):
    """Makes questions to go on with."""

    def __call__(
        self, answer: Answer, history: Sequence[Turn], scope: Scope, stop: threading.Event, /
    ) -> Sequence[str]:
        """Questions that the documents in ``scope`` answer, asked after ``history``, of which ``answer`` is the last.

        To end early once ``stop`` is set.
        """
        ...
