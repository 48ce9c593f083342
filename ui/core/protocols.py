"""What the interfaces need from the rest: something that answers, and something that knows the documents."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from index.schema import Document, DocumentInfo, Hit
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.conversations.models import TurnLocation
from ui.core.roles import Action


class Answerer(Protocol):
    """Answers questions."""

    def stream(
        self, question: str, history: Sequence[Turn], scope: Scope, stop: threading.Event | None, /
    ) -> Iterator[Answer]:
        """Yield ever fuller answers from the documents in ``scope``, the last with ``done`` true.

        The work on the answer must end once ``stop`` is set. Raises OnrecordError when the question or the scope is not
        accepted.
        """
        ...


class Finder(Answerer, Protocol):
    """Answers questions, and finds passages without answering."""

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """Return the best ``k`` passages in ``scope``, best first. Raises OnrecordError when it cannot search."""
        ...


class Library(Protocol):
    """The indexed documents."""

    def document(self, document_id: str) -> Document:
        """Return the whole document. Raises OnrecordError when there is none with that id."""
        ...

    def documents(self) -> Sequence[DocumentInfo]:
        """Return every indexed document, without its text."""
        ...


class Groups(Protocol):
    """The collections of the indexed documents, which a reader may choose to ask."""

    def names(self) -> Sequence[str]:
        """Return the name of every collection."""
        ...

    def documents_of(self, names: Sequence[str], /) -> Sequence[str]:
        """Return the ids of the documents in any of the collections. Raises ScopeError where there are none."""
        ...


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab that another package adds. ``build`` draws its components where it is called, inside the page.

    ``scripts`` are the inline scripts that its frames run; no others may run in them. Only roles that may do ``needs``
    see the tab and can use it.
    """

    label: str
    build: Callable[[], None]
    scripts: tuple[str, ...] = ()
    needs: Action = Action.ASK


class Feedback(Protocol):
    """Keeps an answer that a reader judged as an evaluation case."""

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
        """Keep the case and return its file. ``edits`` are the fields of the form by name.

        Raises OnrecordError when the reader has to change something first.
        """
        ...


class KeepTurn(Protocol):
    """Keeps finished exchanges, so that the conversation can be continued later."""

    def __call__(
        self, conversation: str, question: str, answer: Answer, /, *, replaces: str = "", begins: bool = False
    ) -> TurnLocation:
        """Keep one more exchange in ``conversation`` and return where. It is created where empty or with ``begins``.

        The exchange takes the place of the one that asked ``replaces``, where that is given. Raises OnrecordError when
        it cannot be kept.
        """
        ...


class SuggestQuestions(Protocol):
    """Makes follow-up questions."""

    def __call__(
        self, answer: Answer, history: Sequence[Turn], scope: Scope, stop: threading.Event, /
    ) -> Sequence[str]:
        """Return questions that the documents in ``scope`` answer, asked after ``history``, which ends with ``answer``.

        The work must end early once ``stop`` is set.
        """
        ...
