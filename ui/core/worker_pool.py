"""Room for so many questions at once."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from ui.core.failures import Full

T = TypeVar("T")


class Room:
    """Runs ``at_once`` pieces of work in threads of its own and lets ``waiting`` more wait for their turn."""

    def __init__(self, at_once: int = 4, waiting: int = 64) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="onrecord-door")
        self._most = at_once + waiting
        self._held = 0
        self._lock = threading.Lock()

    def start(self, work: Callable[[], T]) -> Future[T]:
        """Begin ``work`` when it is its turn. Raises Full when too many wait already."""
        with self._lock:
            if self._held >= self._most:
                raise Full(f"{self._held} questions are being answered or wait. Try again in a minute.")
            self._held += 1
        started = self._threads.submit(work)
        started.add_done_callback(self._left)
        return started

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` gives back. Raises what it raises, and Full as ``start`` does."""
        return await asyncio.wrap_future(self.start(work))

    def _left(self, _: Future[T]) -> None:
        with self._lock:
            self._held -= 1
