"""Room for so many requests at once, and a turn for each piece of work."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from ui.core.app_state import Floor
from ui.core.ask import turn
from ui.core.failures import PoolFullError
from ui.core.queue import Line

T = TypeVar("T")

_SPARE = 16  # threads beside those that work or stand in line, so that whoever comes then is told at once


class Room:
    """Runs ``at_once`` pieces of work in threads of its own and lets ``waiting`` more wait for their turn.

    Searching and reading are done in the visitor's turn, in the lines of ``floor``.
    """

    def __init__(self, at_once: int = 4, waiting: int = 64, floor: Floor | None = None) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="onrecord-door")
        self._most = at_once + waiting
        self._floor = floor or Floor(Line(at_once, waiting), reading=Line(at_once, waiting, "requests"))
        self._held = 0
        self._lock = threading.Lock()

    def start(self, work: Callable[[], T]) -> Future[T]:
        """Begin ``work`` when there is a thread for it. Raises Full when too many wait already."""
        with self._lock:
            if self._held >= self._most:
                raise PoolFullError(f"{self._held} questions are being answered or wait. Try again in a minute.")
            self._held += 1
        started = self._threads.submit(work)
        started.add_done_callback(self._left)
        return started

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work``, which is quick, gives back. Raises what it raises, and Full as ``start`` does."""
        return await asyncio.wrap_future(self.start(work))

    async def search(self, work: Callable[[], T], visitor: str) -> T:
        """What ``work``, which runs a model, gives back in the ``visitor``'s turn among all questions.

        Raises what it raises, Full as ``start`` does, and what ``turn`` raises. Cancelling gives the place up.
        """
        return await self._in_turn(self._floor.line, work, visitor)

    async def read(self, work: Callable[[], T], visitor: str) -> T:
        """The same for what only reads documents, in the ``visitor``'s turn among those who read."""
        return await self._in_turn(self._floor.reading, work, visitor)

    async def _in_turn(self, line: Line, work: Callable[[], T], visitor: str) -> T:
        left = threading.Event()

        def when_called() -> T:
            with turn(line, visitor, left):
                return work()

        try:
            return await self.run(when_called)
        finally:
            left.set()

    def _left(self, _: Future[T]) -> None:
        with self._lock:
            self._held -= 1


def room_before(floor: Floor) -> Room:
    """Room for everybody who can stand in the lines of ``floor``.

    There is a thread for each, so that their order is the lines' and not that of the threads.
    """
    return Room(floor.most + _SPARE, floor.most, floor)
