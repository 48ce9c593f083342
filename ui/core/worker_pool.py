"""A pool of threads for requests, each piece of work in its turn."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from ui.core.app_state import AppState
from ui.core.ask import queue_slot
from ui.core.failures import PoolFullError
from ui.core.queue import FairQueue

T = TypeVar("T")

_SPARE_THREADS = 16  # threads beside those of the queues, so that a caller who is refused learns it at once


class WorkerPool:
    """Runs ``at_once`` pieces of work in threads of its own and lets ``waiting`` more wait.

    Searching and reading are done in the visitor's turn, in the queues of ``app_state``.
    """

    def __init__(self, at_once: int = 4, waiting: int = 64, app_state: AppState | None = None) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="onrecord-worker")
        self._capacity = at_once + waiting
        self._app_state = app_state or AppState(
            FairQueue(at_once, waiting), read_queue=FairQueue(at_once, waiting, "requests")
        )
        self._pending = 0
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` when a thread is free and return its future. Raises PoolFullError when too many are pending."""
        with self._lock:
            if self._pending >= self._capacity:
                raise PoolFullError(f"{self._pending} questions are being answered or wait. Try again in a minute.")
            self._pending += 1
        started = self._threads.submit(work)
        started.add_done_callback(self._finished)
        return started

    async def run(self, work: Callable[[], T]) -> T:
        """Return the result of ``work``, which is quick. Raises what it raises, and PoolFullError."""
        return await asyncio.wrap_future(self.submit(work))

    async def run_search(self, work: Callable[[], T], visitor: str) -> T:
        """Return the result of ``work``, which runs a model, in the ``visitor``'s turn among all questions.

        Raises what it raises, PoolFullError, and what ``queue_slot`` raises. Cancelling gives the place up.
        """
        return await self._in_turn(self._app_state.queue, work, visitor)

    async def run_read(self, work: Callable[[], T], visitor: str) -> T:
        """Return the result of ``work``, which only reads documents, in the ``visitor``'s turn among readers."""
        return await self._in_turn(self._app_state.read_queue, work, visitor)

    async def _in_turn(self, queue: FairQueue, work: Callable[[], T], visitor: str) -> T:
        abandoned = threading.Event()

        def when_called() -> T:
            with queue_slot(queue, visitor, abandoned):
                return work()

        try:
            return await self.run(when_called)
        finally:
            abandoned.set()

    def _finished(self, _: Future[T]) -> None:
        with self._lock:
            self._pending -= 1


def pool_for(app_state: AppState) -> WorkerPool:
    """Return a pool with a thread for everybody who can be in the queues of ``app_state``.

    With a thread for each, their order is that of the queues and not that of the threads.
    """
    return WorkerPool(app_state.capacity + _SPARE_THREADS, app_state.capacity, app_state)
