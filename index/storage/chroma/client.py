"""Open Chroma with its telemetry off, and turn its failures into messages that say what to do."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from index.errors import IndexBrokenError, IndexBusyError, IndexMissingError, OnrecordError
from index.storage.chroma import server
from index.storage.chroma.server import ChromaServer
from index.storage.sqlite_file import FAILURES, is_damage, open_read_only

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.client import Client

DATABASE = "chroma.sqlite3"
_TABLES_READ_FIRST = frozenset({"collections", "collection_metadata", "segments", "tenants", "databases", "migrations"})
_SIGNS_OF_FULL_DISK = ("disk is full", "no space left", "disk full", "enospc")
_MIN_FREE_BYTES = 4_000_000  # with fewer free bytes a failure counts as a full disk, which Chroma does not say
_SIGNS_OF_LOCK = ("database is locked", "database table is locked")
_SIGNS_OF_TOO_MANY_VALUES = ("too many sql variables",)
_SIGNS_OF_READ_ONLY = ("readonly database", "read-only", "permission denied")


def open_chroma(folder: Path) -> "ClientAPI":
    """Open the embedded database in ``folder``, made when missing. Raises IndexBrokenError."""
    import chromadb
    from chromadb.config import Settings

    with named_failures(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_damage(folder)
        try:
            return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        except ValueError as error:  # what Chroma makes of a database without its tables
            raise IndexBrokenError(failure_message(folder, error)) from error


def _refuse_damage(folder: Path) -> None:
    """Raise IndexBrokenError if SQLite cannot read what Chroma reads first, which could abort the process."""
    if not (folder / DATABASE).exists():
        return
    try:
        with open_read_only(folder / DATABASE) as connection:
            there = {str(name) for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
            for table in there & _TABLES_READ_FIRST:
                connection.execute(f"select * from {table}").fetchall()
    except FAILURES as error:
        if is_damage(error):
            raise IndexBrokenError(failure_message(folder, error)) from error


def open_client(place: Path | ChromaServer, *, make: bool) -> "ClientAPI":
    """Open the database in a folder or on a server; with ``make``, create one that is missing on a server.

    Raises IndexBrokenError if it cannot be opened, IndexMissingError if the server holds none.
    """
    if isinstance(place, Path):
        return open_chroma(place)
    from chromadb.errors import NotFoundError

    try:
        with named_failures(place, besides=NotFoundError):
            return server.connect(place, make=make)
    except NotFoundError as error:
        raise IndexMissingError(missing_index_message(place)) from error


def graph_folder(folder: Path, collection_id: str) -> Path | None:
    """Return the folder of a collection's vector graph; None if Chroma, which has no interface for this, has none."""
    query = "select id from segments where scope = 'VECTOR' and collection = ?"
    try:
        with open_read_only(folder / DATABASE) as connection:
            row = connection.execute(query, (collection_id,)).fetchone()
    except FAILURES:
        return None
    return None if row is None else folder / str(row[0])


def close_client(client: "ClientAPI") -> None:
    """Close the database's files, once nobody else in this process has them open."""
    # Chroma's Client has this method; the interface that ``open_chroma`` returns does not.
    cast("Client", client).close()


def missing_index_message(place: Path | ChromaServer, collection: str = "", there: Sequence[str] = ()) -> str:
    """Say that there is no index, or none called ``collection`` among those that are ``there``."""
    at, another = ("in", "--data-dir to where it lies")
    if isinstance(place, ChromaServer):
        at, another = ("on", "chroma_tenant and chroma_database")
    if there:
        return (
            f"There is no collection {collection!r} {at} {place}. There are: {', '.join(map(repr, there))}. Make it "
            f"with `onrecord index PATH… --collection {collection}`."
        )
    return f"There is no index {at} {place}. Make one with `onrecord index PATH…`, or set {another}."


@contextmanager
def named_failures(place: Path | ChromaServer, besides: type[Exception] = OnrecordError) -> Iterator[None]:
    """Turn whatever the database raises, except ``besides``, into an IndexBrokenError that says what to do."""
    import chromadb.errors

    try:
        yield
    except (OnrecordError, besides):
        raise
    except (OSError, RuntimeError, sqlite3.Error, chromadb.errors.ChromaError) as error:
        raise _failure(place, error) from error
    except BaseException as error:
        # Chroma's native core reports a damaged file as a panic, which is no Exception; its client reports a server's
        # reply that it does not understand as an Exception without a kind, and httpx has a family of its own.
        native = type(error).__name__ == "PanicException"
        if not native and not (isinstance(place, ChromaServer) and _is_client_error(error)):
            raise
        raise _failure(place, error) from error


def _failure(place: Path | ChromaServer, error: BaseException) -> OnrecordError:
    """Make the error for a failure: IndexBusyError if the database is locked, which means it is only in use."""
    kind = IndexBusyError if isinstance(place, Path) and _mentions(error, _SIGNS_OF_LOCK) else IndexBrokenError
    return kind(failure_message(place, error))


def _mentions(error: BaseException, signs: Sequence[str]) -> bool:
    return any(sign in str(error).lower() for sign in signs)


def _is_client_error(error: BaseException) -> bool:
    import httpx

    return type(error) is Exception or isinstance(error, httpx.HTTPError)


def failure_message(place: Path | ChromaServer, error: BaseException) -> str:
    """Say in one line what went wrong with the database and what to do about it."""
    if isinstance(place, ChromaServer):
        return server.failure_message(place, error)
    folder = place
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if _mentions(error, _SIGNS_OF_LOCK):
        return (
            f"The index in {folder} is in use by another program ({reason}). Run the same command again: what was "
            "finished is kept."
        )
    if _mentions(error, _SIGNS_OF_TOO_MANY_VALUES):
        return (
            f"The index in {folder} was asked for more at once than its database takes ({reason}). Nothing is "
            "damaged; this is a fault of Onrecord: please report it."
        )
    if _mentions(error, _SIGNS_OF_FULL_DISK) or _free_bytes(folder) < _MIN_FREE_BYTES:
        return (
            f"The disk that holds the index in {folder} is full. Free some space and run the same command again: "
            "what was finished is kept."
        )
    if _mentions(error, _SIGNS_OF_READ_ONLY):
        return (
            f"The index in {folder} cannot be written ({reason}), which Chroma wants even to read it. Check its "
            "permissions and its disk, or set another data_dir."
        )
    return (
        f"The index in {folder} is damaged and cannot be read ({reason}). Your documents are untouched: run "
        "`onrecord doctor --repair`, else restore a backup (`onrecord restore`), or move the folder away and run "
        "`onrecord index PATH…` again."
    )


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _MIN_FREE_BYTES
