"""One writer or many readers: embedded Chroma must not be written by one process while another has it open."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexBusy

try:
    import fcntl
except ImportError:  # pragma: no cover - a system without advisory locks goes unguarded
    fcntl = None  # type: ignore[assignment]


@contextmanager
def lock(folder: Path, *, write: bool) -> Iterator[None]:
    """Hold the index in ``folder`` for writing (alone) or reading (with other readers).

    The lock goes with the process, so one that was killed holds nothing. Raises IndexBusy at once when
    another process holds it the other way.
    """
    path = folder / "lock"
    if write:
        folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None or (not write and not path.exists()):
        yield
        return
    handle = os.open(path, os.O_RDWR | os.O_CREAT if write else os.O_RDONLY, 0o644)
    try:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if write else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexBusy(_busy(folder, write=write)) from None
        yield
    finally:
        os.close(handle)


def _busy(folder: Path, *, write: bool) -> str:
    if write:
        return (
            f"The index in {folder} is in use by another onrecord process, perhaps an open chat. "
            "Stop it, then run this again; nothing was changed."
        )
    return f"The index in {folder} is being written by another onrecord process. Try again when it is done."
