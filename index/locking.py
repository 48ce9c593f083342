"""One writer or many readers: embedded Chroma must not be written by one process while another has it open.

Three files, locked with flock(2), so that a process that was killed holds nothing. ``lock`` is the index itself: shared
by who has it open, taken whole by who writes. ``lock.turn`` is held by whoever writes for as long as that takes.
``lock.door`` is how the others are asked for room: a reader that waits holds it shared, and the writer makes a gap as
soon as it writes nothing (``gaps``); a writer that waits holds it whole, which lets no new reader in, and those inside
let go between two uses (``index.storage.shared_handle``).
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

_LOCK = "lock"
_TURN = "lock.turn"
_DOOR = "lock.door"
_LOOK = 0.05  # seconds between tries

READER_TIMEOUT = 30.0  # seconds for a gap; a writer makes one between two writes
WRITER_TIMEOUT = 10.0  # seconds for readers to let go


@contextmanager
def lock(folder: Path, *, write: bool) -> Iterator[None]:
    """Hold what lies in ``folder`` for writing (alone) or reading (with other readers), without waiting for anybody.

    The lock goes with the process, so one that was killed holds nothing. Raises IndexBusyError at once when
    another process holds it the other way.
    """
    path = folder / _LOCK
    if write:
        folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None or (not write and not path.exists()):
        yield
        return
    if write:
        with _writers_turn(folder), _opened(path) as handle:
            _take(handle, folder, write=True)
            yield
        return
    with _opened(path, os.O_RDONLY) as handle:
        _take(handle, folder, write=False)
        yield


class Held:
    """The index in ``folder``: held for reading, held whole, or not at all, as its methods leave it.

    One thread at a time changes it; another one may ask meanwhile who waits. Where the system has no such locks it is
    always held.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._lock = self._stack.enter_context(_readable(folder / _LOCK))
        self._door = self._stack.enter_context(_readable(folder / _DOOR))
        self._at_door = False
        self._asking = threading.Lock()  # to take, ask for or leave the door

    def close(self) -> None:
        """Let go of it for good."""
        self._stack.close()

    def read(self, patience: float = READER_TIMEOUT) -> None:
        """Hold it for reading, after at most ``patience`` seconds in which a writer makes room.

        Raises IndexBusyError.
        """
        self._enter(write=False, patience=patience)

    def write(self, patience: float = WRITER_TIMEOUT, stop: threading.Event | None = None) -> bool:
        """Hold it whole, once all readers have let go; whoever calls this has the turn.

        Raises IndexBusyError after ``patience`` seconds, and holds it for reading then if it was held for that. False
        where ``stop`` was set meanwhile.
        """
        return self._enter(write=True, patience=patience, stop=stop)

    def downgrade(self) -> None:
        """Hold it for reading where it was held whole, without waiting for anybody."""
        if self._lock is not None:
            _take(self._lock, self._folder, write=False)

    def let_go(self) -> None:
        """Hold it no longer."""
        _unlock(self._lock)

    def has_writer_waiting(self) -> bool:
        """Whether a writer waits for readers to let go."""
        return self._is_locked(write=False)

    def has_readers_waiting(self) -> bool:
        """Whether a reader waits for a gap."""
        return self._is_locked(write=True)

    def let_readers_in(self, stop: threading.Event) -> None:
        """Let those in who wait to read, and hold it whole again once they let go, or not if ``stop`` is set."""
        if self._lock is None:
            return
        self.downgrade()
        # Until nobody waits any more, which is when the door can be had for ourselves.
        while not stop.is_set() and self.has_readers_waiting():
            time.sleep(_LOOK)
        self.write(float("inf"), stop)

    def _enter(self, *, write: bool, patience: float, stop: threading.Event | None = None) -> bool:
        if self._lock is None:
            return True
        until = time.monotonic() + patience
        try:
            while not (stop is not None and stop.is_set()):
                through = self._is_through(write=write)
                if through and _try(self._lock, write=write):
                    return True
                if write and through:
                    # A refused change of a lock drops it; nobody else can write, since the turn is ours.
                    _try(self._lock, write=False)
                if time.monotonic() >= until:
                    raise IndexBusyError(_busy(self._folder, write=write))
                time.sleep(_LOOK)
            return False
        finally:
            with self._asking:
                self._at_door = False
                _unlock(self._door)

    def _is_through(self, *, write: bool) -> bool:
        with self._asking:
            self._at_door = self._at_door or _try(self._door, write=write)
            return self._at_door

    def _is_locked(self, *, write: bool) -> bool:
        with self._asking:
            # To ask is to take it and leave it again, which must not happen to a door that is ours just now.
            if self._door is None or self._at_door:
                return False
            if not _try(self._door, write=write):
                return True
            _unlock(self._door)
            return False


@contextmanager
def writer_lock(folder: Path) -> Iterator[None]:
    """Be the one process that writes. Raises IndexBusyError at once while there is another, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    with _writers_turn(folder):
        yield


@contextmanager
def gaps(held: Held, rest: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    """While this lasts, make a gap for readers that wait whenever nothing is written.

    Entering what ``rest`` gives waits for the write under way and keeps the next one waiting. What fails in a gap is
    raised in there, since the index is not held whole any more: ``rest`` must then let nobody write again. Raises
    IndexBrokenError on leaving too.
    """
    stop = threading.Event()
    failed: list[BaseException] = []

    def look() -> None:
        try:
            while not stop.wait(2 * _LOOK):
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
        raise lost(failed[0]) from failed[0]


def lost(error: BaseException) -> IndexBrokenError:
    """Say that the index is not held whole any more, though it is being written."""
    return IndexBrokenError(
        f"The index could not be locked again after others had read it ({first_line(error)}). Nothing more is written. "
        "Check the disk and the memory, and start this again; what was finished is kept."
    )


@contextmanager
def _writers_turn(folder: Path) -> Iterator[None]:
    """Only one process at a time may go from reading to writing, since the change lets go for a moment."""
    with _opened(folder / _TURN) as handle:
        _take(handle, folder, write=True)
        yield


@contextmanager
def _opened(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> Iterator[int]:
    handle = os.open(path, flags, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _readable(path: Path) -> Iterator[int | None]:
    """The file, made where it can be; None where it is not there and cannot be made, or where locks are unknown."""
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


def _try(handle: int | None, *, write: bool) -> bool:
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


def _take(handle: int, folder: Path, *, write: bool) -> None:
    if not _try(handle, write=write):
        raise IndexBusyError(_busy(folder, write=write))


def _busy(folder: Path, *, write: bool) -> str:
    if write:
        return (
            f"The index in {folder} is in use by another onrecord process, which writes it or does not let go of it. "
            "Run this again when it is done, or stop it; nothing was changed."
        )
    return f"The index in {folder} is being written by another onrecord process. Try again when it is done."
