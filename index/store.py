"""The index on disk: documents, passages and the files they came from, all in Chroma, the only truth."""

import json
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.chroma import failures_named, missing, open_place
from index.embed import Vectors
from index.errors import IndexMismatch, IndexMissing
from index.pages import pages_among, pages_within
from index.schema import Document, DocumentInfo, FileRecord, Passage, Section
from index.server import Server
from index.token_collection import TokenCollection
from index.token_store import TokenStore
from index.tokens import Codes, Floats
from index.vectors import add_passages, nearest
from index.writers import GivenWay, Seen, Writers

if TYPE_CHECKING:
    from chromadb import Collection

Row = Mapping[str, str | int | float | bool]

FORMAT = "2"
_PART = 200_000  # characters of document text in one record
_BATCH = 2_000  # records read or written at a time
_EVERY = 1.0  # seconds between looks at what others have changed on a server, at least
_REST = 9.0  # times as long as the last look took, so that looking never takes more than a tenth of the time


class Store:
    """One named collection of documents.

    A document is written in three steps: its text, marked unfinished; its passages; the mark taken off.
    Readers see finished documents only, and ``sweep`` removes what an interrupted run left. ``revision``
    grows with every change made through this object. Safe to use from several threads: one writes at a time, and
    meanwhile the others see each document whole or not at all. Every method raises IndexBroken when the database
    fails underneath it.

    On a server other processes write at the same time. A document is then written with its head last, which makes it
    whole, under a claim that tells the others of it (``writers``), and ``revision`` grows with their changes too,
    which are looked for once a second. Raises IndexMissing where there is none and ``fingerprint`` is empty.
    """

    def __init__(self, folder: Path | Server, collection: str, fingerprint: Mapping[str, str]) -> None:
        self._folder = folder
        self._named = collection
        from chromadb.errors import NotFoundError

        self._client = open_place(folder, make=bool(fingerprint))
        self._revision = 0
        self._writers: Writers | None = None
        self._tokens: TokenStore | TokenCollection
        try:
            with failures_named(folder, besides=NotFoundError):
                self._open_all(fingerprint)
        except NotFoundError as error:
            raise IndexMissing(missing(folder)) from error
        if isinstance(folder, Server):
            self._writers = Writers(lambda: self._written_by)
            self._tokens = TokenCollection(lambda: self._coded)
        else:
            self._tokens = TokenStore(folder, collection)
        self._catalog: dict[str, DocumentInfo] | None = None
        self._catalog_lock = threading.Lock()
        self._writing = threading.RLock()
        self._looking = threading.Lock()
        self._seen: Seen = frozenset()
        self._look_at = 0.0

    def _open_all(self, fingerprint: Mapping[str, str]) -> None:
        if isinstance(self._folder, Server) and not fingerprint:
            # Never made in passing: whoever makes it writes into it what it is made with.
            self._passages = self._client.get_collection(f"{self._named}.passages", embedding_function=None)
        else:
            self._passages = self._open("passages", {"hnsw:space": "cosine", **_stamp(fingerprint)})
        self._documents = self._open("documents", {"hnsw:space": "l2"})
        self._files = self._open("files", {"hnsw:space": "l2"})
        if isinstance(self._folder, Server):
            self._coded = self._open("tokens", {"hnsw:space": "l2"})
            self._written_by = self._open("writers", {"hnsw:space": "l2"})

    def _open(self, kind: str, metadata: dict[str, str]) -> "Collection":
        return self._client.get_or_create_collection(
            f"{self._named}.{kind}", metadata=metadata, embedding_function=None
        )

    @property
    def revision(self) -> int:
        """Grows with every change of the index."""
        self._look()
        return self._revision

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
            if self._writers is not None:
                self._writers.alone()
            for kind in ("passages", "documents", "files"):
                self._client.delete_collection(f"{self._named}.{kind}")
            if isinstance(self._tokens, TokenStore):
                self._tokens.clear()
            else:
                self._client.delete_collection(f"{self._named}.tokens")
            self._open_all(fingerprint)
            with self._catalog_lock:
                self._catalog = None
            self._changed(replaced=True)

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
        parts = [document.text[i : i + _PART] for i in range(0, len(document.text), _PART)] or [""]
        first = {"document_id": document.id, "part": 0, **_describe(document, len(passages))}
        further: list[Row] = [{"document_id": document.id, "part": n} for n in range(1, len(parts))]
        ids = [f"{document.id}#{n}" for n in range(len(parts))]
        points = [_point(id_) for id_ in ids]
        with self._writing, failures_named(self._folder), self._claimed(document.id):
            if self._writers is None:
                self._documents.upsert(ids, list(points), [{**first, "finished": False}, *further], parts)
            elif further:
                self._documents.upsert(ids[1:], list(points[1:]), list(further), parts[1:])
            for start in range(0, len(passages), _BATCH):
                part = slice(start, start + _BATCH)
                if start:
                    self._renew(document.id)
                add_passages(self._passages, passages[part], vectors[part])
            if codes:
                self._tokens.add(document.id, {p.id: code for p, code in zip(passages, codes, strict=True)})
            self._renew(document.id)
            if self._writers is None:
                self._documents.update(ids[0], metadatas={**first, "finished": True})
            else:
                # Not before: another process may have finished the same document, whose head must stay as it is.
                self._documents.upsert(ids[:1], list(points[:1]), [{**first, "finished": True}], parts[:1])
            self._listed(document.id, _info(first))

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
        """Drop a document, its passages and what is known of its files; not where another process is writing it."""
        with self._writing, failures_named(self._folder), suppress(GivenWay), self._claimed(document_id, gone=True):
            # First out of sight, then away.
            self._hidden(document_id)
            self._tokens.remove([document_id])
            for collection in (self._passages, self._files, self._documents):
                if collection.get(where={"document_id": document_id}, limit=1, include=[])["ids"]:
                    collection.delete(where={"document_id": document_id})

    def sweep(self) -> int:
        """Remove what an interrupted run left unfinished; returns how many documents that were."""
        with self._writing:
            with failures_named(self._folder):
                rows = self._documents.get(where={"finished": False}, include=["metadatas"])
                left = {str(m["document_id"]) for m in rows["metadatas"] or []}
                left |= self._given_up()
            for document_id in left:
                self.remove(document_id)
                if self._writers is not None:
                    with failures_named(self._folder):
                        self._writers.forget(document_id)
        return len(left)

    # Inside

    def _claimed(self, document_id: str, *, gone: bool = False) -> AbstractContextManager[None]:
        """Tell other processes of a server that the document is being written, or removed."""
        if self._writers is None:
            return nullcontext()
        return self._writers.removing(document_id) if gone else self._writers.writing(document_id)

    def _renew(self, document_id: str) -> None:
        if self._writers is not None:
            self._writers.still(document_id)

    def _hidden(self, document_id: str) -> None:
        head = f"{document_id}#0"
        if self._writers is None:
            self._listed(document_id, None)
        if self._documents.get(head, include=[])["ids"]:
            self._documents.update(head, metadatas={"finished": False})
        if self._writers is not None:
            # The others read the list when they are told, so by then it must say so.
            self._listed(document_id, None)

    def _given_up(self) -> set[str]:
        """Documents that a process of a server left half written when it died."""
        if self._writers is None:
            return set()
        left: set[str] = set()
        for document_id, busy in self._writers.given_up().items():
            head = self._documents.get(f"{document_id}#0", where={"finished": True}, include=[])["ids"]
            if head or busy:
                self._writers.forget(document_id)
            else:
                left.add(document_id)
        return left

    def _look(self) -> None:
        """See what other processes have changed, now and then."""
        if self._writers is None or time.monotonic() < self._look_at or not self._looking.acquire(blocking=False):
            return
        try:
            began = time.monotonic()
            with failures_named(self._folder):
                seen = self._writers.seen()
                if seen != self._seen:
                    self._catch_up(reread=_replaced(seen) != _replaced(self._seen))
                    self._seen = seen
            took = time.monotonic() - began
            self._look_at = time.monotonic() + max(_EVERY, _REST * took)
        finally:
            self._looking.release()

    def _catch_up(self, *, reread: bool) -> None:
        """Bring the list of documents in step with the server, reading what is new alone."""
        was = self._documents.id
        self._open_all({})
        with self._catalog_lock:
            self._revision += 1
            if self._catalog is None or reread or self._documents.id != was:
                self._catalog = None
                return
            known = set(self._catalog)
        there = {id_.rsplit("#", 1)[0] for id_ in self._documents.get(where={"finished": True}, include=[])["ids"]}
        new = [f"{id_}#0" for id_ in there - known]
        infos: list[DocumentInfo] = []
        for start in range(0, len(new), _BATCH):
            rows = self._documents.get(new[start : start + _BATCH], where={"finished": True}, include=["metadatas"])
            infos += [_info(dict(m)) for m in rows["metadatas"] or []]
        with self._catalog_lock:
            if self._catalog is not None:
                for id_ in known - there:
                    self._catalog.pop(id_, None)
                self._catalog |= {info.id: info for info in infos}

    def _finished(self) -> dict[str, DocumentInfo]:
        """The finished documents by id, to look one up: other threads add to it and take away."""
        self._look()
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
            replaced = info is not None and document_id in finished
            if info is None:
                finished.pop(document_id, None)
            else:
                finished[document_id] = info
        self._changed(replaced=replaced)

    def _changed(self, *, replaced: bool) -> None:
        self._revision += 1
        if self._writers is not None:
            self._writers.changed(replaced=replaced)

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


def _replaced(seen: Seen) -> frozenset[tuple[str, int]]:
    return frozenset((owner, replaced) for owner, _, replaced in seen if replaced)


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
