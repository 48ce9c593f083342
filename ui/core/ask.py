"""Work done when it is its turn: the one way from any door, and from the background, to the pipeline."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from index.errors import OnrecordError
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.core.app_state import Floor
from ui.core.protocols import Answerer
from ui.core.queue import Line, QueueFullError
from ui.logs.question_log import Asked

_log = logging.getLogger(__name__)
_AGAIN = 1.0  # seconds after which background work that found the line full tries again


class GivenUpError(OnrecordError):
    """Whoever wanted the work done does not wait for it any more."""


@contextmanager
def turn(line: Line, visitor: str, stop: threading.Event | None = None, *, background: bool = False) -> Iterator[None]:
    """Wait for the ``visitor``'s turn in ``line`` and hold it for what is done inside.

    Raise GivenUpError once ``stop`` is set before it is called; QueueFullError, TooManyWaitingError and
    QueueClosedError as the line does.
    """
    with line.join(visitor, background=background) as ticket:
        for _ in ticket.waits(stop):
            pass
        if stop is not None and stop.is_set():
            raise GivenUpError("This was stopped before it was begun.")
        yield


@contextmanager
def background_turn(line: Line, visitor: str, stop: threading.Event) -> Iterator[None]:
    """Do the same in the background, and stand in line again as often as it is full.

    Raise GivenUpError and QueueClosedError.
    """
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(turn(line, visitor, stop, background=True))
                break
            except QueueFullError as full:
                _log.info("Background work waits until the line is shorter: %s", full)
                if stop.wait(_AGAIN):
                    raise GivenUpError("This was stopped before it was begun.") from None
        yield


def in_turn(  # noqa: PLR0917  # as Answerer.stream takes them
    answerer: Answerer,
    floor: Floor,
    visitor: str,
    question: str,
    history: Sequence[Turn] = (),
    scope: Scope = EVERYTHING,
    stop: threading.Event | None = None,
) -> Iterator[int | Answer]:
    """Yield the ``visitor``'s place in line while there is one, then what ``answerer`` streams; log how it went.

    The place is 1 for who is next, and 0 for who waited and is called. Ends early once ``stop`` is set. Raise
    QueueFullError, QueueClosedError, and whatever the answerer raises.
    """
    began = called = time.monotonic()
    answer, error, ended = None, "", False
    try:
        with floor.line.join(visitor) as ticket:
            yield from ticket.waits(stop)
            called = time.monotonic()
            if stop is None or not stop.is_set():
                for answer in answerer.stream(question, history, scope, stop):
                    yield answer
            ended = True
    except Exception as raised:
        error = type(raised).__name__
        raise
    finally:
        floor.log(
            Asked(
                visitor=visitor,
                question=question,
                waited=called - began,
                seconds=time.monotonic() - called,
                model=answer.answerer if answer else "",
                refused=answer is not None and answer.refused,
                stopped=not error and (not ended or (stop is not None and stop.is_set())),
                error=error,
                steps=answer.timings if answer else {},
            )
        )
