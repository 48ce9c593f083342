"""Errors as programs receive them: a status, a kind and one sentence."""

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
from ui.logs.setup import log_incident

_log = logging.getLogger(__name__)

# The messages of these errors name folders of the server, so callers get these sentences instead.
_SERVER_ERRORS: tuple[tuple[type[OnrecordError], int, str], ...] = (
    (IndexMismatchError, 409, "The index was made with other settings than the server has now."),
    (IndexBusyError, 503, "The index is in use at the moment. Try again in a minute."),
    (IndexBrokenError, 503, "The index cannot be read at the moment."),
    (IndexMissingError, 404, "What was asked for is not in the index any more, or there is no index."),
    (ModelMissingError, 503, "A model that answering needs is not there."),
    (ModelFailedError, 503, "The language model did not answer. Try again."),
    (SettingsError, 503, "The server is not set up to do this."),
)


class NotFoundError(OnrecordError):
    """The index does not hold what was named."""


class ConflictError(OnrecordError):
    """Two values of a request exclude each other."""


class PoolFullError(OnrecordError):
    """More requests are pending than the worker pool takes."""


_CALLER_ERRORS: tuple[tuple[str, int, tuple[type[OnrecordError], ...]], ...] = (
    ("bad_question", 400, (QuestionError,)),
    ("not_found", 404, (NotFoundError,)),
    ("contradiction", 409, (ConflictError,)),
    ("too_many", 429, (TooManyWaitingError,)),
    ("full", 503, (PoolFullError, QueueFullError, QueueClosedError)),
)

_RETRY_AFTER = {"full": 30, "too_many": 10}  # seconds after which a refused request may be tried again


@dataclass(frozen=True, slots=True)
class Failure:
    """An HTTP ``status``, a ``kind`` for programs and a ``message`` for people; ``field`` is the one at fault."""

    status: int
    kind: str
    message: str
    field: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers that go with it: how to sign in, or when to try again."""
        if self.status == 401:  # noqa: PLR2004
            return {"WWW-Authenticate": "Bearer"}
        return {"Retry-After": str(_RETRY_AFTER[self.kind])} if self.kind in _RETRY_AFTER else {}


class RequestFailedError(Exception):
    """A request that is answered with a failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def failure_of(error: Exception) -> Failure:
    """Return the failure to answer for ``error``.

    Errors that are the operator's to fix go to the log with folders and tracebacks, and the caller gets a sentence
    without them.
    """
    for known, status, message in _SERVER_ERRORS:
        if isinstance(error, known):
            _log.error("%s: %s", type(error).__name__, error)
            return Failure(status, "unavailable", f"{message} The server's log says more.")
    for kind, status, errors in _CALLER_ERRORS:
        if isinstance(error, errors):
            return Failure(status, kind, printable(str(error)))
    if isinstance(error, OnrecordError):
        return Failure(400, "bad_request", printable(str(error)))
    return Failure(500, "internal", log_incident(_log, "A request could not be served", error))


def printable(text: str) -> str:
    """Return the text without lone surrogates, which no JSON can carry, in at most 2,000 characters."""
    return text.encode("utf-8", "replace").decode()[:2_000]
