"""Find documents that are nearly the same as others while they are indexed, and keep the links in one SQLite file.

The file lies beside Chroma, is derived and safe to delete. Two documents are linked from ``MIN_LIKENESS`` on: of 1,415
news articles of 2022 (``evals/research/results/RERUN.md``), the pairs above are prints of one text, and the pairs just
below are issues of one daily column that share its frame.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from index.duplicates.minhash import HASHES, Signature, band_keys, estimate_similarity, signature
from index.schema import Document
from index.storage.sqlite_file import FAILURES, delete_file, is_sound, open_read_only, write_derived

if TYPE_CHECKING:
    from index.storage.store import Store

T = TypeVar("T")
_log = logging.getLogger(__name__)

MIN_LIKENESS = 0.65  # share of word runs in common
FILE = "near_duplicates.sqlite3"
_MAX_CANDIDATES = 300  # candidates compared for one document
_MAX_LINKS = 20  # links of one document, so that a thousand copies of one form do not all link to each other
_DOCUMENTS_PER_STEP = 100  # documents
_TABLES = """
create table if not exists signatures (
    collection text not null, document text not null, signature blob not null, primary key (collection, document)
) without rowid;
create table if not exists bands (
    collection text not null, key integer not null, document text not null, primary key (collection, key, document)
) without rowid;
create table if not exists links (
    collection text not null, document text not null, other text not null, likeness real not null,
    primary key (collection, document, other)
) without rowid;
"""


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Another document, and the estimated share of word runs that both have in common."""

    document_id: str
    likeness: float


class NearDuplicateIndex:
    """The links between nearly equal documents of one named index. Trouble with the file costs only the links.

    ``folder`` is where the index lies. Its file serves all named indexes there. It is removed when it is damaged, but
    never because it is locked or cannot be written: the next build adds what is missing.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self._path = folder / FILE
        self._collection = collection

    def add(self, documents: Iterable[Document]) -> None:
        """Add documents and link each to the similar ones before it; a known document stays as it is."""
        new = list(documents)
        if new:
            self._write(self._add, new)

    def sync(self, store: "Store") -> None:
        """Add the documents of the index that are missing here, and remove those that it no longer holds."""
        held, known = store.ids(), self._known_ids()
        missing = sorted(held - known)
        for start in range(0, len(missing), _DOCUMENTS_PER_STEP):
            self.add(store.document(id_) for id_ in missing[start : start + _DOCUMENTS_PER_STEP])
        if known - held:
            self._write(self._remove, sorted(known - held))

    def count_out_of_step(self, held: frozenset[str]) -> int:
        """Count the documents that are in ``held`` and unknown here, or known here and not in ``held``."""
        return len(held ^ self._known_ids())

    def is_sound(self) -> bool:
        """Tell whether the file can be read."""
        return is_sound(self._path)

    def rebuild(self, store: "Store") -> None:
        """Forget this index and add all its documents again, in a new file if the old one is damaged."""
        if is_sound(self._path):
            self._write(self._clear, [self._collection])
        else:
            delete_file(self._path, "it is damaged")
        self.sync(store)

    def links(self) -> dict[str, tuple[NearDuplicate, ...]]:
        """Return the near-duplicates of each document that has any, the most similar first."""
        found: dict[str, list[NearDuplicate]] = {}
        query = "select document, other, likeness from links where collection = ? order by likeness desc, other"
        for document, other, share in self._read(query):
            with suppress(ValueError):
                link = NearDuplicate(str(other), float(str(share)))
                found.setdefault(str(document), []).append(link)
        return {document: tuple(others) for document, others in found.items()}

    def _add(self, connection: sqlite3.Connection, document: Document) -> None:
        query = "select 1 from signatures where collection = ? and document = ?"
        if connection.execute(query, (self._collection, document.id)).fetchone():
            return
        made = signature(document.text)
        keys = band_keys(made)
        links = self._links_to(made, self._read_candidates(connection, keys))
        connection.execute(
            "insert into signatures values (?, ?, ?)", (self._collection, document.id, made.astype("<u4").tobytes())
        )
        connection.executemany(
            "insert or ignore into bands values (?, ?, ?)", [(self._collection, key, document.id) for key in keys]
        )
        both = [(a, b, share) for other, share in links for a, b in ((document.id, other), (other, document.id))]
        connection.executemany(
            "insert or replace into links values (?, ?, ?, ?)", [(self._collection, *link) for link in both]
        )

    def _read_candidates(self, connection: sqlite3.Connection, keys: Sequence[int]) -> list[tuple[str, bytes]]:
        """Read the documents that share a band, with their signatures."""
        marks = ",".join("?" * len(keys))
        query = (
            "select document, signature from signatures where collection = ? and document in "
            f"(select document from bands where collection = ? and key in ({marks}) limit {_MAX_CANDIDATES})"
        )
        return connection.execute(query, (self._collection, self._collection, *keys)).fetchall()

    def _links_to(self, made: Signature, met: Sequence[tuple[str, bytes]]) -> list[tuple[str, float]]:
        read = [(id_, other) for id_, held in met if (other := _read_signature(held)) is not None]
        if not read:
            return []
        shares = estimate_similarity(made, np.stack([other for _, other in read]))
        best = [(read[n][0], float(shares[n])) for n in np.argsort(-shares, kind="stable")[:_MAX_LINKS]]
        return [(id_, share) for id_, share in best if share >= MIN_LIKENESS]

    def _remove(self, connection: sqlite3.Connection, id_: str) -> None:
        query = "select signature from signatures where collection = ? and document = ?"
        for (held,) in connection.execute(query, (self._collection, id_)).fetchall():
            made = _read_signature(held)
            connection.executemany(
                "delete from bands where collection = ? and key = ? and document = ?",
                [(self._collection, key, id_) for key in ([] if made is None else band_keys(made))],
            )
        connection.execute("delete from signatures where collection = ? and document = ?", (self._collection, id_))
        connection.execute("delete from links where collection = ? and ? in (document, other)", (self._collection, id_))

    def _clear(self, connection: sqlite3.Connection, collection: str) -> None:
        for table in ("signatures", "bands", "links"):
            connection.execute(f"delete from {table} where collection = ?", (collection,))

    def _known_ids(self) -> set[str]:
        return {str(id_) for (id_,) in self._read("select document from signatures where collection = ?")}

    def _read(self, query: str) -> list[tuple[object, ...]]:
        if not self._path.exists():
            return []
        try:
            with open_read_only(self._path) as connection:
                return connection.execute(query, (self._collection,)).fetchall()
        except FAILURES as error:
            _log.warning("%s cannot be read and is done without: %s", self._path, error)
            return []

    def _write(self, apply: Callable[[sqlite3.Connection, T], None], each: Sequence[T]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            for one in each:
                apply(connection, one)

        write_derived(self._path, _TABLES, work, "the next run catches up")


def _read_signature(held: object) -> Signature | None:
    """Read the signature in a row; None when it is damaged."""
    if not isinstance(held, bytes) or len(held) != 4 * HASHES:
        return None
    return np.frombuffer(held, dtype="<u4").astype(np.uint32)


def near_duplicates(store: "Store") -> Mapping[str, tuple[NearDuplicate, ...]]:
    """Return the near-duplicates of each document of the index that has any, the most similar first."""
    held = store.ids()
    found = {
        id_: tuple(other for other in others if other.document_id in held)
        for id_, others in NearDuplicateIndex(store.local_folder, store.name).links().items()
        if id_ in held
    }
    return {id_: others for id_, others in found.items() if others}
