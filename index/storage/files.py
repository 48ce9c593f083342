"""What the index knows of files: which bytes each held and which document they became."""

from collections.abc import Sequence

from index.schema import FileRecord
from index.storage.chroma.records import (
    delete_records,
    find_ids,
    find_records_among,
    in_batches,
    placeholder_vector,
    read_records,
)
from index.storage.database import IndexDatabase
from index.storage.document_rows import document_in


class FileTable:
    """The files of one index, by path."""

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database

    def records(self, paths: Sequence[str] | None = None) -> dict[str, FileRecord]:
        """Read what is known of these files, of all without ``paths``, by path."""
        with self._database.named_failures():
            wanted = find_ids(self._database.files) if paths is None else paths
            rows = list(read_records(self._database.files, wanted, "metadatas"))
        return {row.id: FileRecord(row.id, str(row.metadata.get("sha256")), document_in(row)) for row in rows}

    def paths_of(self, document_id: str) -> list[str]:
        """Return the paths of the files that hold a document, sorted."""
        with self._database.named_failures():
            return sorted(find_ids(self._database.files, {"document_id": document_id}))

    def paths_by_document(self, document_ids: Sequence[str]) -> dict[str, set[str]]:
        """Return the paths of the files that hold each of these documents, by document id."""
        found: dict[str, set[str]] = {id_: set() for id_ in document_ids}
        with self._database.named_failures():
            for row in find_records_among(self._database.files, "document_id", document_ids, "metadatas"):
                found[document_in(row)].add(row.id)
        return found

    def write(self, records: Sequence[FileRecord]) -> None:
        """Record which bytes files held and which documents they became."""
        with self._database.write_lock, self._database.named_failures():
            for some in in_batches(records):
                self._database.files.upsert(
                    [r.path for r in some],
                    [placeholder_vector(r.path) for r in some],
                    [{"sha256": r.sha256, "document_id": r.document_id} for r in some],
                )

    def delete(self, paths: Sequence[str]) -> set[str]:
        """Delete files and return the ids of the documents that they held."""
        held: set[str] = set()
        with self._database.write_lock, self._database.named_failures():
            for some in in_batches(paths):
                held |= {document_in(row) for row in read_records(self._database.files, some, "metadatas")}
                delete_records(self._database.files, some)
        return held

    def recreate(self) -> None:
        """Write all files again into a new collection, for one whose graph is damaged.

        Stopped in between, files are unknown and are read once more by the next run.
        """
        with self._database.write_lock, self._database.named_failures():
            records = list(self.records().values())
            self._database.recreate_files()
            self.write(records)
