"""Read and change any number of records of a Chroma collection, in requests that its database can take.

SQLite takes 32,766 values in one statement. Chroma reaches that with the ids that it is given and with those that it
finds itself; its client writes 5,461 records at once. Ids alone can be read without limit.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from chromadb import Collection

T = TypeVar("T")
Where = Mapping[str, Any]
Wanted = Literal["metadatas", "documents", "embeddings"]

RECORDS_PER_REQUEST = 2_000
IDS_PER_FILTER = 30_000  # in a filter, where each is one value


@dataclass(frozen=True, slots=True)
class Record:
    """A record with the parts of it that were asked for."""

    id: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    vector: Any = None


def in_batches(rows: Sequence[T], at_once: int = 0) -> Iterator[Sequence[T]]:
    """Cut ``rows`` into runs of ``at_once``, or of ``RECORDS_PER_REQUEST`` if that is 0."""
    size = at_once or RECORDS_PER_REQUEST
    return (rows[start : start + size] for start in range(0, len(rows), size))


def find_ids(collection: "Collection", where: Where | None = None) -> list[str]:
    """Find the ids of all records that fit ``where``."""
    return list(collection.get(where=_filter(where), include=[])["ids"])


def read_records(collection: "Collection", ids: Sequence[str], *wanted: Wanted) -> Iterator[Record]:
    """Read the records of ``ids`` that are there, in no particular order."""
    for some in in_batches(ids):
        yield from _records(collection.get(list(some), include=list(wanted)))


def find_records(collection: "Collection", where: Where | None, *wanted: Wanted) -> Iterator[Record]:
    """Read all records that fit ``where``, in no particular order; few records take one request."""
    first = collection.get(where=_filter(where), limit=RECORDS_PER_REQUEST, include=list(wanted))
    if len(first["ids"]) < RECORDS_PER_REQUEST:
        yield from _records(first)
    else:
        yield from read_records(collection, find_ids(collection, where), *wanted)


def find_records_among(collection: "Collection", key: str, values: Sequence[str], *wanted: Wanted) -> Iterator[Record]:
    """Read all records whose metadata has one of ``values`` under ``key``."""
    for some in in_batches(values):
        yield from find_records(collection, {key: {"$in": list(some)}}, *wanted)


def delete_records(collection: "Collection", ids: Sequence[str]) -> None:
    """Delete the records of ``ids``."""
    for some in in_batches(ids):
        collection.delete(list(some))


def placeholder_vector(id_: str) -> Sequence[float]:
    """Return a vector for a record that is never searched by vector.

    It depends on the id, since equal vectors slow Chroma's graph.
    """
    return [zlib.crc32(id_.encode()) / 2**32]


def _filter(where: Where | None) -> dict[str, Any] | None:
    return None if where is None else dict(where)


def _records(found: Mapping[str, Any]) -> Iterator[Record]:
    ids: Sequence[str] = found["ids"]
    metadatas, texts, vectors = (found.get(kind) for kind in ("metadatas", "documents", "embeddings"))
    for n, id_ in enumerate(ids):
        yield Record(
            id_,
            {} if metadatas is None else metadatas[n] or {},
            "" if texts is None else texts[n] or "",
            None if vectors is None else vectors[n],
        )
