"""The library's jobs: those in line, the one under way, and those lately over, carried out by a thread of its own."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from ui.library.models import Job, LibraryClosedError

_log = logging.getLogger(__name__)
_MOST_OVER = 20  # jobs that are over and still listed
_STOPPED = "Onrecord is being stopped. Change the library when it runs again."


class JobQueue:
    """Hands jobs to ``carry_out`` one after another, urgent ones first. Safe to use from several threads.

    Every job is listed until it is over, however many there are, and then for as long as it is among the last twenty.
    A job ``carry_out`` leaves, by an exception too, is over.
    """

    def __init__(self, carry_out: Callable[[Job], None]) -> None:
        self._carry_out = carry_out
        self._lock = threading.Lock()
        self._urgent: deque[Job] = deque()
        self._waiting: deque[Job] = deque()
        self._listed: list[Job] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def listed(self) -> tuple[Job, ...]:
        """Return the jobs under way, waiting and lately over, the last begun first."""
        with self._lock:
            return tuple(reversed(self._listed))

    def add(self, job: Job, *, urgent: bool = False) -> None:
        """Put a job in line; one that is over is listed alone. Raises LibraryClosedError once the queue is closed."""
        with self._lock:
            if self._closed:
                raise LibraryClosedError(_STOPPED)
            if not job.over.is_set():
                if self._thread is None or not self._thread.is_alive():
                    thread = threading.Thread(target=self._work, name="library", daemon=True)
                    thread.start()  # and wait for the lock
                    self._thread = thread
                (self._urgent if urgent else self._waiting).append(job)
            over = [each for each in self._listed if each.over.is_set()][-_MOST_OVER:]
            self._listed = [each for each in self._listed if not each.over.is_set() or each in over] + [job]

    def carry_out_urgent(self) -> None:
        """Carry out the urgent jobs now, in the midst of another one."""
        while True:
            with self._lock:
                if not self._urgent:
                    return
                job = self._urgent.popleft()
            self._run(job)

    def dismiss(self, job: Job) -> None:
        """Forget a job that is over."""
        with self._lock:
            if job.over.is_set() and job in self._listed:
                self._listed.remove(job)

    def close(self) -> None:
        """End every job and wait for that; no further one is taken."""
        with self._lock:
            self._closed = True
            for job in self._listed:
                job.stop.set()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                line = self._urgent or self._waiting
                if not line:
                    self._thread = None
                    return
                job = line.popleft()
            self._run(job)

    def _run(self, job: Job) -> None:
        try:
            self._carry_out(job)
        except BaseException:
            _log.exception("A job of the library was left in the midst")
        finally:
            job.over.set()
