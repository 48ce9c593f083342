"""Read documents, passages and vectors of one index; documents that are not finished are never shown."""

import logging
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from index.embedding.protocol import Vectors
from index.errors import IndexMissingError
from index.schema import Document, Passage
from index.storage.catalog import Catalog
from index.storage.chroma.records import (
    Record,
    find_ids,
    find_records,
    find_records_among,
    in_batches,
    read_records,
)
from index.storage.chroma.vectors import nearest_passages, read_headings
from index.storage.database import IndexDatabase
from index.storage.document_rows import read_sections
from index.text.pages import pages_in_span

_log = logging.getLogger(__name__)


class DocumentReader:
    """Reads from ``database`` what ``catalog`` lists as finished."""

    def __init__(self, database: IndexDatabase, catalog: Catalog) -> None:
        self._database = database
        self._catalog = catalog

    def document(self, document_id: str) -> Document:
        """Read a whole document. Raises IndexMissingError when the index does not hold it."""
        info = self._catalog.infos_of([document_id]).get(document_id)
        if info is None:
            raise _missing(document_id)
        with self._database.named_failures():
            rows = list(find_records(self._database.documents, {"document_id": document_id}, "metadatas", "documents"))
        parts = sorted(rows, key=lambda row: int(row.metadata.get("part", 0)))
        text = "".join(part.text for part in parts)
        if not parts or len(text) != info.size:
            # Removed by another thread since it was looked up.
            raise _missing(document_id)
        return Document(info.id, info.title, info.source, text, info.metadata, read_sections(parts[0].metadata))

    def passages(self) -> Iterator[Passage]:
        """Read every passage of every finished document, in no particular order."""
        # As of now: a document that is finished meanwhile would come in part.
        finished = self._catalog.finished()
        ids = [id_ for id_ in self.passage_ids() if id_.rsplit(":", 1)[0] in finished]
        for some in in_batches(ids):
            yield from self.passages_by_id(some).values()

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Read the passages of ``ids``, by id; those of unfinished documents are left out."""
        with self._database.named_failures():
            rows = list(read_records(self._database.passages, ids, "metadatas", "documents"))
        return {p.id: p for p in self._finished_passages(rows)}

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Read the passages of one finished document, in its order."""
        with self._database.named_failures():
            rows = list(find_records(self._database.passages, {"document_id": document_id}, "metadatas", "documents"))
        return tuple(sorted(self._finished_passages(rows), key=lambda p: (p.start, p.end)))

    def passages_of_many(self, document_ids: Sequence[str]) -> Iterator[Passage]:
        """Read the passages of those documents that are finished, in no particular order."""
        with self._database.named_failures():
            rows = list(
                find_records_among(self._database.passages, "document_id", document_ids, "metadatas", "documents")
            )
        yield from self._finished_passages(rows)

    def passage_ids(self) -> list[str]:
        """Read the ids of all passages, of unfinished documents too."""
        with self._database.named_failures():
            return find_ids(self._database.passages)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Read the vectors of passages, by id, each of shape ``(dimension,)``."""
        with self._database.named_failures():
            rows = list(read_records(self._database.passages, ids, "embeddings"))
        return {row.id: np.asarray(row.vector, dtype=np.float32) for row in rows if row.vector is not None}

    def nearest(self, vector: Vectors, k: int, within: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Find the ``k`` passages nearest to a unit vector: their ids and cosines, best first.

        With ``within``, only passages of these documents are searched.
        """
        finished = self._catalog.finished()
        with self._database.named_failures():
            found = nearest_passages(self._database.passages, vector, k, within)
        return [(id_, cosine) for id_, cosine in found if id_.rsplit(":", 1)[0] in finished]

    def _finished_passages(self, rows: Iterable[Record]) -> Iterator[Passage]:
        passages = (self._passage(row) for row in rows)
        return (passage for passage in passages if passage is not None)

    def _passage(self, row: Record) -> Passage | None:
        document_id, _, place = row.id.rpartition(":")
        info = self._catalog.finished().get(document_id)
        if info is None:
            return None
        try:
            start, end = map(int, place.split("-"))
            headings = read_headings(row.metadata)
        except (TypeError, ValueError) as error:
            _log.warning("the passage %r is left out, since its id or headings are damaged (%r)", row.id, error)
            return None
        pages = pages_in_span(info.pages, start, end)
        return Passage(info.id, start, end, row.text, info.title, info.source, info.metadata, pages, headings)


def _missing(document_id: str) -> IndexMissingError:
    return IndexMissingError(f"The index holds no document {document_id!r}. `onrecord list` shows what it holds.")
