"""A question asked when it is its turn: the one way from any door to the pipeline."""

import threading
import time
from collections.abc import Iterator, Sequence

from rag.schema import Answer, Turn
from rag.scope import EVERYTHING, Scope
from ui.core.app_state import Floor
from ui.core.protocols import Answerer
from ui.logs.question_log import Asked


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

    The place is 1 for who is next, and 0 for who waited and is called. Ends early once ``stop`` is set. Raise LineFull,
    LineClosed, and whatever the answerer raises.
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
