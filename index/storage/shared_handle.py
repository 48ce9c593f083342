"""Hold an index for reading and release it between two uses while another process writes."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from index.errors import IndexBusyError
from index.system.locking import READER_TIMEOUT, IndexLock, reader_gaps, writer_lock

_log = logging.getLogger(__name__)

_IDLE_BEFORE_RELEASE = 0.3  # seconds without a use before a waiting writer gets the index
_MAX_HELD = 2.0  # seconds before a waiting writer gets it between any two uses
_POLL_INTERVAL = 0.1  # seconds between looks at whether a writer waits
_READERS_RELEASE_WAIT = 1.0  # seconds for readers to release the index; a writer may try again


class SharedHandle:
    """A shared lock on the index in ``folder``, taken again after it was released.

    ``attach`` names what opens and closes the database with it. ``generation`` counts how often the lock was taken, so
    what was read in an earlier generation may have changed. ``exclusive`` holds the index alone, to write it. Safe to
    use from several threads.
    """

    def __init__(self, folder: Path, patience: float = READER_TIMEOUT) -> None:
        self.generation = 1
        self._folder = folder
        self._patience = patience
        self._held = IndexLock(folder)
        self._guard = threading.Lock()
        self._holding = True
        self._uses = 0
        self._since = self._last = time.monotonic()
        self._opened: Callable[[], None] = lambda: None
        self._closed: Callable[[], None] = lambda: None
        self._rest: Callable[[], AbstractContextManager[Any]] | None = None
        self._within = 0
        self._entering = threading.Lock()
        self._writing = ExitStack()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="share", daemon=True)
        try:
            self._held.acquire_shared(patience)
            self._thread.start()
        except BaseException:
            self._held.close()
            raise

    def attach(
        self,
        opened: Callable[[], None],
        closed: Callable[[], None],
        rest: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        """Set what opens and closes the database, and the context that keeps the next write waiting."""
        self._opened, self._closed, self._rest = opened, closed, rest

    def close(self) -> None:
        """Release the lock for good."""
        self._stop.set()
        self._thread.join()
        self._held.close()

    @property
    def is_open(self) -> bool:
        """Whether the lock is held now."""
        return self._holding

    @contextmanager
    def use(self) -> Iterator[None]:
        """Hold the lock inside, after waiting for a gap if a writer is at work. Raises IndexBusyError."""
        with self._guard:
            if not self._holding:
                self._held.acquire_shared(self._patience)
                try:
                    self._opened()
                except BaseException:
                    self._held.release()
                    raise
                self._holding, self._since = True, time.monotonic()
                self.generation += 1
            self._uses += 1
        try:
            yield
        finally:
            with self._guard:
                self._uses -= 1
                self._last = time.monotonic()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the index exclusively, to write it; several threads may enter, until the last has left.

        Raises IndexBusyError at once while another process writes, and soon if readers do not release it.
        """
        with self._entering:
            if self._within == 0:
                self._lock_exclusively()
            self._within += 1
        try:
            yield
        finally:
            with self._entering:
                self._within -= 1
                if self._within == 0:
                    self._writing.close()

    def _lock_exclusively(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(writer_lock(self._folder))
            stack.enter_context(self.use())
            stack.callback(self._share_again)
            self._held.acquire_exclusive(_READERS_RELEASE_WAIT)
            if self._rest is not None:  # otherwise the index is being created
                stack.enter_context(reader_gaps(self._held, self._rest))
            self._writing = stack.pop_all()

    def _share_again(self) -> None:
        """Hold the lock shared again, after it was held exclusively or could not be."""
        try:
            self._held.downgrade()
        except (OSError, IndexBusyError):
            _log.exception("The index could not be held for reading; it is opened again at the next use")
            with self._guard:
                self._release()

    def _watch(self) -> None:
        told = False
        while not self._stop.wait(_POLL_INTERVAL):
            try:
                if self._may_release() and self._held.has_writer_waiting():
                    with self._guard:
                        if self._may_release():
                            self._release()
            except Exception:
                if not told:
                    _log.exception("The index could not be let go of cleanly")
                told = True

    def _release(self) -> None:
        """Close the database and release the lock. Whatever fails, the next use opens it again."""
        self._holding = False
        try:
            self._closed()
        finally:
            self._held.release()

    def _may_release(self) -> bool:
        now = time.monotonic()
        rested = now - self._last >= _IDLE_BEFORE_RELEASE or now - self._since >= _MAX_HELD
        return self._holding and not self._uses and rested
