"""Overlap the stages of work: one thread runs ahead of the main one, another works behind it."""

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from types import TracebackType
from typing import Generic, Self, TypeVar

T = TypeVar("T")

_log = logging.getLogger(__name__)

_POLL_INTERVAL = 0.1  # seconds between looks at whether the other side is still there


@contextmanager
def prefetch(items: Iterable[T], most: int) -> Iterator[Iterator[T]]:
    """Iterate ``items`` in a thread that is at most ``most`` items ahead of its consumer; the order stays.

    An exception in ``items`` is raised at its place. Left early, the thread stops after the current item.
    """
    made: Queue[tuple[T] | None] = Queue(most)
    left = threading.Event()
    failed: list[BaseException] = []

    def put(told: tuple[T] | None) -> bool:
        while not left.is_set():
            try:
                made.put(told, timeout=_POLL_INTERVAL)
            except Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put((item,)):
                    return
        except BaseException as error:  # raised where the items are taken
            failed.append(error)
        finally:
            put(None)

    def take() -> Generator[T, None, None]:
        while (told := _next(made, thread)) is not None:
            yield told[0]
        if failed:
            raise failed.pop()

    thread = threading.Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        yield take()
    finally:
        left.set()
        thread.join()
        for error in failed:
            _log.warning("What was made ahead failed after nobody waited for it", exc_info=error)


def _next(made: Queue[tuple[T] | None], thread: threading.Thread) -> tuple[T] | None:
    """Return the next item; None at the end, and when the thread that makes them died without a word."""
    while True:
        try:
            return made.get(timeout=_POLL_INTERVAL)
        except Empty:
            if not thread.is_alive() and made.empty():
                return None


class BackgroundWorker(Generic[T]):
    """Calls ``work`` on submitted items, in order, in a thread that is at most ``most`` items behind.

    An exception in ``work`` is raised by the next ``submit``, or on leaving, and nothing is worked on after it. Left by
    an exception, the worker still finishes what was submitted before.
    """

    def __init__(self, work: Callable[[T], None], most: int) -> None:
        self._work = work
        self._handed: Queue[tuple[T] | None] = Queue(most)
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="behind", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._put(None)
        self._thread.join()
        if error is None:
            self._raise_failure()
        elif self._failed is not None:
            _log.warning("What was handed over before could not be finished", exc_info=self._failed)

    def submit(self, item: T) -> None:
        """Submit an item, after waiting until there is room."""
        self._put((item,))
        self._raise_failure()

    def _put(self, told: tuple[T] | None) -> None:
        while self._thread.is_alive():
            try:
                self._handed.put(told, timeout=_POLL_INTERVAL)
            except Full:
                continue
            return

    def _raise_failure(self) -> None:
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    def _run(self) -> None:
        try:
            while (told := self._handed.get()) is not None:
                self._work(told[0])
        except BaseException as error:  # raised by the next ``submit``
            self._failed = error
