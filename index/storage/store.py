"""The index on disk: documents, passages and the files they came from, all in Chroma, the only truth."""

import json
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from collections.abc import Collection as Several
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from index.embedding.sentence_transformers import Vectors
from index.embedding.token_codes import Codes, Floats
from index.errors import IndexBrokenError, IndexMismatchError, IndexMissingError
from index.keyword.keyword_index import KeywordIndex
from index.system.locking import lost
from index.schema import Document, DocumentInfo, FileRecord, Passage, Section
from index.storage.chroma.client import DATABASE, close_client, named_failures, graph_folder, missing, open_place
from index.storage.chroma.server import Server
from index.storage.chroma.leases import DocumentLeasedError, Seen, Writers
from index.storage.chroma.records import (
    Record,
    delete_records,
    find_ids,
    find_records,
    find_records_among,
    in_batches,
    placeholder_vector,
    read_records,
)
from index.storage.chroma.reopening_collection import reached, served
from index.storage.shared_handle import Share
from index.storage.sqlite_file import is_sound
from index.storage.chroma.swap import begin, finish, index_names, is_replaced, collection_names, current_name, rebuilding
from index.storage.token_codes.collection import TokenCodesCollection
from index.storage.token_codes.file import TokenCodesFile
from index.storage.chroma.vector_graph import find_flaw, find_stray_links
from index.storage.chroma.vectors import add_passages, nearest
from index.text.pages import page_sections, pages_in_span
from index.system.threadsafe import Breakable

if TYPE_CHECKING:
    from chromadb import Collection

T = TypeVar("T")
_log = logging.getLogger(__name__)
Row = Mapping[str, str | int | float | bool]
Part = tuple[str, Row, str]

FORMAT = "2"
_PART = 200_000  # characters of document text in one record
_ROWS = 500  # records of documents read at a time
_EVERY = 1.0  # seconds between looks at what others have changed on a server, at least
_REST = 9.0  # times as long as the last look took, so that looking never takes more than a tenth of the time


@dataclass(frozen=True, slots=True)
class Entry:
    """A document to be written: its passages, their unit vectors and the codes of their tokens, none or one each."""

    document: Document
    passages: Sequence[Passage]
    vectors: Vectors | Sequence[Vectors]
    codes: Sequence[Codes] = ()


@dataclass(frozen=True, slots=True)
class Stray:
    """What belongs to no document: ids of passages, of parts of texts, paths of files, documents with tokens' codes."""

    passages: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    coded: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.passages or self.parts or self.files or self.coded)


