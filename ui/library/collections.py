"""Named groups of documents, chosen by the reader, in a small SQLite file beside the index."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from index.errors import OnrecordError
from index.schema import DocumentInfo
from index.storage.sqlite_file import FAILURES
from index.text.normalize import one_line
from rag.question.scope import ScopeError

_FILE = "collections.sqlite3"
_MAX_NAME_LENGTH = 80  # characters of a name
_BUSY_SECONDS = 10.0  # seconds to wait for another writer
_TABLES = """
create table if not exists collections (name text primary key collate nocase) without rowid;
create table if not exists members (
    collection text not null collate nocase references collections (name) on delete cascade,
    document text not null, source text not null, primary key (collection, document, source)
) without rowid;
"""


class CollectionError(OnrecordError):
    """The collection does not exist, or the name is not valid."""


class Collections:
    """The collections of the documents that ``documents`` lists. Names are compared without regard to case.

    A member is known by its id and by the path it was read from, so it stays one when its text changes and when its
    file moves. Safe between threads and processes. Raises CollectionError.
    """

    def __init__(self, folder: Path, documents: Callable[[], Sequence[DocumentInfo]]) -> None:
        self._path = folder / _FILE
        self._documents = documents

    def names(self) -> tuple[str, ...]:
        """Return every collection in alphabetical order, including those without a document."""
        return tuple(name for (name,) in self._read("select name from collections order by name"))

    def members(self) -> dict[str, frozenset[str]]:
        """Return the ids of the documents in each collection."""
        rows = self._read("select collection, document, source from members")
        found: dict[str, frozenset[str]] = dict.fromkeys(self.names(), frozenset())
        if not rows:
            return found
        proper = {name.casefold(): name for name in found}
        held = self._documents()
        by_key: dict[str, set[str]] = {}
        for name, document, source in rows:
            by_key.setdefault(proper.get(name.casefold(), name), set()).update((document, f"\0{source}"))
        for name, keys in by_key.items():
            found[name] = frozenset(d.id for d in held if d.id in keys or f"\0{d.source}" in keys)
        return found

    def documents_of(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of the documents in any of the collections, sorted.

        Raises ScopeError for an unknown collection and where none of them holds a document.
        """
        members = {name.casefold(): ids for name, ids in self.members().items()}
        wanted = list(names)
        unknown = [name for name in wanted if name.casefold() not in members]
        if unknown:
            known = ", ".join(self.names()) or "none"
            raise ScopeError(f"There is no collection {' or '.join(map(repr, unknown))}. There are: {known}.")
        ids = frozenset[str]().union(*(members[name.casefold()] for name in wanted))
        if wanted and not ids:
            raise ScopeError(f"There is no document in {' or '.join(map(repr, wanted))} yet. Add some in the library.")
        return tuple(sorted(ids))

    def add(self, name: str, documents: Iterable[DocumentInfo]) -> str:
        """Put documents into a collection, created where it is new, and return its name as it is kept."""
        called = one_line(name)
        if not called or len(called) > _MAX_NAME_LENGTH:
            raise CollectionError(f"A collection needs a name of 1 to {_MAX_NAME_LENGTH} characters.")
        with self._writing() as connection:
            connection.execute("insert or ignore into collections values (?)", (called,))
            (called,) = connection.execute("select name from collections where name = ?", (called,)).fetchone()
            connection.executemany(
                "insert or ignore into members values (?, ?, ?)", [(called, d.id, d.source) for d in documents]
            )
        return str(called)

    def take_out(self, name: str, documents: Iterable[DocumentInfo]) -> None:
        """Take documents out of a collection. The documents stay in the index."""
        with self._writing() as connection:
            _check_known(connection, name)
            connection.executemany(
                "delete from members where collection = ? and (document = ? or source = ?)",
                [(name, d.id, d.source) for d in documents],
            )

    def update_paths(self, moved: Iterable[tuple[str, str]]) -> None:
        """Update the paths of members whose files moved, from pairs of the old and the new path."""
        pairs = list(moved)
        if not pairs or not self._path.exists():
            return
        with self._writing() as connection:
            connection.executemany(
                "update or replace members set source = ? where source = ?",
                [(after, before) for before, after in pairs],
            )

    def drop(self, name: str) -> None:
        """Remove a collection. Its documents stay in the index."""
        with self._writing() as connection:
            _check_known(connection, name)
            connection.execute("delete from collections where name = ?", (name,))

    def _read(self, query: str) -> list[tuple[str, ...]]:
        if not self._path.exists():
            return []
        try:
            with closing(
                sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", _BUSY_SECONDS, uri=True)
            ) as connection:
                return connection.execute(query).fetchall()
        except FAILURES as error:
            raise self._broken(error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, _BUSY_SECONDS)) as connection:
                connection.executescript(f"pragma foreign_keys = on; {_TABLES}")
                with connection:
                    yield connection
        except (*FAILURES, OSError) as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> CollectionError:
        return CollectionError(
            f"The collections in {self._path} cannot be used ({error}). Check the file's permissions; if it is "
            "damaged, restore a backup, or move it away and begin without any."
        )


def _check_known(connection: sqlite3.Connection, name: str) -> None:
    if connection.execute("select 1 from collections where name = ?", (name,)).fetchone() is None:
        raise CollectionError(f"There is no collection {name!r}.")
