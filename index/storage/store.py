"""The index on disk: documents, passages and the files they came from, all in Chroma, the only truth."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.embedding.protocol import Vectors
from index.embedding.token_codes import Floats, TokenCodes
from index.errors import IndexMismatchError
from index.keyword.keyword_index import KeywordIndex
from index.schema import Document, DocumentInfo, FileRecord, Passage
from index.storage.catalog import Catalog
from index.storage.chroma.server import ChromaServer
from index.storage.chroma.swap import index_names, rebuild_name
from index.storage.database import FORMAT, IndexDatabase
from index.storage.files import FileTable
from index.storage.reader import DocumentReader
from index.storage.shared_handle import SharedHandle
from index.storage.token_codes.file import TokenCodesFile
from index.storage.upkeep import Upkeep
from index.storage.writer import DocumentEntry, DocumentWriter
from index.system.locking import lock_lost_error
from index.system.threadsafe import BreakableLock


class Store:
    """One named index of documents, in a folder or on a Chroma server.

    Readers see finished documents only; ``sweep`` removes what an interrupted run left. Safe to use from several
    threads: one writes at a time, and meanwhile the others see each document whole or not at all. Every method raises
    IndexBrokenError when the database fails. Without a fingerprint the index is only opened, and IndexMissingError is
    raised where it was never made.

    With a ``handle`` the index may be closed between two calls while another process writes it; what is read then is as
    of the last time it was opened. On a server other processes write at the same time, and their changes are looked for
    once a second. ``upkeep`` finds and repairs damage.
    """

    def __init__(
        self,
        place: Path | ChromaServer,
        name: str,
        fingerprint: Mapping[str, str],
        handle: SharedHandle | None = None,
        write_lock: BreakableLock | None = None,
    ) -> None:
        write_lock = write_lock or BreakableLock(lock_lost_error)
        database = IndexDatabase(place, name, fingerprint, handle=handle, write_lock=write_lock)
        self._database = database
        self._catalog = Catalog(database)
        self._files = FileTable(database)
        self._reader = DocumentReader(database, self._catalog)
        self._keyword = KeywordIndex(
            database.local_folder / "keyword" / name,
            database.fingerprint_text,
            self._catalog.passage_counts,
            self._reader.passages_of_many,
        )
        self._catalog.on_change_by_others(self._keyword.mark_stale)
        self._writer = DocumentWriter(database, self._catalog, self._files, self._keyword)
        self.upkeep = Upkeep(database, self._catalog, self._files, self._reader)
        if handle is not None:
            handle.attach(database.reopen, database.close, self.pause_writes)

    def close(self) -> None:
        """Close the database's files; the store is of no use afterwards. Other stores over it stay open."""
        self._keyword.flush()
        if self._database.handle is None or self._database.handle.is_open:
            self._database.close()

    @contextmanager
    def pause_writes(self) -> Iterator[None]:
        """Wait for the write under way and let none begin inside. An exception raised inside ends all writing."""
        with self._database.write_lock.hold_or_break():
            yield

    @property
    def local_folder(self) -> Path:
        """The folder of this machine for what is derived from passages: beside Chroma, where that is a folder."""
        return self._database.local_folder

    @property
    def name(self) -> str:
        """The name of the index, one of ``index_names``."""
        return self._database.name

    def index_names(self) -> tuple[str, ...]:
        """Return the names of the indexes that lie here, in alphabetical order."""
        return index_names(self._database.collection_names())

    @property
    def fingerprint(self) -> dict[str, str]:
        """The model, chunking and format that the index was made with."""
        return self._database.fingerprint

    def check(self, fingerprint: Mapping[str, str]) -> None:
        """Raise IndexMismatchError when the index was made with anything else."""
        made, wanted = self.fingerprint, {**fingerprint, "format": FORMAT}
        differing = [key for key in wanted if made.get(key) != wanted[key]]
        if differing:
            what = "; ".join(f"{key} was {made.get(key)!r}, is now {wanted[key]!r}" for key in differing)
            raise IndexMismatchError(
                f"The index in {self._database.place} was made with other settings ({what}). Run `onrecord rebuild` "
                "to make it anew from the documents it holds, or set them back."
            )

    # Replacing it whole

    def clear(self, fingerprint: Mapping[str, str]) -> None:
        """Delete everything in the index and note the fingerprint that it will be made with."""
        with self._database.write_lock, self._database.named_failures():
            self._database.require_exclusive()
            self._database.finish_swap()
            self._database.recreate(fingerprint)
            self._forget_derived()

    def open_rebuild(self, fingerprint: Mapping[str, str]) -> "Store":
        """Open the store to fill with what is to replace this one: empty, or as far as an interrupted rebuild got."""
        database = self._database
        with database.write_lock:
            # With the same lock, so that nothing is written there either while writes are paused here.
            rebuilt = Store(database.place, rebuild_name(database.name), fingerprint, write_lock=database.write_lock)
            if rebuilt.fingerprint != {**fingerprint, "format": FORMAT}:
                rebuilt.clear(fingerprint)
            rebuilt.sweep()
        return rebuilt

    def replace_with(self, rebuilt: "Store") -> None:
        """Replace the documents and passages with those of ``rebuilt``; files stay as they are known.

        Killed at any moment, the index is whole when it is opened next: the old one or the new one. On a server it
        raises IndexBusyError while another process writes.
        """
        database = self._database
        with database.write_lock, database.named_failures():
            database.require_exclusive()
            if isinstance(database.token_codes, TokenCodesFile) and not rebuilt.token_size()[0]:
                database.token_codes.clear()
            self._forget_derived()
            database.begin_swap()
            self._forget_derived()
            self._keyword.replace_with(rebuilt._keyword)
            database.finish_swap()

    def _forget_derived(self) -> None:
        """Forget whatever is derived from passages: documents of the same ids may have others now.

        Everything that is kept of passages by document must be cleared here, on disk too: it is called before they
        change, in case that is the last thing this process does, and after.
        """
        self._catalog.clear()
        self._keyword.clear()
        self._catalog.announce(replaced=True)

    # Reading documents

    def documents(self) -> list[DocumentInfo]:
        """Return every finished document, sorted by title."""
        return self._catalog.infos()

    def document_infos(self, document_ids: Collection[str]) -> dict[str, DocumentInfo]:
        """Return those of these documents that are finished, by id, without reading the others."""
        return self._catalog.infos_of(document_ids)

    def has(self, document_id: str) -> bool:
        """Tell whether the document is there and finished."""
        return self._catalog.has(document_id)

    def ids(self) -> frozenset[str]:
        """Return the ids of the finished documents, in a tenth of the time that ``documents`` takes."""
        return self._catalog.ids()

    def document(self, document_id: str) -> Document:
        """Read a whole document. Raises IndexMissingError when the index does not hold it."""
        return self._reader.document(document_id)

    # Reading passages

    def passages(self) -> Iterator[Passage]:
        """Read every passage of every finished document, in no particular order."""
        return self._reader.passages()

    def passages_by_id(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Read the passages of ``ids``, by id; those of unfinished documents are left out."""
        return self._reader.passages_by_id(ids)

    def passages_of(self, document_id: str) -> tuple[Passage, ...]:
        """Read the passages of one finished document, in its order."""
        return self._reader.passages_of(document_id)

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """Read the vectors of passages, by id, each of shape ``(dimension,)``."""
        return self._reader.vectors(ids)

    def nearest(self, vector: Vectors, k: int, within: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Find the ``k`` passages nearest to a unit vector: their ids and cosines, best first.

        With ``within``, only passages of these documents are searched.
        """
        return self._reader.nearest(vector, k, within)

    @property
    def keyword(self) -> KeywordIndex:
        """Keyword search over the passages."""
        self._catalog.refresh()
        return self._keyword

    def count(self) -> int:
        """Count the passages."""
        with self._database.named_failures():
            return self._database.passages.count()

    # Token codes

    def token_codes(self, ids: Sequence[str]) -> dict[str, TokenCodes]:
        """Read the token codes of passages, by id; those indexed without are left out."""
        with self._database.named_failures():
            return self._database.token_codes.codes(ids)

    def rotation(self, dimension: int) -> Floats | None:
        """Return the rotation of a question's tokens, shape ``(dimension, dimension)``; None without codes."""
        with self._database.named_failures():
            return self._database.token_codes.rotation(dimension)

    def ensure_rotation(self, dimension: int) -> Floats:
        """Return the rotation to make token codes with, shape ``(dimension, dimension)``, drawn at the first use."""
        with self._database.named_failures():
            return self._database.token_codes.ensure_rotation(dimension)

    def token_size(self) -> tuple[int, int]:
        """Count the passages that have token codes, and the bytes these take."""
        with self._database.named_failures():
            return self._database.token_codes.size()

    # Writing

    def add(
        self, document: Document, passages: Sequence[Passage], vectors: Vectors, codes: Sequence[TokenCodes] = ()
    ) -> None:
        """Write a document with its passages, their vectors and, if there are any, their token codes, one each.

        All of it becomes visible at once, at the end.
        """
        self.add_all([DocumentEntry(document, passages, vectors, codes)])

    def add_all(self, entries: Sequence[DocumentEntry]) -> None:
        """Write several documents, which takes little longer than one: each write waits for the disk.

        Each becomes visible as a whole, in their order, once all are written.
        """
        self._writer.add(entries)

    def rewrite(self, entry: DocumentEntry) -> None:
        """Write the passages of a document that is there again; see ``DocumentWriter.rewrite``."""
        self._writer.rewrite(entry)

    def remove(self, document_id: str) -> None:
        """Delete a document, its passages and its files, unless another process is writing it."""
        self._writer.remove(document_id)

    def release_documents(self, document_ids: Iterable[str]) -> None:
        """Delete those of these documents that no file holds any more; see ``DocumentWriter.release``."""
        self._writer.release(document_ids)

    def sweep(self) -> int:
        """Finish or remove what an interrupted run left; returns the number of documents that were unfinished."""
        return self._writer.sweep()

    # Files

    def files(self) -> dict[str, FileRecord]:
        """Read what is known of every file, by path."""
        return self._files.records()

    def file(self, path: str) -> FileRecord | None:
        """Read what is known of one file; None when it is unknown."""
        return self._files.records([path]).get(path)

    def files_of(self, document_id: str) -> list[str]:
        """Return the paths of the files that hold a document, sorted."""
        return self._files.paths_of(document_id)

    def record_file(self, record: FileRecord) -> None:
        """Record which bytes a file held and which document they became."""
        self._files.write([record])

    def record_files(self, records: Sequence[FileRecord]) -> None:
        """Record several files at once; see ``record_file``."""
        self._files.write(records)

    def forget_file(self, path: str) -> None:
        """Delete a file, and its document when no other file holds it."""
        self._writer.forget_files([path])

    def forget_files(self, paths: Sequence[str]) -> None:
        """Delete several files at once; see ``forget_file``."""
        self._writer.forget_files(paths)
