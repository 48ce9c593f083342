"""Use the small SQLite files that lie beside Chroma, and tell damage from whatever else can go wrong with them."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds to wait for another writer, at each of
_ATTEMPTS = 3
FAILURES = (sqlite3.Error, UnicodeDecodeError)  # the second where a damaged name stands in what SQLite says
_UNSOUND = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_MISMATCH})
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SAID_OF_DAMAGE = ("no such table", "no such column", "malformed", "unsupported file format", "could not decode")


def is_locked(error: Exception) -> bool:
    """Tell whether another connection only has the file in use."""
    return _code(error) in _LOCKED


def is_damage(error: Exception) -> bool:
    """Tell whether the file itself is not what was written: not a lock, a full disk or a missing permission."""
    if isinstance(error, UnicodeDecodeError):
        return True
    return _code(error) in _UNSOUND or any(sign in str(error).lower() for sign in _SAID_OF_DAMAGE)


def is_sound(path: Path) -> bool:
    """Tell whether SQLite finds the file whole, as it does one that is missing; one that is locked counts as whole."""
    if not path.exists():
        return True
    try:
        with reading(path) as connection:
            checked: list[tuple[str]] = connection.execute("pragma quick_check(1)").fetchall()
            return checked == [("ok",)]
    except FAILURES as error:
        _log.info("%s: %s", path, error)
        return is_locked(error)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file to read it; nothing is made or changed. Raises sqlite3.Error."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", PATIENCE, uri=True)) as connection:
        yield connection


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for ``change``, from any thread, made when missing. Raises sqlite3.Error."""
    return sqlite3.connect(path, PATIENCE, check_same_thread=False, isolation_level=None)


def change(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], None]) -> None:
    """Carry out ``work`` in a transaction, all of it or nothing, and anew where another writer was in the way.

    Raises sqlite3.Error; the connection can be used again afterwards.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _transaction(connection):
                return work(connection)
        except sqlite3.OperationalError as error:
            if not is_locked(error) or attempt == _ATTEMPTS:
                raise
            _log.warning("%s: %s; trying again (%d of %d)", _name(connection), error, attempt, _ATTEMPTS - 1)


def remove(path: Path, why: object) -> None:
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


def _code(error: Exception) -> int:
    """The primary result code; 0 for what Python's module says itself."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _name(connection: sqlite3.Connection) -> str:
    return str(connection.execute("pragma database_list").fetchone()[2])
