"""Find what is damaged in an index or belongs to nothing, and remove or restore it."""

from dataclasses import dataclass

from index.storage.catalog import Catalog
from index.storage.chroma.client import DATABASE
from index.storage.chroma.records import delete_records, find_ids
from index.storage.chroma.server import ChromaServer
from index.storage.chroma.vector_graph import find_flaw
from index.storage.database import IndexDatabase
from index.storage.document_rows import document_of, head_id
from index.storage.files import FileTable
from index.storage.reader import DocumentReader
from index.storage.sqlite_file import is_sound
from index.storage.token_codes.file import TokenCodesFile


@dataclass(frozen=True, slots=True)
class Orphans:
    """What belongs to no document: ids of passages and text parts, paths of files, documents with token codes."""

    passages: tuple[str, ...] = ()
    text_parts: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    documents_with_codes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.passages or self.text_parts or self.files or self.documents_with_codes)


class Upkeep:
    """Examines and repairs the parts of one index. Files of a server cannot be seen and count as sound."""

    def __init__(self, database: IndexDatabase, catalog: Catalog, files: FileTable, reader: DocumentReader) -> None:
        self._database = database
        self._catalog = catalog
        self._files = files
        self._reader = reader

    def unfinished_documents(self) -> frozenset[str]:
        """Return the ids of documents that are only half written, which no reader sees."""
        return frozenset(self._catalog.read_ids(finished=False))

    def has_unfinished_rebuild(self) -> bool:
        """Tell whether a rebuild was begun beside the index and did not come to its end."""
        return self._database.has_rebuild()

    def discard_rebuild(self) -> None:
        """Finish a rebuild that counts already; delete one that was stopped before."""
        with self._database.write_lock, self._database.named_failures():
            self._database.finish_swap()
            self._database.delete_rebuild()

    def recreate_files(self) -> None:
        """Write all files into a new collection; see ``FileTable.recreate``."""
        self._files.recreate()

    def find_orphans(self) -> Orphans:
        """Find what belongs to no document that is there."""
        with self._database.named_failures():
            parts = find_ids(self._database.documents)
        there = {document_of(id_) for id_ in parts if id_ == head_id(document_of(id_))}
        codes = self._database.token_codes
        coded = codes.documents() if isinstance(codes, TokenCodesFile) else frozenset()
        return Orphans(
            tuple(id_ for id_ in self._reader.passage_ids() if id_.rpartition(":")[0] not in there),
            tuple(id_ for id_ in parts if document_of(id_) not in there),
            tuple(path for path, record in self._files.records().items() if record.document_id not in there),
            tuple(sorted(coded - there)),
        )

    def delete_orphans(self, orphans: Orphans) -> None:
        """Delete what belongs to no document."""
        database = self._database
        found = (
            (database.passages, orphans.passages),
            (database.documents, orphans.text_parts),
            (database.files, orphans.files),
        )
        with database.write_lock, database.named_failures():
            for collection, ids in found:
                delete_records(collection, ids)
            database.token_codes.remove(orphans.documents_with_codes)

    def find_stale_documents(self) -> list[str]:
        """Find documents that a killed run left behind: no file holds them, and their own file holds another by now.

        A file's record is written after its new document and before the old one goes, so a process that dies in between
        leaves one of them without a file. A document whose file is unknown stays: somebody may have put it there by
        hand. Returns ids, sorted.
        """
        files = self._files.records()
        held = {record.document_id for record in files.values()}
        found = []
        for info in self._catalog.infos():
            record = files.get(info.source)
            if info.id not in held and record is not None and self._catalog.has(record.document_id):
                found.append(info.id)
        return sorted(found)

    def damaged_graphs(self) -> dict[str, str]:
        """Say what is wrong with vector graphs, by their collection: passages, documents or files."""
        folders = self._database.graph_folders()
        flaws = {kind: find_flaw(folder, unit=kind == "passages") for kind, folder in folders.items()}
        return {kind: flaw for kind, flaw in flaws.items() if flaw}

    def damaged_heads(self) -> tuple[str, ...]:
        """Return the ids of finished documents of which not even the title can be read."""
        ids = self._catalog.read_ids()
        readable = {info.id for info in self._catalog.read_infos(ids)}
        return tuple(id_ for id_ in ids if id_ not in readable)

    def database_is_sound(self) -> bool:
        """Tell whether SQLite finds Chroma's database whole."""
        place = self._database.place
        with self._database.named_failures():
            return isinstance(place, ChromaServer) or is_sound(place / DATABASE)

    def tokens_are_sound(self) -> bool:
        """Tell whether the file of the token codes can be read."""
        codes = self._database.token_codes
        with self._database.named_failures():
            return not isinstance(codes, TokenCodesFile) or codes.is_sound()

    def salvage_tokens(self) -> int:
        """Repair the file of the token codes; returns the number of passages whose codes could be read."""
        codes = self._database.token_codes
        with self._database.write_lock, self._database.named_failures():
            return codes.salvage(self._reader.passage_ids()) if isinstance(codes, TokenCodesFile) else 0
