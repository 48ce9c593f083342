"""Open Chroma, with its telemetry off, and put its failures into words."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from index.errors import IndexBrokenError, IndexBusyError, IndexMissingError, OnrecordError
from index.storage import chroma_server as server
from index.storage.chroma.server import Server
from index.storage.sqlite_file import FAILURES, is_damage, reading

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.client import Client

DATABASE = "chroma.sqlite3"
_READ_FIRST = frozenset({"collections", "collection_metadata", "segments", "tenants", "databases", "migrations"})
_FULL = ("disk is full", "no space left", "disk full", "enospc")
_TIGHT = 4_000_000  # bytes free below which a failure is put down to the disk; Chroma does not say
_LOCKED = ("database is locked", "database table is locked")
_TOO_MANY = ("too many sql variables",)
_READONLY = ("readonly database", "read-only", "permission denied")


def open_chroma(folder: Path) -> "ClientAPI":
    """A client of the embedded database in ``folder``, made when missing. Raises IndexBrokenError if it cannot open."""
    import chromadb
    from chromadb.config import Settings

    with named_failures(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_damage(folder)
        try:
            return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
        except ValueError as error:  # what Chroma makes of a database without its tables
            raise IndexBrokenError(explain(folder, error)) from error


def _refuse_damage(folder: Path) -> None:
    """Raise IndexBrokenError where SQLite cannot read what Chroma reads first, which could abort the process."""
    if not (folder / DATABASE).exists():
        return
    try:
        with reading(folder / DATABASE) as connection:
            there = {str(name) for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
            for table in there & _READ_FIRST:
                connection.execute(f"select * from {table}").fetchall()
    except FAILURES as error:
        if is_damage(error):
            raise IndexBrokenError(explain(folder, error)) from error


def open_place(place: Path | Server, *, make: bool) -> "ClientAPI":
    """A client of the database in a folder or on a server; with ``make`` one that is missing is made on a server.

    Raises IndexBrokenError if it cannot be had, IndexMissingError where the server holds none.
    """
    if isinstance(place, Path):
        return open_chroma(place)
    from chromadb.errors import NotFoundError

    try:
        with named_failures(place, besides=NotFoundError):
            return server.connect(place, make=make)
    except NotFoundError as error:
        raise IndexMissingError(missing(place)) from error


def graph_folder(folder: Path, collection_id: str) -> Path | None:
    """The folder of a collection's graph of vectors; None where Chroma does not say, which it does in no interface."""
    query = "select id from segments where scope = 'VECTOR' and collection = ?"
    try:
        with reading(folder / DATABASE) as connection:
            row = connection.execute(query, (collection_id,)).fetchone()
    except FAILURES:
        return None
    return None if row is None else folder / str(row[0])


def close_client(client: "ClientAPI") -> None:
    """Let go of the database's files, once nobody else in this process has them open."""
    # Chroma's Client has it; the interface that ``open_chroma`` promises does not name it.
    cast("Client", client).close()


def missing(place: Path | Server, collection: str = "", there: Sequence[str] = ()) -> str:
    """What is said where there is no index, or none called ``collection`` among those that are ``there``."""
    at, another = ("in", "--data-dir to where it lies")
    if isinstance(place, Server):
        at, another = ("on", "chroma_tenant and chroma_database")
    if there:
        return (
            f"There is no collection {collection!r} {at} {place}. There are: {', '.join(map(repr, there))}. Make it "
            f"with `onrecord index PATH… --collection {collection}`."
        )
    return f"There is no index {at} {place}. Make one with `onrecord index PATH…`, or set {another}."


@contextmanager
def named_failures(place: Path | Server, besides: type[Exception] = OnrecordError) -> Iterator[None]:
    """Turn whatever the database raises into an IndexBrokenError that says what to do, all but ``besides``."""
    import chromadb.errors

    try:
        yield
    except (OnrecordError, besides):
        raise
    except (OSError, RuntimeError, sqlite3.Error, chromadb.errors.ChromaError) as error:
        raise _named(place, error) from error
    except BaseException as error:
        # Chroma's native core reports a damaged file as a panic, which is no Exception; its client reports a server's
        # reply that it does not understand as an Exception without a kind, and httpx has a family of its own.
        native = type(error).__name__ == "PanicException"
        if not native and not (isinstance(place, Server) and _of_client(error)):
            raise
        raise _named(place, error) from error


def _named(place: Path | Server, error: BaseException) -> OnrecordError:
    """A database that is locked is in use, and nothing about it is broken."""
    kind = IndexBusyError if isinstance(place, Path) and _says(error, _LOCKED) else IndexBrokenError
    return kind(explain(place, error))


def _says(error: BaseException, signs: Sequence[str]) -> bool:
    return any(sign in str(error).lower() for sign in signs)


def _of_client(error: BaseException) -> bool:
    import httpx

    return type(error) is Exception or isinstance(error, httpx.HTTPError)


def explain(place: Path | Server, error: BaseException) -> str:
    """One line on what went wrong with the database and what to do about it."""
    if isinstance(place, Server):
        return server.explain(place, error)
    folder = place
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if _says(error, _LOCKED):
        return (
            f"The index in {folder} is in use by another program ({reason}). Run the same command again: what was "
            "finished is kept."
        )
    if _says(error, _TOO_MANY):
        return (
            f"The index in {folder} was asked for more at once than its database takes ({reason}). Nothing is "
            "damaged; this is a fault of Onrecord: please report it."
        )
    if _says(error, _FULL) or _free(folder) < _TIGHT:
        return (
            f"The disk that holds the index in {folder} is full. Free some space and run the same command again: "
            "what was finished is kept."
        )
    if _says(error, _READONLY):
        return (
            f"The index in {folder} cannot be written ({reason}), which Chroma wants even to read it. Check its "
            "permissions and its disk, or set another data_dir."
        )
    return (
        f"The index in {folder} is damaged and cannot be read ({reason}). Your documents are untouched: run "
        "`onrecord doctor --repair`, else restore a backup (`onrecord restore`), or move the folder away and run "
        "`onrecord index PATH…` again."
    )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _TIGHT
