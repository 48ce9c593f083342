"""What a program is told when something goes wrong: a status, a kind and one sentence."""

import logging
from dataclasses import dataclass

from index.errors import (
    IndexBrokenError,
    IndexBusyError,
    IndexMismatchError,
    IndexMissingError,
    ModelMissingError,
    OnrecordError,
    QuestionError,
    SettingsError,
)
from rag.llm.protocol import ModelFailedError
from ui.core.queue import QueueClosedError, QueueFullError, TooManyWaitingError
from ui.logs.incident import incident

_log = logging.getLogger(__name__)

# What the operator is to read and no caller: these messages name folders of the server.
_OF_THE_SERVER: tuple[tuple[type[OnrecordError], int, str], ...] = (
    (IndexMismatchError, 409, "The index was made with other settings than the server has now."),
    (IndexBusyError, 503, "The index is in use at the moment. Try again in a minute."),
    (IndexBrokenError, 503, "The index cannot be read at the moment."),
    (IndexMissingError, 404, "What was asked for is not in the index any more, or there is no index."),
    (ModelMissingError, 503, "A model that answering needs is not there."),
    (ModelFailedError, 503, "The language model did not answer. Try again."),
    (SettingsError, 503, "The server is not set up to do this."),
)


class NotHeldError(OnrecordError):
    """The index does not hold what was named."""


class ContradictionError(OnrecordError):
    """Two values that cannot both hold."""


class PoolFullError(OnrecordError):
    """More questions than the server has room for."""


_OF_THE_CALLER: tuple[tuple[type[OnrecordError], int, str], ...] = (
    (QuestionError, 400, "bad_question"),
    (NotHeldError, 404, "not_found"),
    (ContradictionError, 409, "contradiction"),
    (PoolFullError, 503, "full"),
    (TooManyWaitingError, 429, "too_many"),
    (QueueFullError, 503, "full"),
    (QueueClosedError, 503, "full"),
)

_AGAIN = {"full": 30, "too_many": 10}  # seconds after which what was refused for want of room may be tried again


@dataclass(frozen=True, slots=True)
class Failure:
    """An HTTP ``status``, a ``kind`` for programs, and a ``message`` for people. ``field`` is the one at fault."""

    status: int
    kind: str
    message: str
    field: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What else HTTP says of it: how to sign in, or when to come again."""
        if self.status == 401:  # noqa: PLR2004
            return {"WWW-Authenticate": "Bearer"}
        return {"Retry-After": str(_AGAIN[self.kind])} if self.kind in _AGAIN else {}


class RequestFailedError(Exception):
    """A request that goes no further, and what to say of it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def failure_of(error: Exception) -> Failure:
    """What to say of ``error``. What is the server's own matter goes to its log, with folders and tracebacks."""
    for known, status, message in _OF_THE_SERVER:
        if isinstance(error, known):
            _log.error("%s: %s", type(error).__name__, error)
            return Failure(status, "unavailable", f"{message} The server's log says more.")
    for known, status, kind in _OF_THE_CALLER:
        if isinstance(error, known):
            return Failure(status, kind, sound(str(error)))
    if isinstance(error, OnrecordError):
        return Failure(400, "bad_request", sound(str(error)))
    return Failure(500, "internal", incident(_log, "A request could not be served", error))


def sound(text: str) -> str:
    """The text without halves of characters, which no JSON can carry, and no longer than a screen."""
    return text.encode("utf-8", "replace").decode()[:2_000]
