"""One writer or many readers: embedded Chroma must not be written by one process while another has it open."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexBusy

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without advisory locks goes unguarded
    fcntl = None  # type: ignore[assignment]

_LOCK = "lock"
_TURN = "lock.turn"


@contextmanager
def lock(folder: Path, *, write: bool) -> Iterator[None]:
    """Hold the index in ``folder`` for writing (alone) or reading (with other readers).

    The lock goes with the process, so one that was killed holds nothing. Raises IndexBusy at once when
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


class Hold:
    """The index in ``folder``, held for reading, which the same process may also write for a while.

    Made by ``hold``. ``alone`` may be entered from several threads at once: other processes are kept out until
    the last has left.
    """

    def __init__(self, folder: Path, handle: int) -> None:
        self._folder = folder
        self._handle = handle
        self._within = 0
        self._guard = threading.Lock()
        self._turn: int | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Have the index alone, to write it. Raises IndexBusy at once while another process has it open."""
        with self._guard:
            if self._within == 0:
                self._turn = self._begin()
            self._within += 1
        try:
            yield
        finally:
            with self._guard:
                self._within -= 1
                if self._within == 0:
                    self._end()

    def _begin(self) -> int | None:
        if fcntl is None:
            return None
        turn = os.open(self._folder / _TURN, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _take(turn, self._folder, write=True)
            try:
                _take(self._handle, self._folder, write=True)
            except IndexBusy:
                # A refused change of the lock drops it; whoever wants to write needs the turn, so it is free to take.
                _take(self._handle, self._folder, write=False)
                raise
        except BaseException:
            os.close(turn)
            raise
        return turn

    def _end(self) -> None:
        if self._turn is not None:
            _take(self._handle, self._folder, write=False)
            os.close(self._turn)
            self._turn = None


@contextmanager
def hold(folder: Path) -> Iterator[Hold]:
    """Hold the index in ``folder`` for reading, with leave to write it for a while.

    Raises IndexBusy while another process writes it, OSError where the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(folder / _LOCK) as handle:
        if fcntl is not None:
            _take(handle, folder, write=False)
        yield Hold(folder, handle)


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


def _take(handle: int, folder: Path, *, write: bool) -> None:
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise IndexBusy(_busy(folder, write=write)) from None


def _busy(folder: Path, *, write: bool) -> str:
    if write:
        return (
            f"The index in {folder} is in use by another onrecord process, perhaps an open chat. "
            "Stop it, then run this again; nothing was changed."
        )
    return f"The index in {folder} is being written by another onrecord process. Try again when it is done."
