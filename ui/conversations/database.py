"""The database of the conversations: a SQLite file beside the index, or PostgreSQL for several machines."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from index.errors import SettingsError
from index.system.threadsafe import loaded_once
from ui.conversations.migrations import migrate, transaction
from ui.conversations.models import ConversationsBrokenError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

FILE = "conversations.sqlite3"
_BUSY_SECONDS = 10  # seconds to wait for another writer, or for a server


class Database:
    """A database with one connection for each call, from threads and processes at once.

    Raises ConversationsBrokenError where the database cannot be used, SettingsError where ``url`` names none that can
    be.
    """

    def __init__(self, folder: Path, url: str = "") -> None:
        self._path = folder / FILE
        self._url = url
        if url:
            _check_url(url)

    @loaded_once
    def _engine(self) -> "Engine":
        from sqlalchemy import create_engine, event
        from sqlalchemy.pool import NullPool

        if self._url:
            where = f"postgresql+psycopg://{self._url.split('://', 1)[1]}"
            try:
                return create_engine(where, pool_pre_ping=True, connect_args={"connect_timeout": _BUSY_SECONDS})
            except ModuleNotFoundError as error:
                raise SettingsError(
                    f"Conversations at {self._url} need a driver that is not installed ({error.name}). "
                    "Run: pip install 'onrecord[postgres]'"
                ) from None
        engine = create_engine(f"sqlite:///{self._path}", poolclass=NullPool, connect_args={"timeout": _BUSY_SECONDS})

        @event.listens_for(engine, "connect")
        def _prepare(raw: Any, _: Any) -> None:
            raw.execute("pragma journal_mode = wal")
            raw.execute("pragma foreign_keys = on")

        return engine

    @contextmanager
    def reading(self) -> Iterator["Connection"]:
        """Yield a connection that commits every statement by itself."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            if not self._url:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                migrate(connection)
                yield connection
        except (SQLAlchemyError, OSError, UnicodeDecodeError) as error:  # the last for a message with a damaged name
            raise ConversationsBrokenError(self._broken(error)) from error

    @contextmanager
    def writing(self) -> Iterator["Connection"]:
        """Yield a connection whose statements take effect together or not at all."""
        with self.reading() as connection, transaction(connection):
            yield connection

    def sound(self, text: str) -> str:
        """Return the text without lone surrogates and, for PostgreSQL, without the character 0."""
        whole = text.encode("utf-8", "replace").decode()
        return whole.replace("\0", "\N{REPLACEMENT CHARACTER}") if self._url else whole

    def _broken(self, error: Exception) -> str:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        if self._url:
            return (
                f"The conversations at {self._url} cannot be used ({reason}). Check that the server runs, that the "
                "database is there, and PGPASSWORD or ~/.pgpass."
            )
        return (
            f"The conversations in {self._path} cannot be used ({reason}). If another process holds them, try "
            "again; if the file is damaged, move it away and a new one is begun."
        )


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme == "postgresql"
            and len(parts.path) > 1
            and not parts.password
            and "password" not in parts.query
        )
    except ValueError:
        good = False
    if not good:
        raise SettingsError(
            "conversations_url must be the address of a PostgreSQL database without a password, such as "
            "postgresql://onrecord@db/onrecord. The password stands in PGPASSWORD or in ~/.pgpass."
        )
