"""What one request to a language model is made of: the backend that sends it, its pieces, and a way to cancel it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.llm.protocol import Message


class CancellableRequest:
    """A request under way, which another thread can cancel.

    ``status`` is the HTTP status, 0 until there is one. ``retry_after`` is the header of that name, empty where the
    server sends none.
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
        """Call ``undo`` when the request is cancelled; at once if it already is."""
        with self._lock:
            if not self.cancelled:
                self._undo.append(undo)
                return
        undo()

    def cancel(self) -> None:
        """Stop the request, whatever it waits for. Cancelling twice does nothing."""
        with self._lock:
            self._cancelled.set()
            undo, self._undo = self._undo, []
        for one in undo:
            one()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a reply, as it arrived; ``hidden`` when it is the model's thinking and not for the reader."""

    text: str
    hidden: bool = False


class IncompleteReplyError(Exception):
    """The reply stopped before the server said that it was complete."""


class ServerUnavailableError(Exception):
    """The server could not be asked about a model; asking later may work."""


class ReplyRefusedError(Exception):
    """The model or its server refused to reply; the message gives its reason."""


class Backend(Protocol):
    """Sends a request once and reads its reply. Retries and time limits are added by ``RetryingModel``."""

    @property
    def where(self) -> str:
        """Where the model runs, to be shown: host and port, or "this computer"."""
        ...

    def load(self) -> None:
        """Import or load what takes long the first time. Raises ModelFailedError."""
        ...

    def reported_context(self) -> int:
        """Return how many tokens request and reply may hold together, 0 where the model does not say.

        Raises ServerUnavailableError when the server cannot be asked.
        """
        ...

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """Yield the reply as it arrives.

        Raises IncompleteReplyError, ReplyRefusedError, and whatever the library raises.
        """
        ...
