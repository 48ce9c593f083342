"""Write and remove documents so that readers see each of them whole or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, replace

from index.embedding.protocol import Vectors
from index.embedding.token_codes import TokenCodes
from index.keyword.keyword_index import KeywordIndex
from index.schema import Document, DocumentInfo, Passage
from index.storage.catalog import Catalog
from index.storage.chroma.leases import DocumentLeasedError
from index.storage.chroma.records import in_batches, placeholder_vector
from index.storage.chroma.vectors import add_passages
from index.storage.database import IndexDatabase
from index.storage.document_rows import Part, Row, head_id, head_row, read_info, text_parts
from index.storage.files import FileTable


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document to write: its passages, a unit vector for each, and the codes of their tokens, one each or none."""

    document: Document
    passages: Sequence[Passage]
    vectors: Vectors | Sequence[Vectors]
    codes: Sequence[TokenCodes] = ()


class DocumentWriter:
    """Writes documents in three steps: the text, marked unfinished; the passages; the mark taken off.

    On a server other processes write too. There the head comes last, which makes the document whole, and a lease tells
    the others of it meanwhile.
    """

    def __init__(self, database: IndexDatabase, catalog: Catalog, files: FileTable, keyword: KeywordIndex) -> None:
        self._database = database
        self._catalog = catalog
        self._files = files
        self._keyword = keyword

    def add(self, entries: Sequence[DocumentEntry]) -> None:
        """Write documents. Each becomes visible as a whole, in their order, once all are written."""
        heads = {e.document.id: head_row(e.document, len(e.passages)) for e in entries}
        rows = [row for entry in entries for row in text_parts(entry.document, heads[entry.document.id])]
        passages = [passage for entry in entries for passage in entry.passages]
        vectors = [vector for entry in entries for vector in entry.vectors[: len(entry.passages)]]
        database = self._database
        with database.write_lock, database.named_failures(), ExitStack() as leases:
            for id_ in heads:
                leases.enter_context(self._lease(id_))
            self._write_parts([row for row in rows if database.leases is None or row[1]["part"]])
            for n, some in enumerate(in_batches(list(zip(passages, vectors, strict=True)))):
                if n:
                    self._renew_leases(heads)
                add_passages(database.passages, [p for p, _ in some], [v for _, v in some])
            database.token_codes.add_all((entry.document.id, _codes_by_id(entry)) for entry in entries if entry.codes)
            self._finish(heads, rows)
            for entry in entries:
                self._catalog.show(read_info(heads[entry.document.id]))
                self._keyword.replace(entry.document.id, entry.passages)

    def rewrite(self, entry: DocumentEntry) -> None:
        """Write the passages of a document that is there again. Its text and files stay if this is stopped halfway.

        Call it only while no other process has the index: a reader beside would see some of the passages.
        """
        database, id_ = self._database, entry.document.id
        with database.write_lock, database.named_failures():
            database.passages.delete(where={"document_id": id_})
            database.token_codes.remove([id_])
            for some in in_batches(list(zip(entry.passages, entry.vectors, strict=False))):
                add_passages(database.passages, [p for p, _ in some], [v for _, v in some])
            if entry.codes:
                database.token_codes.add_all([(id_, _codes_by_id(entry))])
            head = head_row(entry.document, len(entry.passages))
            database.documents.update(head_id(id_), metadatas={**head, "finished": True})
            self._catalog.show(read_info(head))
            self._keyword.replace(id_, entry.passages)

    def remove(self, document_id: str) -> None:
        """Delete a document, its passages and its files, unless another process is writing it."""
        database = self._database
        with (
            database.write_lock,
            database.named_failures(),
            suppress(DocumentLeasedError),
            self._lease(document_id, removing=True),
        ):
            # First out of sight, then away.
            self._hide(document_id)
            self._keyword.replace(document_id, ())
            database.token_codes.remove([document_id])
            for collection in (database.passages, database.files, database.documents):
                if collection.get(where={"document_id": document_id}, limit=1, include=[])["ids"]:
                    collection.delete(where={"document_id": document_id})

    def forget_files(self, paths: Sequence[str]) -> None:
        """Delete files, and each document that no other file holds."""
        with self._database.write_lock:
            self.release(self._files.delete(paths))

    def release(self, document_ids: Iterable[str]) -> None:
        """Delete those of these documents that no file holds any more.

        A document whose own file holds something else by now, while another file still holds it, is said to come from
        that one.
        """
        with self._database.write_lock:
            moved: list[DocumentInfo] = []
            holders = self._files.paths_by_document(sorted(document_ids))
            held = self._catalog.infos_of([id_ for id_, paths in holders.items() if paths])
            for document_id, paths in holders.items():
                if not paths:
                    self.remove(document_id)
                elif (info := held.get(document_id)) is not None and info.source not in paths:
                    moved.append(replace(info, source=min(paths)))
            for infos in in_batches(moved):
                with self._database.named_failures():
                    self._database.documents.update(
                        [head_id(info.id) for info in infos], metadatas=[{"source": info.source} for info in infos]
                    )
                for info in infos:
                    self._catalog.show(info)

    def sweep(self) -> int:
        """Finish or remove what an interrupted run left; returns the number of documents that were unfinished."""
        database = self._database
        with database.write_lock:
            with database.named_failures():
                database.finish_swap()
                unfinished = {*self._catalog.read_ids(finished=False), *self._expired()}
            for document_id in unfinished:
                self.remove(document_id)
                if database.leases is not None:
                    with database.named_failures():
                        database.leases.release_expired(document_id)
            if database.leases is not None:
                with database.named_failures():
                    database.leases.prune_counts()
        return len(unfinished)

    def _write_parts(self, parts: Sequence[Part]) -> None:
        for some in in_batches(parts):
            ids = [id_ for id_, _, _ in some]
            points = [placeholder_vector(id_) for id_ in ids]
            rows, texts = [row for _, row, _ in some], [text for _, _, text in some]
            self._database.documents.upsert(ids, list(points), list(rows), texts)

    def _finish(self, heads: Mapping[str, Row], rows: Sequence[Part]) -> None:
        """Mark documents as whole; on a server their heads are written only now."""
        if self._database.leases is None:
            for some in in_batches(list(heads.items())):
                metadatas: list[Row] = [{**head, "finished": True} for _, head in some]
                self._database.documents.update([head_id(id_) for id_, _ in some], metadatas=list(metadatas))
        else:
            # Not before: another process may have finished the same document, whose head must stay as it is.
            self._renew_leases(heads)
            self._write_parts([(id_, {**row, "finished": True}, text) for id_, row, text in rows if not row["part"]])

    def _hide(self, document_id: str) -> None:
        head = head_id(document_id)
        if self._database.leases is None:
            self._catalog.hide(document_id)
        if self._database.documents.get(head, include=[])["ids"]:
            self._database.documents.update(head, metadatas={"finished": False})
        # Another thread may have read the list just before; and processes of a server read it when they are told, so
        # by then it must say so.
        self._catalog.hide(document_id)

    def _lease(self, document_id: str, *, removing: bool = False) -> AbstractContextManager[None]:
        """Tell other processes of a server that the document is being written, or removed."""
        if self._database.leases is None:
            return nullcontext()
        leases = self._database.leases
        return leases.lease_for_removal(document_id) if removing else leases.lease_for_writing(document_id)

    def _renew_leases(self, document_ids: Iterable[str]) -> None:
        if self._database.leases is not None:
            for id_ in document_ids:
                self._database.leases.renew(id_)

    def _expired(self) -> set[str]:
        """Return the documents that a process of a server left half written when it died."""
        leases = self._database.leases
        if leases is None:
            return set()
        left: set[str] = set()
        for document_id, busy in leases.find_expired().items():
            head = self._database.documents.get(head_id(document_id), where={"finished": True}, include=[])["ids"]
            if head or busy:
                leases.release_expired(document_id)
            else:
                left.add(document_id)
        return left


def _codes_by_id(entry: DocumentEntry) -> dict[str, TokenCodes]:
    return {p.id: codes for p, codes in zip(entry.passages, entry.codes, strict=True)}
