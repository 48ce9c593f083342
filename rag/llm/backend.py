"""What one request to a language model is made of."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.llm.protocol import Message


class CancellableRequest:
    """What is known of a request while it runs. Ending it twice does nothing.

    ``status`` is the HTTP status once there is one, else 0; ``retry_after`` what the server asked to wait.
    """

    def __init__(self) -> None:
        self.status = 0
        self.retry_after = ""
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._undo: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the reply any more."""
        return self._cancelled.is_set()

    def on_cancel(self, undo: Callable[[], None]) -> None:
        """Have ``undo`` called when the request is ended, at once if it is."""
        with self._lock:
            if not self.cancelled:
                self._undo.append(undo)
                return
        undo()

    def cancel(self) -> None:
        """Stop the request, wherever it is."""
        with self._lock:
            self._cancelled.set()
            undo, self._undo = self._undo, []
        for one in undo:
            one()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a reply, as it came. ``hidden`` when it is the model thinking, which is not for the reader."""

    text: str
    hidden: bool = False


class IncompleteReplyError(Exception):
    """The reply ended without its end being said."""


class ServerUnavailableError(Exception):
    """A server could not be asked; later it may."""


class ReplyRefusedError(Exception):
    """The model said why it will not reply; the message is its own."""


class Backend(Protocol):
    """Sends a request once and reads its reply, without any patience of its own."""

    @property
    def where(self) -> str:
        """Where it runs, as shown."""
        ...

    def load(self) -> None:
        """Do what takes long only the first time: import, load. Raises ModelFailedError."""
        ...

    def reported_context(self) -> int:
        """The tokens of a request and its reply together, as the model says; 0 where it does not. Raises Unsaid."""
        ...

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """The reply as it comes. Raises whatever the library raises, and Unfinished."""
        ...
