"""One question put to the pipeline from an event loop, and stopped when nobody waits any more."""

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from index.errors import OnrecordError
from rag.schema import Answer, Turn
from rag.scope import EVERYTHING, Scope
from ui.doors.room import Room
from ui.web.ports import Answerer


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the turns before it and the documents it is put to."""

    question: str
    history: tuple[Turn, ...] = ()
    scope: Scope = EVERYTHING


async def growing(pipeline: Answerer, asked: Asked, room: Room) -> AsyncGenerator[Answer, None]:
    """The answer as it grows, the last with ``done`` set. Closing the generator stops whatever still writes.

    Raises what the pipeline raises, and Full when there is no room.
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
            for answer in pipeline.stream(asked.question, asked.history, asked.scope, stop):
                if stop.is_set():
                    return
                tell(answer)
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


async def whole(pipeline: Answerer, asked: Asked, room: Room) -> Answer:
    """The finished answer. Cancelling stops whatever still writes; raises as ``growing`` does."""
    answer = None
    async with aclosing(growing(pipeline, asked, room)) as answers:
        async for answer in answers:  # noqa: B007
            pass
    if answer is None or not answer.done:
        raise OnrecordError("The question got no answer at all. Ask it again.")
    return answer
