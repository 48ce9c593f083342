"""Keep token codes on disk: one SQLite file beside Chroma, a row a passage, derived and never the only truth."""

import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding.token_codes import Floats, TokenCodes, random_rotation
from index.storage.chroma.records import in_batches
from index.storage.sqlite_file import (
    FAILURES,
    connect,
    delete_file,
    is_damage,
    is_locked,
    is_sound,
    open_read_only,
    run_transaction,
)

_log = logging.getLogger(__name__)

FILE = "tokens.sqlite3"
_IDS_PER_QUERY = 500  # as placeholders in one statement
_TABLES = """
create table if not exists rotation (dimension integer primary key, matrix blob not null);
create table if not exists codes (
    collection text not null, document text not null, passage text not null, signs blob not null,
    starts blob not null, crc integer, primary key (collection, passage)
) without rowid;
create index if not exists codes_of_document on codes (collection, document);
"""
_MIN_INTACT_SHARE = 0.5  # share of a rotation's numbers that must be those drawn here to restore it


class TokenCodesFile:
    """The token codes of one index's passages. A passage without codes, or with damaged ones, is simply unknown here.

    If the whole file cannot be read or written, nothing is known or stored, which is logged; ``is_sound`` tells,
    ``salvage`` repairs. Safe to use from several threads. Raises ``sqlite3.Error`` while another process keeps the file
    locked, and when the disk is full.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self._path = folder / FILE
        self._collection = collection
        self._lock = threading.Lock()
        self._rotations: dict[int, Floats] = {}
        self._warned = False

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        connection = connect(self._path)
        try:
            # An index on a read-only disk has its tables already and must not be written.
            if not connection.execute("select 1 from sqlite_master where name = 'codes_of_document'").fetchone():
                connection.executescript(_TABLES)
        except BaseException:
            connection.close()
            raise
        return connection

    def add(self, document_id: str, codes: Mapping[str, TokenCodes]) -> None:
        """Store the codes of passages of one document, by passage id."""
        self.add_all([(document_id, codes)])

    def add_all(self, documents: Iterable[tuple[str, Mapping[str, TokenCodes]]]) -> None:
        """Store the codes of passages of several documents, by document and passage id."""
        rows = [
            _row(self._collection, document_id, id_, c)
            for document_id, codes in documents
            for id_, c in codes.items()
            if len(c.starts)
        ]

        def add(connection: sqlite3.Connection) -> None:
            if not _has_crc(connection):
                connection.execute("alter table codes add column crc integer")
            connection.executemany(f"insert or replace into codes ({_COLUMNS}) values (?, ?, ?, ?, ?, ?)", rows)

        if rows:
            self._change(add)

    def codes(self, ids: Sequence[str]) -> dict[str, TokenCodes]:
        """Read the codes of passages, by id; those without codes are left out."""
        found: dict[str, TokenCodes] = {}
        for part in in_batches(ids, _IDS_PER_QUERY):
            marks = ",".join("?" * len(part))
            query = f"select passage, signs, starts, {{crc}} from codes where collection = ? and passage in ({marks})"
            for id_, *held in self._read(query, self._collection, *part):
                if (codes := _read_codes(id_, *held)) is None:
                    _log.warning("%s: the codes of passage %s are damaged and left out", self._path, id_)
                else:
                    found[id_] = codes
        return found

    def rotation(self, dimension: int) -> Floats | None:
        """Return the rotation that codes of this dimension were made with; None when there are none."""
        if dimension not in self._rotations:
            rows = self._read("select matrix from rotation where dimension = ?", dimension)
            matrix = _read_rotation(rows[0][0], dimension) if rows else None
            if matrix is None:
                return None
            # Drawn once and never again, so it is not read for every question.
            self._rotations[dimension] = matrix
        return self._rotations[dimension]

    def ensure_rotation(self, dimension: int) -> Floats:
        """Return the rotation to make codes with, drawn and stored when there is none yet."""
        matrix = self.rotation(dimension)
        if matrix is not None:
            return matrix
        drawn = random_rotation(dimension)

        def keep(connection: sqlite3.Connection) -> None:
            # Codes made with a lost rotation mean nothing.
            gone = "delete from codes where length(signs) * 4 = length(starts) * ?"
            if lost := connection.execute(gone, ((dimension + 7) // 8,)).rowcount:
                _log.warning("%s: the rotation was lost, and with it the codes of %d passages", self._path, lost)
            connection.execute("insert or replace into rotation values (?, ?)", (dimension, drawn.tobytes()))

        self._change(keep)
        return drawn

    def remove(self, document_ids: Iterable[str]) -> None:
        """Delete the codes of documents."""
        rows = [(self._collection, id_) for id_ in document_ids]
        query = "delete from codes where collection = ? and document = ?"
        self._change(lambda connection: _execute_many(connection, query, rows), make=False)

    def clear(self) -> None:
        """Delete all codes of the index."""
        query = "delete from codes where collection = ?"
        self._change(lambda connection: _execute_many(connection, query, [(self._collection,)]), make=False)

    def replace_with(self, collection: str) -> None:
        """Replace the codes with those of ``collection``, if it has any."""

        def take(connection: sqlite3.Connection) -> None:
            if connection.execute("select 1 from codes where collection = ?", (collection,)).fetchone():
                connection.execute("delete from codes where collection = ?", (self._collection,))
                connection.execute(
                    "update codes set collection = ? where collection = ?", (self._collection, collection)
                )

        self._change(take, make=False)

    def documents(self) -> frozenset[str]:
        """Return the ids of the documents that have codes."""
        query = "select distinct document from codes where collection = ?"
        return frozenset(str(id_) for (id_,) in self._read(query, self._collection))

    def size(self) -> tuple[int, int]:
        """Count the passages with codes, and the bytes these take."""
        query = "select count(*), coalesce(sum(length(signs) + length(starts)), 0) from codes where collection = ?"
        for count, total in self._read(query, self._collection):
            return int(count), int(total)
        return 0, 0

    def is_sound(self) -> bool:
        """Tell whether the file can be read."""
        return is_sound(self._path)

    def salvage(self, passages: Iterable[str] = ()) -> int:
        """Replace a damaged file with what can be read of it; returns the number of passages that this saves.

        The codes of ``passages`` are looked for one by one. Call it only while no other process has the index.
        """
        made = self._path.with_suffix(".salvaged")
        made.unlink(missing_ok=True)
        with closing(connect(made)) as connection:
            connection.executescript(_TABLES)
            with suppress(*FAILURES), open_read_only(self._path) as damaged:
                damaged.execute("pragma writable_schema = on")  # or SQLite reads nothing of a file that was cut
                wanted = ((self._collection, id_) for id_ in passages)
                run_transaction(connection, lambda new: _copy_readable(damaged, new, wanted))
            (kept,) = connection.execute("select count(*) from codes").fetchone()
        with self._lock:
            if "_connection" in self.__dict__:
                self._connection.close()
                del self._connection
            delete_file(self._path, f"it is damaged; the codes of {kept} passages could be read and are kept")
            made.rename(self._path)
            self._warned, self._rotations = False, {}
        return int(kept)

    def _read(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        try:
            with self._lock:
                whole = query.format(crc="crc" if _has_crc(self._connection) else "null")
                return self._connection.execute(whole, given).fetchall()
        except FAILURES as error:
            if is_locked(error):
                raise
            self._warn_once(error)
            return []

    def _change(self, work: Callable[[sqlite3.Connection], None], *, make: bool = True) -> None:
        if not make and not self._path.exists():
            return
        try:
            with self._lock:
                run_transaction(self._connection, work)
        except FAILURES as error:
            if not is_damage(error):
                raise
            self._warn_once(error)

    def _warn_once(self, error: Exception) -> None:
        if not self._warned:
            _log.warning(
                "%s cannot be used and is done without (%s). Run `onrecord doctor --repair`.", self._path, error
            )
            self._warned = True


_COLUMNS = "collection, document, passage, signs, starts, crc"


def _copy_readable(damaged: sqlite3.Connection, new: sqlite3.Connection, passages: Iterable[tuple[str, str]]) -> None:
    """Copy what can be read, from either end, since reading in order stops at the first page that is lost."""
    crc = "crc" if _has_crc(damaged) else "null"
    codes = f"select collection, document, passage, signs, starts, {crc} from codes"
    keep = f"insert or ignore into codes ({_COLUMNS}) values (?, ?, ?, ?, ?, ?)"
    rotations = "select dimension, matrix from rotation"
    _execute_many(new, "insert or ignore into rotation values (?, ?)", _readable_rows(damaged, rotations))
    _execute_many(new, keep, _readable_rows(damaged, f"{codes} order by collection, passage"))
    _execute_many(new, keep, _readable_rows(damaged, f"{codes} order by collection desc, passage desc"))
    for passage in passages:
        _execute_many(new, keep, _readable_rows(damaged, f"{codes} where collection = ? and passage = ?", passage))


def _readable_rows(damaged: sqlite3.Connection, query: str, given: Sequence[str] = ()) -> Iterator[Sequence[Any]]:
    """Yield the rows up to the first place that cannot be read."""
    with suppress(*FAILURES):
        yield from damaged.execute(query, given)


def _execute_many(connection: sqlite3.Connection, query: str, rows: Iterable[Sequence[object]]) -> None:
    connection.executemany(query, rows)


def _has_crc(connection: sqlite3.Connection) -> bool:
    """Tell whether the table has check sums; files of earlier versions get them when something is added."""
    return any(name == "crc" for _, name, *_ in connection.execute("pragma table_info(codes)"))


def _row(collection: str, document_id: str, id_: str, codes: TokenCodes) -> tuple[object, ...]:
    signs, starts = codes.signs.tobytes(), codes.starts.astype("<i4").tobytes()
    return collection, document_id, id_, signs, starts, _crc(id_, signs, starts)


def _crc(id_: str, signs: bytes, starts: bytes) -> int:
    return zlib.crc32(starts, zlib.crc32(signs, zlib.crc32(id_.encode())))


def _read_codes(id_: str, signs: bytes, starts: bytes, crc: int | None) -> TokenCodes | None:
    """Read the codes in a row; None when they are not what was written."""
    try:
        if crc is not None and crc != _crc(id_, signs, starts):
            return None
        places = np.frombuffer(starts, dtype="<i4")
        return TokenCodes(np.frombuffer(signs, dtype=np.uint8).reshape(len(places), -1), places.astype(np.int32))
    except (TypeError, ValueError):
        return None


def _read_rotation(held: bytes, dimension: int) -> Floats | None:
    """Read the matrix in a row; None when too much of it is lost to know which one it was."""
    try:
        matrix = np.frombuffer(held, dtype=np.float32).reshape(dimension, dimension)
    except (TypeError, ValueError):
        return None
    with np.errstate(all="ignore"):
        if np.allclose(matrix @ matrix.T, np.eye(dimension), atol=1e-3):
            return matrix
    drawn = random_rotation(dimension)
    if np.isclose(matrix, drawn, atol=1e-5).mean() < _MIN_INTACT_SHARE:
        _log.warning("the tokens' rotation for %d dimensions is damaged", dimension)
        return None
    _log.warning("the tokens' rotation for %d dimensions is damaged in places and was drawn again", dimension)
    return drawn
