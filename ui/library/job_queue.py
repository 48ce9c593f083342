"""The library's jobs, waiting, running and recently finished, run by a thread of its own."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from ui.library.models import Job, LibraryClosedError

_log = logging.getLogger(__name__)
_MAX_FINISHED = 20  # jobs that are over and still listed
STOPPING = "Onrecord is being stopped. Change the library when it runs again."


class JobQueue:
    """Runs jobs one after another, urgent ones first. Thread-safe.

    Every job is listed until it is over, however many there are, and then while it is among the last twenty. A job that
    ``run_job`` leaves, even by an exception, is over.
    """

    def __init__(self, run_job: Callable[[Job], None]) -> None:
        self._run_job = run_job
        self._lock = threading.Lock()
        self._urgent: deque[Job] = deque()
        self._waiting: deque[Job] = deque()
        self._listed: list[Job] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def listed(self) -> tuple[Job, ...]:
        """Return the jobs running, waiting and recently finished, the last begun first."""
        with self._lock:
            return tuple(reversed(self._listed))

    def add(self, job: Job, *, urgent: bool = False) -> None:
        """Queue a job; one that is over is only listed. Raises LibraryClosedError once the queue is closed."""
        with self._lock:
            if self._closed:
                raise LibraryClosedError(STOPPING)
            if not job.over.is_set():
                if self._thread is None or not self._thread.is_alive():
                    thread = threading.Thread(target=self._work, name="library", daemon=True)
                    thread.start()  # it waits for the lock that is held here
                    self._thread = thread
                (self._urgent if urgent else self._waiting).append(job)
            over = [each for each in self._listed if each.over.is_set()][-_MAX_FINISHED:]
            self._listed = [each for each in self._listed if not each.over.is_set() or each in over] + [job]

    def run_urgent(self) -> None:
        """Run the urgent jobs now, in the middle of another one."""
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
        """Stop every job and wait for that; no further job is accepted."""
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
            self._run_job(job)
        except BaseException:
            _log.exception("A job of the library was left in the midst")
        finally:
            job.over.set()
