"""Ask the pipeline through the fair queue: the one way for every interface, and for background work."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from index.errors import OnrecordError
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.core.app_state import AppState
from ui.core.protocols import Answerer
from ui.core.queue import FairQueue, QueueFullError
from ui.logs.question_log import QuestionEntry

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0  # seconds after which background work that found the queue full tries again


@dataclass(frozen=True, slots=True)
class QuestionRequest:
    """A question with its earlier turns and scope; ``visitor`` is who asks."""

    question: str
    history: Sequence[Turn] = ()
    scope: Scope = EVERYTHING
    visitor: str = ""


class WaitCancelledError(OnrecordError):
    """The work was cancelled before its turn came."""


@contextmanager
def queue_slot(
    queue: FairQueue, visitor: str, stop: threading.Event | None = None, *, background: bool = False
) -> Iterator[None]:
    """Wait for the ``visitor``'s turn in ``queue`` and hold it for the body of the ``with``.

    Raises WaitCancelledError where ``stop`` is set before the turn comes; QueueFullError, TooManyWaitingError and
    QueueClosedError as ``FairQueue.join`` does.
    """
    with queue.join(visitor, background=background) as ticket:
        for _ in ticket.positions(stop):
            pass
        if stop is not None and stop.is_set():
            raise WaitCancelledError("This was stopped before it was begun.")
        yield


@contextmanager
def background_slot(queue: FairQueue, visitor: str, stop: threading.Event) -> Iterator[None]:
    """Hold a background turn, joining the queue again as often as it is full.

    Raises WaitCancelledError and QueueClosedError.
    """
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(queue_slot(queue, visitor, stop, background=True))
                break
            except QueueFullError as full:
                _log.info("Background work waits until the line is shorter: %s", full)
                if stop.wait(_RETRY_SECONDS):
                    raise WaitCancelledError("This was stopped before it was begun.") from None
        yield


def ask_queued(
    answerer: Answerer, app_state: AppState, request: QuestionRequest, stop: threading.Event | None = None
) -> Iterator[int | Answer]:
    """Yield the visitor's position in the queue while there is one, then the answers that ``answerer`` streams.

    The position is 1 for the next to be admitted, and 0 once a visitor who waited is admitted. Ends early once ``stop``
    is set. The question is logged in every case. Raises QueueFullError, QueueClosedError, and whatever the answerer
    raises.
    """
    joined = admitted = time.monotonic()
    answer, error, ended = None, "", False
    try:
        with app_state.queue.join(request.visitor) as ticket:
            yield from ticket.positions(stop)
            admitted = time.monotonic()
            if stop is None or not stop.is_set():
                for answer in answerer.stream(request.question, request.history, request.scope, stop):
                    yield answer
            ended = True
    except Exception as raised:
        error = type(raised).__name__
        raise
    finally:
        app_state.log(
            QuestionEntry(
                visitor=request.visitor,
                question=request.question,
                waited=admitted - joined,
                seconds=time.monotonic() - admitted,
                model=answer.answerer if answer else "",
                refused=answer is not None and answer.refused,
                stopped=not error and (not ended or (stop is not None and stop.is_set())),
                error=error,
                steps=answer.timings if answer else {},
            )
        )
