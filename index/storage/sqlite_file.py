"""Use the small SQLite files that lie beside Chroma, and tell damage from other failures."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_log = logging.getLogger(__name__)

LOCK_TIMEOUT = 10.0  # seconds to wait for another writer, in each attempt
_MAX_ATTEMPTS = 3
FAILURES = (sqlite3.Error, UnicodeDecodeError)  # UnicodeDecodeError if SQLite's message holds a damaged name
_DAMAGE_CODES = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_MISMATCH}
)
_LOCK_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SIGNS_OF_DAMAGE = ("no such table", "no such column", "malformed", "unsupported file format", "could not decode")


def is_locked(error: Exception) -> bool:
    """Tell whether a failure only means that another connection has the file in use."""
    return _result_code(error) in _LOCK_CODES


def is_damage(error: Exception) -> bool:
    """Tell whether a failure means that the file is damaged, not locked, read-only or on a full disk."""
    if isinstance(error, UnicodeDecodeError):
        return True
    return _result_code(error) in _DAMAGE_CODES or any(sign in str(error).lower() for sign in _SIGNS_OF_DAMAGE)


def is_sound(path: Path) -> bool:
    """Tell whether SQLite finds the file whole; a missing or locked file counts as whole."""
    if not path.exists():
        return True
    try:
        with open_read_only(path) as connection:
            checked: list[tuple[str]] = connection.execute("pragma quick_check(1)").fetchall()
            return checked == [("ok",)]
    except FAILURES as error:
        _log.info("%s: %s", path, error)
        return is_locked(error)


@contextmanager
def open_read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file to read it; nothing is made or changed. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", LOCK_TIMEOUT, uri=True)) as connection:
        yield connection


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for ``run_transaction``, from any thread, made when missing. Raises sqlite3.Error."""
    return sqlite3.connect(path, LOCK_TIMEOUT, check_same_thread=False, isolation_level=None)


def run_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]) -> None:
    """Carry out ``work`` in a transaction, all of it or nothing, and again if another writer was in the way.

    Raises sqlite3.Error; the connection can be used again afterwards.
    """
    for attempt in range(1, _MAX_ATTEMPTS + 1):
        try:
            with _transaction(connection):
                return work(connection)
        except sqlite3.OperationalError as error:
            if not is_locked(error) or attempt == _MAX_ATTEMPTS:
                raise
            _log.warning("%s: %s; trying again (%d of %d)", _file_of(connection), error, attempt, _MAX_ATTEMPTS - 1)


def write_derived(path: Path, tables: str, work: Callable[[sqlite3.Connection], None], cost: str) -> None:
    """Carry out ``work`` in a transaction of a file that can be made anew; the tables are made where they are missing.

    A failure raises nothing: a damaged file is deleted, any other failure is logged with its ``cost``.
    """
    try:
        with closing(connect(path)) as connection:
            connection.executescript(tables)
            run_transaction(connection, work)
    except FAILURES as error:
        if is_damage(error):
            delete_file(path, error)
        else:
            why = "locked by another program" if is_locked(error) else error
            _log.warning("%s was not written (%s): %s", path, why, cost)


def delete_file(path: Path, why: object) -> None:
    """Delete a derived file that cannot be used, with what SQLite keeps beside it."""
    _log.warning("%s is removed and will be made anew: %s", path, why)
    for beside in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("begin immediate")
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _result_code(error: Exception) -> int:
    """Return the primary result code; 0 for errors of Python's own module."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _file_of(connection: sqlite3.Connection) -> str:
    return str(connection.execute("pragma database_list").fetchone()[2])
