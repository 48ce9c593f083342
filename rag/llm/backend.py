"""What one request to a language model is made of."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.llm.protocol import Message


class Call:
    """What is known of a request while it runs. Ending it twice does nothing.

    ``status`` is the HTTP status once there is one, else 0; ``retry_after`` what the server asked to wait.
    """

    def __init__(self) -> None:
        self.status = 0
        self.retry_after = ""
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._undo: list[Callable[[], None]] = []

    @property
    def ended(self) -> bool:
        """Whether nobody waits for the reply any more."""
        return self._ended.is_set()

    def when_ended(self, undo: Callable[[], None]) -> None:
        """Have ``undo`` called when the request is ended, at once if it is."""
        with self._lock:
            if not self.ended:
                self._undo.append(undo)
                return
        undo()

    def end(self) -> None:
        """Stop the request, wherever it is."""
        with self._lock:
            self._ended.set()
            undo, self._undo = self._undo, []
        for one in undo:
            one()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a reply, as it came. ``hidden`` when it is the model thinking, which is not for the reader."""

    text: str
    hidden: bool = False


class UnfinishedError(Exception):
    """The reply ended without its end being said."""


class UnsaidError(Exception):
    """A server could not be asked; later it may."""


class RefusedError(Exception):
    """The model said why it will not reply; the message is its own."""


class Backend(Protocol):
    """Sends a request once and reads its reply, without any patience of its own."""

    @property
    def where(self) -> str:
        """Where it runs, as shown."""
        ...

    def ready(self) -> None:
        """Do what takes long only the first time: import, load. Raises ModelFailedError."""
        ...

    def told_context(self) -> int:
        """The tokens of a request and its reply together, as the model says; 0 where it does not. Raises Unsaid."""
        ...

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: Call) -> Iterator[Piece]:
        """The reply as it comes. Raises whatever the library raises, and Unfinished."""
        ...
