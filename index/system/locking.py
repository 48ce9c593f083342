"""Lock an index for one writer or many readers: no process may have embedded Chroma open while another writes.

Three files are locked with flock(2), so a process that was killed holds nothing. ``lock`` stands for the index: readers
hold it shared, the writer holds it exclusively. ``lock.turn`` is the writer lock: its holder alone may write.
``lock.door`` is the waiting lock. A waiting reader holds it shared, and the writer lets readers in as soon as it writes
nothing (``reader_gaps``). A waiting writer holds it exclusively: no new reader comes in, and the others release
``lock`` between two uses (``index.storage.shared_handle``).
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from index.errors import IndexBrokenError, IndexBusyError, first_line

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without advisory locks goes unguarded
    fcntl = None  # type: ignore[assignment]

_log = logging.getLogger(__name__)

IN_USE, UNCHANGED = "is in use by another onrecord process", "nothing was changed"
_LOCK_FILE = "lock"
_WRITER_FILE = "lock.turn"
_WAITING_FILE = "lock.door"
_POLL_INTERVAL = 0.05  # seconds between tries

READER_TIMEOUT = 30.0  # seconds to wait for a gap between two writes
WRITER_TIMEOUT = 10.0  # seconds to wait until readers release the lock


@contextmanager
def lock(folder: Path, *, write: bool) -> Iterator[None]:
    """Lock ``folder`` for writing (exclusively) or reading (shared) without waiting.

    The lock ends with the process. Raises IndexBusyError at once when another process holds it the other way.
    """
    path = folder / _LOCK_FILE
    if write:
        folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None or (not write and not path.exists()):
        yield
        return
    if write:
        with _hold_writer_file(folder), _open_file(path) as handle:
            _lock_or_fail(handle, folder, write=True)
            yield
        return
    with _open_file(path, os.O_RDONLY) as handle:
        _lock_or_fail(handle, folder, write=False)
        yield


class IndexLock:
    """The lock on the index in ``folder``: held shared, held exclusively, or not held.

    One thread at a time changes it; another may ask meanwhile who waits. Where the system has no such locks, it counts
    as held.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._lock = self._stack.enter_context(_open_readable(folder / _LOCK_FILE))
        self._waiting_lock = self._stack.enter_context(_open_readable(folder / _WAITING_FILE))
        self._holds_waiting = False
        self._asking = threading.Lock()  # guards the waiting lock

    def close(self) -> None:
        """Release the lock for good."""
        self._stack.close()

    def acquire_shared(self, patience: float = READER_TIMEOUT) -> None:
        """Hold the lock shared, to read. Raises IndexBusyError if no writer makes room within ``patience`` seconds."""
        self._enter(write=False, patience=patience)

    def acquire_exclusive(self, patience: float = WRITER_TIMEOUT, stop: threading.Event | None = None) -> bool:
        """Hold the lock exclusively once all readers have released it; the caller holds the writer lock.

        Raises IndexBusyError after ``patience`` seconds; a lock that was held shared is then held shared again. Returns
        False when ``stop`` was set meanwhile.
        """
        return self._enter(write=True, patience=patience, stop=stop)

    def downgrade(self) -> None:
        """Change an exclusive lock to a shared one, without waiting."""
        if self._lock is not None:
            _lock_or_fail(self._lock, self._folder, write=False)

    def release(self) -> None:
        """Release the lock."""
        _unlock(self._lock)

    def has_writer_waiting(self) -> bool:
        """Tell whether a writer waits for readers to release the lock."""
        return self._is_locked(write=False)

    def has_readers_waiting(self) -> bool:
        """Tell whether a reader waits for the writer to make room."""
        return self._is_locked(write=True)

    def let_readers_in(self, stop: threading.Event) -> None:
        """Let waiting readers in, and hold the lock exclusively again once they release it, unless ``stop`` is set."""
        if self._lock is None:
            return
        self.downgrade()
        # Until nobody waits any more, which is when the waiting lock can be held exclusively.
        while not stop.is_set() and self.has_readers_waiting():
            time.sleep(_POLL_INTERVAL)
        self.acquire_exclusive(float("inf"), stop)

    def _enter(self, *, write: bool, patience: float, stop: threading.Event | None = None) -> bool:
        if self._lock is None:
            return True
        until = time.monotonic() + patience
        try:
            while not (stop is not None and stop.is_set()):
                through = self._is_through(write=write)
                if through and _try_lock(self._lock, write=write):
                    return True
                if write and through:
                    # A refused change drops the shared lock; nobody else can write, since we hold the writer lock.
                    _try_lock(self._lock, write=False)
                if time.monotonic() >= until:
                    raise IndexBusyError(_busy_message(self._folder, write=write))
                time.sleep(_POLL_INTERVAL)
            return False
        finally:
            with self._asking:
                self._holds_waiting = False
                _unlock(self._waiting_lock)

    def _is_through(self, *, write: bool) -> bool:
        with self._asking:
            self._holds_waiting = self._holds_waiting or _try_lock(self._waiting_lock, write=write)
            return self._holds_waiting

    def _is_locked(self, *, write: bool) -> bool:
        with self._asking:
            # Asking takes the lock and releases it again, which must not happen while we hold it.
            if self._waiting_lock is None or self._holds_waiting:
                return False
            if not _try_lock(self._waiting_lock, write=write):
                return True
            _unlock(self._waiting_lock)
            return False


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Be the one process that may write. Raises IndexBusyError at once while another one is, and OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    with _hold_writer_file(folder):
        yield