class Store:
    """One named collection of documents.

    A document is written in three steps: its text, marked unfinished; its passages; the mark taken off. Readers see
    finished documents only, and ``sweep`` removes what an interrupted run left. Safe to use from several threads: one
    writes at a time, and meanwhile the others see each document whole or not at all. Every method raises
    IndexBrokenError when the database fails underneath it. Without a fingerprint it is only opened, and
    IndexMissingError is raised where it was never made.

    With a ``share`` the index may be let go of between two calls, while another process writes it; what is read then
    is as of the last time it was opened. On a server other processes write at the same time. A document is then written
    with its head last, which makes it whole, under a claim that tells the others of it (``writers``), and their changes
    are looked for once a second.
    """

    def __init__(
        self, folder: Path | Server, collection: str, fingerprint: Mapping[str, str], share: Share | None = None
    ) -> None:
        self._folder = folder
        self._named = collection
        self._share = share
        self._as_of = 1
        self._client = open_place(folder, make=bool(fingerprint))
        with named_failures(folder):
            self._open_all(fingerprint)
            self._refuse_stray_links()
            self._tokens = self._tokens_kept()
        self._writers = Writers(lambda: self._written_by) if isinstance(folder, Server) else None
        self._keyword = KeywordIndex(
            self.beside / "keyword" / collection,
            lambda: json.dumps(self.fingerprint, sort_keys=True),
            self._counted,
            self._passages_of,
        )
        self._catalog: dict[str, DocumentInfo] | None = None
        self._ids: set[str] | None = None  # of the finished documents, while nothing but these was asked for
        self._catalog_lock = threading.Lock()
        self._writing = Breakable(lost)
        self._looking = threading.Lock()
        self._seen: Seen = frozenset()
        self._look_at = 0.0
        self._replaced_meanwhile = False
        if share is not None:
            self._opened_with = self.fingerprint
            share.attach(self._open_again, self._close_database, self.at_rest)

    def _open_all(self, fingerprint: Mapping[str, str]) -> None:
        names = collection_names(self._client)
        if not fingerprint and current_name(names, self._named, "passages") not in names:
            raise IndexMissingError(missing(self._folder, self._named, index_names(names)))
        self._passages = self._open(names, "passages", {"hnsw:space": "cosine", **_stamp(fingerprint)})
        self._documents = self._open(names, "documents", {"hnsw:space": "l2"})
        self._files = self._open(names, "files", {"hnsw:space": "l2"})
        if isinstance(self._folder, Server):
            self._coded = self._open(names, "tokens", {"hnsw:space": "l2"})
            self._written_by = self._open(names, "writers", {"hnsw:space": "l2"})

    def _refuse_stray_links(self) -> None:
        """Chroma would follow them and end the process without a word."""
        for kind, folder in self._graphs().items():
            if flaw := find_stray_links(folder):
                close_client(self._client)
                raise IndexBrokenError(
                    f"The graph of {kind} in {folder} is damaged: {flaw}. Run `onrecord doctor --repair`, which makes "
                    "it anew from what the index holds."
                )

    def _open(self, names: frozenset[str], kind: str, metadata: dict[str, str]) -> "Collection":
        place = current_name(names, self._named, kind)
        collection = self._client.get_or_create_collection(place, metadata=metadata, embedding_function=None)
        if isinstance(self._folder, Server):
            return served(collection, lambda: self._found(kind), self._was_replaced)
        return collection if self._share is None else reached(self._share, lambda: self._found(kind))

    def _was_replaced(self) -> None:
        """Read the list of documents anew at the next look, and look at once."""
        self._replaced_meanwhile = True

    def _found(self, kind: str) -> "Collection":
        place = current_name(collection_names(self._client), self._named, kind)
        return self._client.get_collection(place, embedding_function=None)

    def _tokens_kept(self) -> TokenCodesFile | TokenCodesCollection:
        """Those of the passages that count, which may still go by the name they were rebuilt under."""
        if isinstance(self._folder, Server):
            return TokenCodesCollection(lambda: self._coded)
        if is_replaced(collection_names(self._client), self._named):
            rebuilt = TokenCodesFile(self._folder, rebuilding(self._named))
            if rebuilt.size()[0]:
                return rebuilt
        return TokenCodesFile(self._folder, self._named)

    def close(self) -> None:
        """Let go of the database's files; the store is of no use afterwards. Other stores over it stay open."""
        self._keyword.settle()
        if self._share is None or self._share.open:
            self._close_database()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """While this lasts nothing is written; waits for the write under way. What it raises ends all writing."""
        with self._writing.lent():
            yield

    def _close_database(self) -> None:
        close_client(self._client)

    def _open_again(self) -> None:
        self._client = open_place(self._folder, make=False)

    @property
    def beside(self) -> Path:
        """Where this machine keeps what is derived from the passages: beside Chroma, where that is a folder."""
        return self._folder.local if isinstance(self._folder, Server) else self._folder

    @property
    def named(self) -> str:
        """What the index is called, one of ``names``."""
        return self._named

    def names(self) -> tuple[str, ...]:
        """The named indexes that lie here, in alphabetical order."""
        return index_names(self._names())

    def _names(self) -> frozenset[str]:
        with named_failures(self._folder), nullcontext() if self._share is None else self._share.using():
            return collection_names(self._client)

    # What the index was made with

    @property
    def fingerprint(self) -> dict[str, str]:
        """Model, chunking and format the index was made with."""
        metadata = self._passages.metadata or {}
        return {k.removeprefix("onrecord:"): str(v) for k, v in metadata.items() if k.startswith("onrecord:")}

    def check(self, fingerprint: Mapping[str, str]) -> None:
        """Raise IndexMismatchError when the index was made with anything else."""
        made, wanted = self.fingerprint, {**fingerprint, "format": FORMAT}
        differing = [key for key in wanted if made.get(key) != wanted[key]]
        if differing:
            what = "; ".join(f"{key} was {made.get(key)!r}, is now {wanted[key]!r}" for key in differing)
            raise IndexMismatchError(
                f"The index in {self._folder} was made with other settings ({what}). Run `onrecord rebuild` "
                "to make it anew from the documents it holds, or set them back."
            )

    def restart(self, fingerprint: Mapping[str, str]) -> None:
        """Empty the index of everything and note what it will be made with."""
        with self._writing, named_failures(self._folder):
            if self._writers is not None:
                self._writers.alone()
            self._finish_swap()
            for kind in ("passages", "documents", "files"):
                self._client.delete_collection(f"{self._named}.{kind}")
            if isinstance(self._tokens, TokenCodesFile):
                self._tokens.clear()
            else:
                self._client.delete_collection(f"{self._named}.tokens")
            self._open_all(fingerprint)
            self._passages_are_others()

    # Making it anew beside itself

    def shadow(self, fingerprint: Mapping[str, str]) -> "Store":
        """A store to fill with what is to take this one's place: empty, or as far as an interrupted rebuild got."""
        with self._writing:
            made = Store(self._folder, rebuilding(self._named), fingerprint)
            made._writing = self._writing  # so that nothing is written there either while this one is at rest
            if made.fingerprint != {**fingerprint, "format": FORMAT}:
                made.restart(fingerprint)
            made.sweep()
        return made

    def replace_with(self, shadow: "Store") -> None:
        """Put the documents and passages of ``shadow`` in the place of this store's; files are known as before.

        Killed at any moment, the index is whole when it is opened next: the old one or the new one. On a server it
        raises IndexBusyError while another process writes.
        """
        with self._writing, named_failures(self._folder):
            if self._writers is not None:
                self._writers.alone()
            if isinstance(self._tokens, TokenCodesFile) and not shadow.token_size()[0]:
                self._tokens.clear()
            self._passages_are_others()
            begin(self._client, self._named)
            self._open_all({})
            self._tokens = self._tokens_kept()
            self._passages_are_others()
            self._keyword.replace_with(shadow._keyword)
            self._finish_swap()

    def _finish_swap(self) -> None:
        if is_replaced(collection_names(self._client), self._named):
            if isinstance(self._folder, Path):
                tokens = TokenCodesFile(self._folder, self._named)
                tokens.replace_with(rebuilding(self._named))
                self._tokens = tokens
            finish(self._client, self._named)

    def _passages_are_others(self) -> None:
        """Forget whatever is derived from the passages: documents of the same ids may have others now.

        Everything that is kept of passages by document must be cleared here, on disk too: it is called before they
        change, in case that is the last thing this process does, and after.
        """
        with self._catalog_lock:
            self._catalog = self._ids = None
        self._keyword.restart()
        self._changed(replaced=True)

    # Reading

    def documents(self) -> list[DocumentInfo]:
        """Every finished document, by title."""
        finished = self._finished()
        with self._catalog_lock:
            infos = list(finished.values())
        return sorted(infos, key=lambda info: (info.title.casefold(), info.id))

    def infos(self, document_ids: Several[str]) -> dict[str, DocumentInfo]:
        """Those of these documents that are finished, by id; the others are not read for it."""
        self._look()
        with self._catalog_lock:
            known = self._catalog
            if known is None:
                return {info.id: info for info in self._read_infos(list(document_ids))}
            return {id_: known[id_] for id_ in document_ids if id_ in known}

    def document(self, document_id: str) -> Document:
        """The whole document. Raises IndexMissingError when the index does not hold it."""
        info = self.infos([document_id]).get(document_id)
        if info is None:
            raise _missing(document_id)
        with named_failures(self._folder):
            rows = list(find_records(self._documents, {"document_id": document_id}, "metadatas", "documents"))
        parts = sorted(rows, key=lambda row: int(row.metadata.get("part", 0)))
        text = "".join(part.text for part in parts)
        if not parts or len(text) != info.size:
            # Removed by another thread since it was looked up.
            raise _missing(document_id)
        sections = _sections(str(parts[0].metadata.get("sections", "[]")))
        return Document(info.id, info.title, info.source, text, info.metadata, sections)

    def passages(self) -> Iterator[Passage]:
        """Every passage of every finished document, in no particular order."""
        # As of now: a document that is finished meanwhile would come in part.
        finished = self._finished()
        ids = [id_ for id_ in self._passage_ids() if id_.rsplit(":", 1)[0] in finished]
        for some in in_batches(ids):
            yield from self.passages_by_id(some).values()

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages of ``ids``, by id; those of unfinished documents are left out."""
        with named_failures(self._folder):
            rows = list(read_records(self._passages, ids, "documents"))
        return {p.id: p for p in self._shown(rows)}

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """The passages of a finished document, in its order."""
        with named_failures(self._folder):
            rows = list(find_records(self._passages, {"document_id": document_id}, "documents"))
        return tuple(sorted(self._shown(rows), key=lambda p: (p.start, p.end)))

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored vectors of passages, by id."""
        with named_failures(self._folder):
            rows = list(read_records(self._passages, ids, "embeddings"))
        return {row.id: np.asarray(row.vector, dtype=np.float32) for row in rows if row.vector is not None}

    def token_codes(self, ids: Sequence[str]) -> dict[str, Codes]:
        """The tokens of passages, by id; those indexed without are left out."""
        with named_failures(self._folder):
            return self._tokens.codes(ids)

    def rotation(self, dimension: int) -> Floats | None:
        """What a question's tokens are turned by before they meet those of ``token_codes``; None without any."""
        with named_failures(self._folder):
            return self._tokens.rotation(dimension)

    def token_size(self) -> tuple[int, int]:
        """How many passages have tokens, and the bytes these take."""
        with named_failures(self._folder):
            return self._tokens.size()

    def nearest(self, vector: Vectors, k: int, within: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Ids of the ``k`` passages nearest to a unit vector with their cosines, best first.

        With ``within``, the nearest ``k`` among the passages of these documents.
        """
        finished = self._finished()
        with named_failures(self._folder):
            found = nearest(self._passages, vector, k, within)
        return [(id_, cosine) for id_, cosine in found if id_.rsplit(":", 1)[0] in finished]

    @property
    def keyword(self) -> KeywordIndex:
        """Keyword search over the passages."""
        self._look()
        return self._keyword

    def count(self) -> int:
        """How many passages there are."""
        with named_failures(self._folder):
            return self._passages.count()

    def files(self) -> dict[str, FileRecord]:
        """What is known of every file, by path."""
        return self._records(None)

    def file(self, path: str) -> FileRecord | None:
        """What is known of one file."""
        return self._records([path]).get(path)

    def _records(self, paths: list[str] | None) -> dict[str, FileRecord]:
        with named_failures(self._folder):
            wanted = find_ids(self._files) if paths is None else paths
            rows = list(read_records(self._files, wanted, "metadatas"))
        return {row.id: FileRecord(row.id, str(row.metadata.get("sha256")), _document_of(row)) for row in rows}

    def files_of(self, document_id: str) -> list[str]:
        """Paths of the files that hold a document, sorted."""
        with named_failures(self._folder):
            return sorted(find_ids(self._files, {"document_id": document_id}))

    def has(self, document_id: str) -> bool:
        """Whether the document is there, finished."""
        return self._with_ids(lambda ids: document_id in ids)

    def ids(self) -> frozenset[str]:
        """Those of the finished documents, read in a tenth of the time that ``documents`` takes."""
        return self._with_ids(frozenset)

    def _with_ids(self, ask: Callable[[Set[str]], T]) -> T:
        self._look()
        with self._catalog_lock:
            if self._catalog is not None:
                return ask(self._catalog.keys())
            if self._ids is None:
                self._ids = set(self._read_ids())
            return ask(self._ids)

    # Writing

    def ensure_rotation(self, dimension: int) -> Floats:
        """What passages' tokens are turned by before they become codes, settled at the first use."""
        with named_failures(self._folder):
            return self._tokens.ensure_rotation(dimension)

    def add(
        self, document: Document, passages: Sequence[Passage], vectors: Vectors, codes: Sequence[Codes] = ()
    ) -> None:
        """Write a document with its passages, their vectors and, if there are any, the codes of their tokens.

        All of it becomes visible at once, at the end.
        """
        self.add_all([Entry(document, passages, vectors, codes)])

    def add_all(self, entries: Sequence[Entry]) -> None:
        """Write several documents, which takes little longer than one: each write waits for the disk.

        Each becomes visible as a whole, in their order, once all are written.
        """
        heads = {
            e.document.id: {"document_id": e.document.id, "part": 0, **_describe(e.document, len(e.passages))}
            for e in entries
        }
        rows = [row for entry in entries for row in _parts(entry.document, heads[entry.document.id])]
        passages = [passage for entry in entries for passage in entry.passages]
        vectors = [vector for entry in entries for vector in entry.vectors[: len(entry.passages)]]
        with self._writing, named_failures(self._folder), ExitStack() as claims:
            for id_ in heads:
                claims.enter_context(self._claimed(id_))
            self._write_parts([row for row in rows if self._writers is None or row[1]["part"]])
            for n, some in enumerate(in_batches(list(zip(passages, vectors, strict=True)))):
                if n:
                    self._renew(heads)
                add_passages(self._passages, [p for p, _ in some], [v for _, v in some])
            self._tokens.add_all(
                (entry.document.id, {p.id: code for p, code in zip(entry.passages, entry.codes, strict=True)})
                for entry in entries
                if entry.codes
            )
            self._finish(heads, rows)
            for entry in entries:
                self._listed(entry.document.id, _info(heads[entry.document.id]))
                self._keyword.put(entry.document.id, entry.passages)

    def _write_parts(self, rows: Sequence[Part]) -> None:
        for some in in_batches(rows):
            ids = [id_ for id_, _, _ in some]
            points = [placeholder_vector(id_) for id_ in ids]
            self._documents.upsert(ids, list(points), [row for _, row, _ in some], [text for _, _, text in some])

    def _finish(self, heads: Mapping[str, Row], rows: Sequence[Part]) -> None:
        """Mark documents whole; on a server their heads are not written before."""
        if self._writers is None:
            for some in in_batches(list(heads.items())):
                metadatas: list[Row] = [{**head, "finished": True} for _, head in some]
                self._documents.update([f"{id_}#0" for id_, _ in some], metadatas=list(metadatas))
        else:
            # Not before: another process may have finished the same document, whose head must stay as it is.
            self._renew(heads)
            self._write_parts([(id_, {**row, "finished": True}, text) for id_, row, text in rows if not row["part"]])

    def record_file(self, record: FileRecord) -> None:
        """Remember which bytes a file held and which document they became."""
        self.record_files([record])

    def record_files(self, records: Sequence[FileRecord]) -> None:
        """The same of several files, in one go."""
        with self._writing, named_failures(self._folder):
            for some in in_batches(records):
                self._files.upsert(
                    [r.path for r in some],
                    [placeholder_vector(r.path) for r in some],
                    [{"sha256": r.sha256, "document_id": r.document_id} for r in some],
                )

    def forget_file(self, path: str) -> None:
        """Drop a file; its document goes too when no other file holds it."""
        self.forget_files([path])

    def forget_files(self, paths: Sequence[str]) -> None:
        """The same of several files, in one go."""
        with self._writing:
            held: set[str] = set()
            with named_failures(self._folder):
                for some in in_batches(paths):
                    held |= {_document_of(row) for row in read_records(self._files, some, "metadatas")}
                    delete_records(self._files, some)
            self.let_go(held)

    def let_go(self, document_ids: Iterable[str]) -> None:
        """Drop those documents that no file holds any more.

        One whose file holds something else by now, while another file still holds it, is said to be from that one.
        """
        with self._writing:
            elsewhere: list[DocumentInfo] = []
            holders = self._holders(sorted(document_ids))
            held = self.infos([id_ for id_, paths in holders.items() if paths])
            for document_id, paths in holders.items():
                if not paths:
                    self.remove(document_id)
                elif (info := held.get(document_id)) is not None and info.source not in paths:
                    elsewhere.append(replace(info, source=min(paths)))
            for infos in in_batches(elsewhere):
                with named_failures(self._folder):
                    self._documents.update(
                        [f"{info.id}#0" for info in infos], metadatas=[{"source": info.source} for info in infos]
                    )
                for info in infos:
                    self._listed(info.id, info)

    def _holders(self, document_ids: Sequence[str]) -> dict[str, set[str]]:
        """The paths of the files that hold each document."""
        found: dict[str, set[str]] = {id_: set() for id_ in document_ids}
        with named_failures(self._folder):
            for row in find_records_among(self._files, "document_id", document_ids, "metadatas"):
                found[_document_of(row)].add(row.id)
        return found

    def remove(self, document_id: str) -> None:
        """Drop a document, its passages and what is known of its files; not where another process is writing it."""
        with (
            self._writing,
            named_failures(self._folder),
            suppress(DocumentLeasedError),
            self._claimed(document_id, gone=True),
        ):
            # First out of sight, then away.
            self._hidden(document_id)
            self._keyword.put(document_id, ())
            self._tokens.remove([document_id])
            for collection in (self._passages, self._files, self._documents):
                if collection.get(where={"document_id": document_id}, limit=1, include=[])["ids"]:
                    collection.delete(where={"document_id": document_id})

    def sweep(self) -> int:
        """Remove or finish what an interrupted run left; returns how many documents were unfinished."""
        with self._writing:
            with named_failures(self._folder):
                self._finish_swap()
                left = self.unfinished() | self._given_up()
            for document_id in left:
                self.remove(document_id)
                if self._writers is not None:
                    with named_failures(self._folder):
                        self._writers.forget(document_id)
            if self._writers is not None:
                with named_failures(self._folder):
                    self._writers.prune()
        return len(left)

    # Upkeep

    def unfinished(self) -> frozenset[str]:
        """Documents that are only half there, which nobody is shown."""
        with named_failures(self._folder):
            return frozenset(_of_head(id_) for id_ in find_ids(self._documents, {"finished": False}))

    def has_unfinished_rebuild(self) -> bool:
        """Whether a rebuild was begun beside the index and did not come to its end."""
        return f"{rebuilding(self._named)}.passages" in self._names()

    def discard_rebuild(self) -> None:
        """Finish a rebuild that counts already; remove one that was stopped before."""
        with self._writing, named_failures(self._folder):
            self._finish_swap()
            for name in collection_names(self._client):
                if name.startswith(f"{rebuilding(self._named)}."):
                    self._client.delete_collection(name)
            if isinstance(self._folder, Path):
                TokenCodesFile(self._folder, rebuilding(self._named)).clear()
            shutil.rmtree(self.beside / "keyword" / rebuilding(self._named), ignore_errors=True)

    def stray(self) -> Stray:
        """What belongs to no document that is there."""
        with named_failures(self._folder):
            parts = find_ids(self._documents)
        heads = {id_.removesuffix("#0") for id_ in parts if id_.endswith("#0")}
        coded = self._tokens.documents() if isinstance(self._tokens, TokenCodesFile) else frozenset()
        return Stray(
            tuple(id_ for id_ in self._passage_ids() if id_.rpartition(":")[0] not in heads),
            tuple(id_ for id_ in parts if id_.rpartition("#")[0] not in heads),
            tuple(path for path, record in self.files().items() if record.document_id not in heads),
            tuple(sorted(coded - heads)),
        )

    def drop(self, stray: Stray) -> None:
        """Remove what belongs to no document."""
        found = ((self._passages, stray.passages), (self._documents, stray.parts), (self._files, stray.files))
        with self._writing, named_failures(self._folder):
            for collection, ids in found:
                delete_records(collection, ids)
            self._tokens.remove(stray.coded)

    def damaged_graphs(self) -> dict[str, str]:
        """Say what is wrong with graphs of vectors, by whose they are: the passages', documents' or files'.

        On a server nothing is known of its files.
        """
        flaws = {kind: find_flaw(folder, unit=kind == "passages") for kind, folder in self._graphs().items()}
        return {kind: flaw for kind, flaw in flaws.items() if flaw}

    def _graphs(self) -> dict[str, Path]:
        """The folders of graphs, by whose they are; on a server, none can be seen."""
        if isinstance(self._folder, Server):
            return {}
        kept = {"passages": self._passages, "documents": self._documents, "files": self._files}
        found = {kind: graph_folder(self._folder, str(collection.id)) for kind, collection in kept.items()}
        return {kind: folder for kind, folder in found.items() if folder is not None}

    def database_is_sound(self) -> bool:
        """Tell whether SQLite finds Chroma's database whole; on a server, nothing is known of it."""
        with named_failures(self._folder):
            return isinstance(self._folder, Server) or is_sound(self._folder / DATABASE)

    def tokens_are_sound(self) -> bool:
        """Tell whether the file of the tokens' codes can be read."""
        with named_failures(self._folder):
            return not isinstance(self._tokens, TokenCodesFile) or self._tokens.is_sound()

    def salvage_tokens(self) -> int:
        """Put the file of the tokens' codes in order; returns of how many passages these could be read."""
        with self._writing, named_failures(self._folder):
            return self._tokens.salvage(self._passage_ids()) if isinstance(self._tokens, TokenCodesFile) else 0

    def damaged_heads(self) -> tuple[str, ...]:
        """Finished documents of which not even the title can be read."""
        ids = self._read_ids()
        readable = {info.id for info in self._read_infos(ids)}
        return tuple(id_ for id_ in ids if id_ not in readable)

    def recreate_files(self) -> None:
        """Write anew what is known of files, for a graph of theirs that is damaged.

        Stopped in between, files are not known and are read once more by the next run.
        """
        with self._writing, named_failures(self._folder):
            records = list(self.files().values())
            self._client.delete_collection(f"{self._named}.files")
            self._files = self._open(collection_names(self._client), "files", {"hnsw:space": "l2"})
            self.record_files(records)

    def rewrite(self, entry: Entry) -> None:
        """Write the passages of a document that is there anew. Stopped in between, its text and files are still there.

        For whoever has the index alone: a reader beside would see part of the passages.
        """
        id_ = entry.document.id
        with self._writing, named_failures(self._folder):
            self._passages.delete(where={"document_id": id_})
            self._tokens.remove([id_])
            for some in in_batches(list(zip(entry.passages, entry.vectors, strict=False))):
                add_passages(self._passages, [p for p, _ in some], [v for _, v in some])
            if entry.codes:
                codes = {p.id: code for p, code in zip(entry.passages, entry.codes, strict=True)}
                self._tokens.add_all([(id_, codes)])
            head: Row = {"document_id": id_, "part": 0, **_describe(entry.document, len(entry.passages))}
            self._documents.update(f"{id_}#0", metadatas={**head, "finished": True})
            self._listed(id_, _info(head))
            self._keyword.put(id_, entry.passages)

    # Inside

    def _claimed(self, document_id: str, *, gone: bool = False) -> AbstractContextManager[None]:
        """Tell other processes of a server that the document is being written, or removed."""
        if self._writers is None:
            return nullcontext()
        return self._writers.removing(document_id) if gone else self._writers.writing(document_id)

    def _renew(self, document_ids: Iterable[str]) -> None:
        if self._writers is not None:
            for id_ in document_ids:
                self._writers.still(id_)

    def _hidden(self, document_id: str) -> None:
        head = f"{document_id}#0"
        if self._writers is None:
            self._listed(document_id, None)
        if self._documents.get(head, include=[])["ids"]:
            self._documents.update(head, metadatas={"finished": False})
        # Another thread may have read the list just before; and processes of a server read it when they are told, so
        # by then it must say so.
        self._listed(document_id, None)

    def _given_up(self) -> set[str]:
        """Documents that a process of a server left half written when it died."""
        if self._writers is None:
            return set()
        left: set[str] = set()
        for document_id, busy in self._writers.find_expired().items():
            head = self._documents.get(f"{document_id}#0", where={"finished": True}, include=[])["ids"]
            if head or busy:
                self._writers.forget(document_id)
            else:
                left.add(document_id)
        return left

    def _look(self) -> None:
        """See what other processes have changed: where the index was let go of meanwhile, on a server now and then."""
        if self._share is not None:
            with self._share.using():
                self._see_again(self._share.times)
            return
        rested = time.monotonic() >= self._look_at or self._replaced_meanwhile
        if self._writers is None or not rested or not self._looking.acquire(blocking=False):
            return
        try:
            began = time.monotonic()
            with named_failures(self._folder):
                others, self._replaced_meanwhile = self._replaced_meanwhile, False
                seen = self._writers.seen()
                if seen != self._seen or others:
                    self._catch_up(reread=others or _replaced(seen) != _replaced(self._seen))
                    self._seen = seen
            took = time.monotonic() - began
            self._look_at = time.monotonic() + max(_EVERY, _REST * took)
        finally:
            self._looking.release()

    def _see_again(self, times: int) -> None:
        if times == self._as_of:
            return
        with self._catalog_lock, named_failures(self._folder):
            if times == self._as_of:
                return
            if self.fingerprint != self._opened_with:
                raise IndexMismatchError(
                    f"The index in {self._folder} was made anew with other settings meanwhile. Start this again."
                )
            self._tokens = self._tokens_kept()
            self._catalog = None
            self._as_of = times
        self._keyword.mark_stale()

    def _catch_up(self, *, reread: bool) -> None:
        """Bring the list of documents in step with the server, reading what is new alone."""
        was = self._documents.id
        self._open_all({})
        self._keyword.mark_stale()
        with self._catalog_lock:
            if self._catalog is None or reread or self._documents.id != was:
                self._catalog = self._ids = None
                return
            known = set(self._catalog)
        there = set(self._read_ids())
        infos = list(self._read_infos(sorted(there - known)))
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
                self._catalog, self._ids = {info.id: info for info in self._read_infos(self._read_ids())}, None
            return self._catalog

    def _read_ids(self) -> list[str]:
        with named_failures(self._folder):
            return [_of_head(id_) for id_ in find_ids(self._documents, {"finished": True})]

    def _read_infos(self, document_ids: Sequence[str]) -> Iterator[DocumentInfo]:
        """The finished ones among these; some at a time, since Chroma's rows of 10,000 take 150 MB."""
        for some in in_batches(document_ids, _ROWS):
            with named_failures(self._folder):
                rows = list(read_records(self._documents, [f"{id_}#0" for id_ in some], "metadatas"))
            # Asked for both ids and a mark, Chroma takes a thousand times as long.
            yield from _infos(row for row in rows if row.metadata.get("finished"))

    def _listed(self, document_id: str, info: DocumentInfo | None) -> None:
        """Show a document to readers, or no longer."""
        if self._writers is None:
            with self._catalog_lock:
                if self._ids is not None:
                    (self._ids.discard if info is None else self._ids.add)(document_id)
                if self._catalog is None:
                    return
        finished = self._finished()
        with self._catalog_lock:
            replaced = info is not None and document_id in finished
            if info is None:
                finished.pop(document_id, None)
            else:
                finished[document_id] = info
        self._changed(replaced=replaced)

    def _changed(self, *, replaced: bool) -> None:
        """Tell other processes of a server."""
        if self._writers is not None:
            self._writers.changed(replaced=replaced)

    def _counted(self) -> dict[str, int]:
        """How many passages each finished document has, by its id."""
        finished = self._finished()
        with self._catalog_lock:
            return {id_: info.passages for id_, info in finished.items()}

    def _passages_of(self, document_ids: Sequence[str]) -> Iterator[Passage]:
        """Every passage of these documents, those finished."""
        with named_failures(self._folder):
            rows = list(find_records_among(self._passages, "document_id", document_ids, "documents"))
        yield from self._shown(rows)

    def _passage_ids(self) -> list[str]:
        with named_failures(self._folder):
            return find_ids(self._passages)

    def _shown(self, rows: Iterable[Record]) -> Iterator[Passage]:
        """Those of finished documents."""
        passages = (self._passage(row.id, row.text) for row in rows)
        return (passage for passage in passages if passage is not None)

    def _passage(self, id_: str, text: str) -> Passage | None:
        document_id, _, place = id_.rpartition(":")
        info = self._finished().get(document_id)
        if info is None:
            return None
        try:
            start, end = map(int, place.split("-"))
        except ValueError:
            _log.warning("the passage %r has a damaged id and is left out", id_)
            return None
        return Passage(
            info.id, start, end, text, info.title, info.source, info.metadata, pages_in_span(info.pages, start, end)
        )


def _replaced(seen: Seen) -> frozenset[tuple[str, int]]:
    return frozenset((owner, replaced) for owner, _, replaced in seen if replaced)


def _missing(document_id: str) -> IndexMissingError:
    return IndexMissingError(f"The index holds no document {document_id!r}. `onrecord list` shows what it holds.")


def _stamp(fingerprint: Mapping[str, str]) -> dict[str, str]:
    return {f"onrecord:{key}": value for key, value in {**fingerprint, "format": FORMAT}.items()}


def _parts(document: Document, head: Row) -> Iterator[Part]:
    """What is written of a document, unfinished: ids, metadata and texts."""
    for n, start in enumerate(range(0, len(document.text) or 1, _PART)):
        row: Row = {**head, "finished": False} if n == 0 else {"document_id": document.id, "part": n}
        yield f"{document.id}#{n}", row, document.text[start : start + _PART]


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


def _document_of(row: Record) -> str:
    return str(row.metadata.get("document_id", ""))


def _of_head(record_id: str) -> str:
    return record_id.rsplit("#", 1)[0]


def _sections(held: str) -> tuple[Section, ...]:
    return tuple(Section(*row) for row in json.loads(held))


def _infos(heads: Iterable[Record]) -> Iterator[DocumentInfo]:
    """Those that can be read: a head that is damaged must not keep all the others from view."""
    for head in heads:
        try:
            yield _info(head.metadata)
        except (KeyError, ValueError, TypeError) as error:
            _log.warning("the document %s is left out, since what is kept of it is damaged (%r)", head.id, error)


def _info(row: Mapping[str, Any]) -> DocumentInfo:
    return DocumentInfo(
        str(row["document_id"]),
        str(row["title"]),
        str(row["source"]),
        json.loads(row["metadata"]),
        int(row["size"]),
        int(row["passages"]),
        page_sections(_sections(str(row["sections"]))) if '"page"' in row["sections"] else (),
    )
