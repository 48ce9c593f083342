"""The index on disk: documents, passages and the files they came from, all in Chroma, the only truth."""

import json
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.chroma import failures_named, open_chroma
from index.embed import Vectors
from index.errors import IndexMismatch, IndexMissing
from index.pages import pages_among, pages_within
from index.schema import Document, DocumentInfo, FileRecord, Passage, Section
from index.token_store import TokenStore
from index.tokens import Codes, Floats
from index.vectors import add_passages, nearest

if TYPE_CHECKING:
    from chromadb import Collection

Row = Mapping[str, str | int | float | bool]

FORMAT = "2"
_PART = 200_000  # characters of document text in one record
_BATCH = 2_000  # records read or written at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to be written: its passages, their unit vectors and the codes of their tokens, none or one each."""

    document: Document
    passages: Sequence[Passage]
    vectors: Vectors | Sequence[Vectors]
    codes: Sequence[Codes] = ()


class Store:
    """One named collection of documents.

    A document is written in three steps: its text, marked unfinished; its passages; the mark taken off.
    Readers see finished documents only, and ``sweep`` removes what an interrupted run left. ``revision``
    grows with every change made through this object. Safe to use from several threads: one writes at a time, and
    meanwhile the others see each document whole or not at all. Every method raises IndexBroken when the database
    fails underneath it.
    """

    def __init__(self, folder: Path, collection: str, fingerprint: Mapping[str, str]) -> None:
        self._folder = folder
        self._named = collection
        self._client = open_chroma(folder)
        self.revision = 0
        with failures_named(folder):
            self._passages = self._open("passages", {"hnsw:space": "cosine", **_stamp(fingerprint)})
            self._documents = self._open("documents", {"hnsw:space": "l2"})
            self._files = self._open("files", {"hnsw:space": "l2"})
        self._tokens = TokenStore(folder, collection)
        self._catalog: dict[str, DocumentInfo] | None = None
        self._catalog_lock = threading.Lock()
        self._writing = threading.RLock()

    def _open(self, kind: str, metadata: dict[str, str]) -> "Collection":
        return self._client.get_or_create_collection(
            f"{self._named}.{kind}", metadata=metadata, embedding_function=None
        )

    # What the index was made with

    @property
    def fingerprint(self) -> dict[str, str]:
        """Model, chunking and format the index was made with."""
        metadata = self._passages.metadata or {}
        return {k.removeprefix("onrecord:"): str(v) for k, v in metadata.items() if k.startswith("onrecord:")}

    def check(self, fingerprint: Mapping[str, str]) -> None:
        """Raise IndexMismatch when the index was made with anything else."""
        made, wanted = self.fingerprint, {**fingerprint, "format": FORMAT}
        differing = [key for key in wanted if made.get(key) != wanted[key]]
        if differing:
            what = "; ".join(f"{key} was {made.get(key)!r}, is now {wanted[key]!r}" for key in differing)
            raise IndexMismatch(
                f"The index in {self._folder} was made with other settings ({what}). Run `onrecord index --rebuild` "
                "to make it anew from the documents it holds, or set them back."
            )

    def restart(self, fingerprint: Mapping[str, str]) -> None:
        """Empty the index of everything and note what it will be made with."""
        with self._writing, failures_named(self._folder):
            for kind in ("passages", "documents", "files"):
                self._client.delete_collection(f"{self._named}.{kind}")
            self._passages = self._open("passages", {"hnsw:space": "cosine", **_stamp(fingerprint)})
            self._documents = self._open("documents", {"hnsw:space": "l2"})
            self._files = self._open("files", {"hnsw:space": "l2"})
            self._tokens.clear()
            with self._catalog_lock:
                self._catalog = None
            self.revision += 1

    # Reading

    def documents(self) -> list[DocumentInfo]:
        """Every finished document, by title."""
        finished = self._finished()
        with self._catalog_lock:
            infos = list(finished.values())
        return sorted(infos, key=lambda info: (info.title.casefold(), info.id))

    def document(self, document_id: str) -> Document:
        """The whole document. Raises IndexMissing when the index does not hold it."""
        info = self._finished().get(document_id)
        if info is None:
            raise _missing(document_id)
        with failures_named(self._folder):
            rows = self._documents.get(where={"document_id": document_id}, include=["metadatas", "documents"])
        parts = sorted(
            zip(rows["metadatas"] or [], rows["documents"] or [], strict=True), key=lambda row: int(str(row[0]["part"]))
        )
        text = "".join(part for _, part in parts)
        if not parts or len(text) != info.size:
            # Removed by another thread since it was looked up.
            raise _missing(document_id)
        sections = _sections(str(parts[0][0]["sections"]))
        return Document(info.id, info.title, info.source, text, info.metadata, sections)

    def passages(self) -> Iterator[Passage]:
        """Every passage of every finished document, in no particular order."""
        # As of now: a document that is finished meanwhile would come in part.
        finished = self._finished()
        ids = [id_ for id_ in self._passage_ids() if id_.rsplit(":", 1)[0] in finished]
        for start in range(0, len(ids), _BATCH):
            yield from self.by_ids(ids[start : start + _BATCH]).values()

    def by_ids(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages of ``ids``, by id; those of unfinished documents are left out."""
        if not ids:
            return {}
        with failures_named(self._folder):
            rows = self._passages.get(ids=list(ids), include=["metadatas", "documents"])
        found = zip(rows["ids"], rows["metadatas"] or [], rows["documents"] or [], strict=True)
        passages = (self._passage(id_, dict(metadata), text) for id_, metadata, text in found)
        return {p.id: p for p in passages if p is not None}

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of passages, by id."""
        if not ids:
            return {}
        with failures_named(self._folder):
            rows = self._passages.get(ids=list(ids), include=["embeddings"])
        embeddings = rows["embeddings"]
        if embeddings is None:
            return {}
        return {id_: np.asarray(v, dtype=np.float32) for id_, v in zip(rows["ids"], embeddings, strict=True)}

    def token_codes(self, ids: Sequence[str]) -> dict[str, Codes]:
        """The tokens of passages, by id; those indexed without are left out."""
        with failures_named(self._folder):
            return self._tokens.codes(ids)

    def rotation(self, dimension: int) -> Floats | None:
        """What a question's tokens are turned by before they meet those of ``token_codes``; None without any."""
        with failures_named(self._folder):
            return self._tokens.rotation(dimension)

    def token_size(self) -> tuple[int, int]:
        """How many passages have tokens, and the bytes these take."""
        with failures_named(self._folder):
            return self._tokens.size()

    def nearest(self, vector: Vectors, k: int, within: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Ids of the ``k`` passages nearest to a unit vector with their cosines, best first.

        With ``within``, the nearest ``k`` among the passages of these documents.
        """
        count = self.count()
        if count == 0:
            return []
        finished = self._finished()
        with failures_named(self._folder):
            found = nearest(self._passages, vector, min(k, count), within)
        return [(id_, cosine) for id_, cosine in found if id_.rsplit(":", 1)[0] in finished]

    def count(self) -> int:
        """How many passages there are."""
        with failures_named(self._folder):
            return self._passages.count()

    def files(self) -> dict[str, FileRecord]:
        """What is known of every file, by path."""
        with failures_named(self._folder):
            rows = self._files.get(include=["metadatas"])
        return {
            id_: FileRecord(id_, str(m["sha256"]), str(m["document_id"]))
            for id_, m in zip(rows["ids"], rows["metadatas"] or [], strict=True)
        }

    def files_of(self, document_id: str) -> list[str]:
        """Paths of the files that hold a document, sorted."""
        with failures_named(self._folder):
            return sorted(self._files.get(where={"document_id": document_id}, include=[])["ids"])

    def has(self, document_id: str) -> bool:
        """Whether the document is there, finished."""
        return document_id in self._finished()

    # Writing

    def settle_rotation(self, dimension: int) -> Floats:
        """What passages' tokens are turned by before they become codes, settled at the first use."""
        with failures_named(self._folder):
            return self._tokens.settle_rotation(dimension)

    def add(
        self, document: Document, passages: Sequence[Passage], vectors: Vectors, codes: Sequence[Codes] = ()
    ) -> None:
        """Write a document with its passages, their vectors and, if there are any, the codes of their tokens.

        All of it becomes visible at once, at the end.
        """
        self.add_all([Entry(document, passages, vectors, codes)])

    def add_all(self, entries: Sequence[Entry]) -> None:
        """Write several documents, which takes little longer than one.

        Each becomes visible as a whole, in their order, once all are written. Stopped before, none of them is there.
        """
        if not entries:
            return
        heads = [{"document_id": e.document.id, "part": 0, **_describe(e.document, len(e.passages))} for e in entries]
        rows: list[tuple[str, Row, str]] = []
        for entry, head in zip(entries, heads, strict=True):
            id_, text = entry.document.id, entry.document.text
            parts = [text[i : i + _PART] for i in range(0, len(text), _PART)] or [""]
            rows.append((f"{id_}#0", {**head, "finished": False}, parts[0]))
            rows += [(f"{id_}#{n}", {"document_id": id_, "part": n}, part) for n, part in enumerate(parts[1:], 1)]
        passages = [passage for entry in entries for passage in entry.passages]
        vectors = [vector for entry in entries for vector in entry.vectors]
        with self._writing, failures_named(self._folder):
            for start in range(0, len(rows), _BATCH):
                ids, described, texts = zip(*rows[start : start + _BATCH], strict=True)
                points = [_point(id_) for id_ in ids]
                self._documents.upsert(list(ids), list(points), list(described), list(texts))
            for start in range(0, len(passages), _BATCH):
                part = slice(start, start + _BATCH)
                add_passages(self._passages, passages[part], vectors[part])
            self._tokens.add_all(
                (e.document.id, {p.id: code for p, code in zip(e.passages, e.codes, strict=True)})
                for e in entries
                if e.codes
            )
            for start in range(0, len(heads), _BATCH):
                finished = [{**head, "finished": True} for head in heads[start : start + _BATCH]]
                self._documents.update([f"{head['document_id']}#0" for head in finished], metadatas=list(finished))
            for entry, head in zip(entries, heads, strict=True):
                self._listed(entry.document.id, _info(head))

    def note_files(self, records: Sequence[FileRecord]) -> None:
        """Remember which bytes files held and which documents they became."""
        for start in range(0, len(records), _BATCH):
            some = {record.path: record for record in records[start : start + _BATCH]}
            noted: list[Row] = [{"sha256": r.sha256, "document_id": r.document_id} for r in some.values()]
            with self._writing, failures_named(self._folder):
                self._files.upsert(list(some), [_point(path) for path in some], list(noted))

    def note_file(self, record: FileRecord) -> None:
        """Remember which bytes a file held and which document they became."""
        with self._writing, failures_named(self._folder):
            metadata = {"sha256": record.sha256, "document_id": record.document_id}
            self._files.upsert(record.path, list(_point(record.path)), metadata)

    def forget_file(self, path: str) -> None:
        """Drop a file; its document goes too when no other file holds it."""
        with self._writing:
            with failures_named(self._folder):
                rows = self._files.get(path, include=["metadatas"])
                self._files.delete([path])
            for metadata in rows["metadatas"] or []:
                document_id = str(metadata["document_id"])
                if not self.files_of(document_id):
                    self.remove(document_id)

    def remove(self, document_id: str) -> None:
        """Drop a document, its passages and what is known of its files."""
        with self._writing, failures_named(self._folder):
            # First out of sight, then away.
            self._listed(document_id, None)
            self._tokens.remove([document_id])
            head = f"{document_id}#0"
            if self._documents.get(head, include=[])["ids"]:
                self._documents.update(head, metadatas={"finished": False})
            for collection in (self._passages, self._files, self._documents):
                if collection.get(where={"document_id": document_id}, limit=1, include=[])["ids"]:
                    collection.delete(where={"document_id": document_id})

    def sweep(self) -> int:
        """Remove what an interrupted run left unfinished; returns how many documents that were."""
        with self._writing:
            with failures_named(self._folder):
                rows = self._documents.get(where={"finished": False}, include=["metadatas"])
            left = {str(m["document_id"]) for m in rows["metadatas"] or []}
            for document_id in left:
                self.remove(document_id)
        return len(left)

    # Inside

    def _finished(self) -> dict[str, DocumentInfo]:
        """The finished documents by id, to look one up: other threads add to it and take away."""
        with self._catalog_lock:
            if self._catalog is None:
                with failures_named(self._folder):
                    rows = self._documents.get(where={"finished": True}, include=["metadatas"])
                infos = (_info(dict(m)) for m in rows["metadatas"] or [])
                self._catalog = {info.id: info for info in infos}
            return self._catalog

    def _listed(self, document_id: str, info: DocumentInfo | None) -> None:
        """Show a document to readers, or no longer."""
        finished = self._finished()
        with self._catalog_lock:
            if info is None:
                finished.pop(document_id, None)
            else:
                finished[document_id] = info
        self.revision += 1

    def _passage_ids(self) -> list[str]:
        with failures_named(self._folder):
            return self._passages.get(include=[])["ids"]

    def _passage(self, id_: str, metadata: dict[str, Any], text: str) -> Passage | None:
        info = self._finished().get(id_.rsplit(":", 1)[0])
        if info is None:
            return None
        start, end = int(metadata["start"]), int(metadata["end"])
        return Passage(
            info.id, start, end, text, info.title, info.source, info.metadata, pages_within(info.pages, start, end)
        )


def _missing(document_id: str) -> IndexMissing:
    return IndexMissing(f"The index holds no document {document_id!r}. `onrecord list` shows what it holds.")


def _stamp(fingerprint: Mapping[str, str]) -> dict[str, str]:
    return {f"onrecord:{key}": value for key, value in {**fingerprint, "format": FORMAT}.items()}


def _point(id_: str) -> Sequence[float]:
    """A coordinate for a record that is never searched by vector; spread out, since equal points slow the graph."""
    return [zlib.crc32(id_.encode()) / 2**32]


def _describe(document: Document, passages: int) -> Row:
    sections = [[s.start, s.kind, s.label] for s in document.sections]
    return {
        "title": document.title,
        "source": document.source,
        "metadata": json.dumps(dict(document.metadata), ensure_ascii=False),
        "sections": json.dumps(sections, ensure_ascii=False),
        "size": len(document.text),
        "passages": passages,
    }


def _sections(held: str) -> tuple[Section, ...]:
    return tuple(Section(*row) for row in json.loads(held))


def _info(row: Mapping[str, Any]) -> DocumentInfo:
    return DocumentInfo(
        str(row["document_id"]),
        str(row["title"]),
        str(row["source"]),
        json.loads(row["metadata"]),
        int(row["size"]),
        int(row["passages"]),
        pages_among(_sections(str(row["sections"]))) if '"page"' in row["sections"] else (),
    )