@contextmanager
def reader_gaps(held: IndexLock, rest: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """Let waiting readers in whenever nothing is written, as long as this lasts.

    ``rest`` returns a context that waits for the write under way and keeps the next one waiting. A failure while
    readers are in is raised inside that context, since the lock is lost: ``rest`` must then let nobody write again.
    Raises IndexBrokenError on leaving too.
    """
    stop = threading.Event()
    failed: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.wait(2 * _POLL_INTERVAL):
                if held.has_readers_waiting():
                    gap()
        except BaseException:
            _log.exception("No more gaps are made for readers while the index is written")

    def gap() -> None:
        with rest():
            try:
                held.let_readers_in(stop)
            except BaseException as error:
                failed.append(error)
                raise

    thread = threading.Thread(target=look, name="gaps", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failed:
        raise lock_lost_error(failed[0]) from failed[0]


def lock_lost_error(error: BaseException) -> IndexBrokenError:
    """Say that the exclusive lock was lost while the index was being written."""
    return IndexBrokenError(
        f"The index could not be locked again after others had read it ({first_line(error)}). Nothing more is written. "
        "Check the disk and the memory, and start this again; what was finished is kept."
    )


@contextmanager
def _hold_writer_file(folder: Path) -> Iterator[None]:
    """Lock the writer file.

    Only one process may go from reading to writing at a time, since the change lets go of the lock for a moment.
    """
    with _open_file(folder / _WRITER_FILE) as handle:
        _lock_or_fail(handle, folder, write=True)
        yield


@contextmanager
def _open_file(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> Iterator[int]:
    handle = os.open(path, flags, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _open_readable(path: Path) -> Iterator[int | None]:
    """Open the file, made if possible; None if it is missing and cannot be made, or if the system has no locks."""
    if fcntl is None:
        yield None
        return
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError:
            yield None
            return
    try:
        yield handle
    finally:
        os.close(handle)


def _try_lock(handle: int | None, *, write: bool) -> bool:
    if handle is None:
        return True
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(handle: int | None) -> None:
    if handle is not None:
        fcntl.flock(handle, fcntl.LOCK_UN)


def _lock_or_fail(handle: int, folder: Path, *, write: bool) -> None:
    if not _try_lock(handle, write=write):
        raise IndexBusyError(_busy_message(folder, write=write))


def _busy_message(folder: Path, *, write: bool) -> str:
    if write:
        return (
            f"The index in {folder} {IN_USE}, which writes it or does not let go of it. "
            f"Run this again when it is done, or stop it; {UNCHANGED}."
        )
    return f"The index in {folder} is being written by another onrecord process. Try again when it is done."
