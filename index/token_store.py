"""The tokens' codes on disk: one SQLite file beside Chroma, a row a passage, derived and never the only truth."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from index.tokens import Codes, Floats, random_rotation

_FILE = "tokens.sqlite3"
_AT_ONCE = 500  # placeholders in one statement
_TABLES = """
create table if not exists rotation (dimension integer primary key, matrix blob not null);
create table if not exists codes (
    collection text not null, document text not null, passage text not null, signs blob not null,
    starts blob not null, primary key (collection, passage)
) without rowid;
create index if not exists codes_of_document on codes (collection, document);
"""


class TokenStore:
    """Codes of one named collection's passages. A passage without any is simply not known here.

    Safe to use from several threads. Raises ``sqlite3.Error`` when the file cannot be read or written.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self._path = folder / _FILE
        self._collection = collection
        self._lock = threading.Lock()
        self._rotations: dict[int, Floats] = {}

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        # An index on a disk that may only be read has its tables already, and must not be asked for a write.
        if not connection.execute("select 1 from sqlite_master where name = 'codes_of_document'").fetchone():
            connection.executescript(_TABLES)
        return connection

    def add(self, document_id: str, codes: Mapping[str, Codes]) -> None:
        """Keep the codes of passages of one document, by passage id."""
        self.add_all([(document_id, codes)])

    def add_all(self, documents: Iterable[tuple[str, Mapping[str, Codes]]]) -> None:
        """Keep the codes of passages of several documents, by document and passage id."""
        rows = [
            (self._collection, document_id, id_, c.signs.tobytes(), c.starts.astype("<i4").tobytes())
            for document_id, codes in documents
            for id_, c in codes.items()
            if len(c.starts)
        ]
        if not rows:
            return
        with self._lock:
            self._connection.execute("begin")
            self._connection.executemany("insert or replace into codes values (?, ?, ?, ?, ?)", rows)
            self._connection.execute("commit")

    def codes(self, ids: Sequence[str]) -> dict[str, Codes]:
        """The codes of passages, by id; those never kept are left out."""
        if not self._path.exists():
            return {}
        found: dict[str, Codes] = {}
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            marks = ",".join("?" * len(part))
            query = f"select passage, signs, starts from codes where collection = ? and passage in ({marks})"
            with self._lock:
                rows = self._connection.execute(query, (self._collection, *part)).fetchall()
            found |= {id_: _codes(signs, starts) for id_, signs, starts in rows}
        return found

    def rotation(self, dimension: int) -> Floats | None:
        """The rotation that codes of vectors of this size were made with; None when there are none."""
        if dimension in self._rotations:
            return self._rotations[dimension]
        if not self._path.exists():
            return None
        with self._lock:
            row = self._connection.execute("select matrix from rotation where dimension = ?", (dimension,)).fetchone()
        if row is None:
            return None
        # Drawn once and never again, so it is not read for every question.
        self._rotations[dimension] = np.frombuffer(row[0], dtype=np.float32).reshape(dimension, dimension)
        return self._rotations[dimension]

    def settle_rotation(self, dimension: int) -> Floats:
        """The rotation to make codes with, drawn and kept when there is none yet."""
        matrix = self.rotation(dimension)
        if matrix is None:
            matrix = random_rotation(dimension)
            with self._lock:
                self._connection.execute("insert into rotation values (?, ?)", (dimension, matrix.tobytes()))
        return matrix

    def remove(self, document_ids: Iterable[str]) -> None:
        """Drop what is kept of documents."""
        if self._path.exists():
            with self._lock:
                self._connection.executemany(
                    "delete from codes where collection = ? and document = ?",
                    [(self._collection, id_) for id_ in document_ids],
                )

    def clear(self) -> None:
        """Drop everything of the collection."""
        if self._path.exists():
            with self._lock:
                self._connection.execute("delete from codes where collection = ?", (self._collection,))

    def take_over(self, collection: str) -> None:
        """Keep what is kept of ``collection`` instead, if anything is."""
        if not self._path.exists():
            return
        with self._lock:
            self._connection.execute("begin immediate")
            if self._connection.execute("select 1 from codes where collection = ?", (collection,)).fetchone():
                self._connection.execute("delete from codes where collection = ?", (self._collection,))
                self._connection.execute(
                    "update codes set collection = ? where collection = ?", (self._collection, collection)
                )
            self._connection.execute("commit")

    def documents(self) -> frozenset[str]:
        """The documents that anything is kept of."""
        if not self._path.exists():
            return frozenset()
        query = "select distinct document from codes where collection = ?"
        with self._lock:
            return frozenset(id_ for (id_,) in self._connection.execute(query, (self._collection,)))

    def size(self) -> tuple[int, int]:
        """How many passages are known here, and the bytes their codes take."""
        if not self._path.exists():
            return 0, 0
        query = "select count(*), coalesce(sum(length(signs) + length(starts)), 0) from codes where collection = ?"
        with self._lock:
            count, total = self._connection.execute(query, (self._collection,)).fetchone()
        return int(count), int(total)


def _codes(signs: bytes, starts: bytes) -> Codes:
    places = np.frombuffer(starts, dtype="<i4")
    return Codes(np.frombuffer(signs, dtype=np.uint8).reshape(len(places), -1), places.astype(np.int32))
