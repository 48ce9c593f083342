"""Open Chroma, with its telemetry off, and put its failures into words."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexBroken

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

_FULL = ("disk is full", "no space left", "disk full", "enospc")
_TIGHT = 4_000_000  # bytes free below which a failure is put down to the disk; Chroma does not say
_READONLY = ("readonly database", "read-only", "permission denied")


def open_chroma(folder: Path) -> "ClientAPI":
    """A client of the embedded database in ``folder``, made when missing. Raises IndexBroken if it cannot open."""
    import chromadb
    from chromadb.config import Settings

    with failures_named(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        except ValueError as error:  # what Chroma makes of a database without its tables
            raise IndexBroken(explain(folder, error)) from error


@contextmanager
def failures_named(folder: Path) -> Iterator[None]:
    """Turn whatever the database raises into an IndexBroken that says what to do."""
    import chromadb.errors

    try:
        yield
    except (OSError, RuntimeError, sqlite3.Error, chromadb.errors.ChromaError) as error:
        raise IndexBroken(explain(folder, error)) from error
    except BaseException as error:
        # Chroma's native core reports a damaged file as a panic, which is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexBroken(explain(folder, error)) from error


def explain(folder: Path, error: BaseException) -> str:
    """One line on what went wrong with the database in ``folder`` and what to do about it."""
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if any(sign in reason.lower() for sign in _FULL) or _free(folder) < _TIGHT:
        return (
            f"The disk that holds the index in {folder} is full. Free some space and run the same command again: "
            "what was finished is kept."
        )
    if any(sign in reason.lower() for sign in _READONLY):
        return f"The index in {folder} cannot be written ({reason}). Check its permissions, or set another data_dir."
    return (
        f"The index in {folder} is damaged and cannot be read ({reason}). Your documents are untouched: move the "
        "folder away and run `onrecord index PATH…` again."
    )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _TIGHT
