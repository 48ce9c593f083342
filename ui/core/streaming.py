"""One question put to the pipeline from an event loop, and stopped when nobody waits any more."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from index.errors import OnrecordError
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.core.app_state import Floor
from ui.core.ask import in_turn
from ui.core.protocols import Answerer
from ui.core.worker_pool import Room


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the turns before it and the documents it is put to; ``visitor`` tells who asks from others."""

    question: str
    history: tuple[Turn, ...] = ()
    scope: Scope = EVERYTHING
    visitor: str = ""


# How a question is put: what comes is the answer as it grows, and a place in line where there is one, until the
# event is set.
Ask = Callable[[Asked, threading.Event], Iterator[int | Answer]]


def at_once(pipeline: Answerer) -> Ask:
    """Put questions to ``pipeline`` as they come, without a line."""
    return lambda asked, stop: pipeline.stream(asked.question, asked.history, asked.scope, stop)


def in_line(pipeline: Answerer, floor: Floor) -> Ask:
    """Put questions to ``pipeline`` when it is their visitor's turn on ``floor``."""
    return lambda asked, stop: in_turn(pipeline, floor, asked.visitor, asked.question, asked.history, asked.scope, stop)


async def growing(ask: Ask, asked: Asked, room: Room) -> AsyncGenerator[Answer, None]:
    """The answer as it grows, the last with ``done`` set. Closing the generator stops whatever still writes.

    Raises what ``ask`` raises, and Full when there is no room.
    """
    loop = asyncio.get_running_loop()
    said: asyncio.Queue[Answer | Exception | None] = asyncio.Queue()
    stop = threading.Event()

    def tell(item: Answer | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(said.put_nowait, item)
        except RuntimeError:  # the loop has ended: the server is going down
            stop.set()

    def work() -> None:
        try:
            for said in ask(asked, stop):
                if stop.is_set():
                    return
                if not isinstance(said, int):
                    tell(said)
        except Exception as error:
            tell(error)
        else:
            tell(None)

    job = room.start(work)
    try:
        while (item := await said.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        stop.set()
        job.cancel()


async def whole(ask: Ask, asked: Asked, room: Room) -> Answer:
    """The finished answer. Cancelling stops whatever still writes; raises as ``growing`` does."""
    answer = None
    async with aclosing(growing(ask, asked, room)) as answers:
        async for answer in answers:  # noqa: B007
            pass
    if answer is None or not answer.done:
        raise OnrecordError("The question got no answer at all. Ask it again.")
    return answer
