"""Read and cut files in groups, so that the encoder gets enough at once and the disk is waited for seldom."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from index.chunking.chunk import Chunking, chunk
from index.errors import UnreadableFileError
from index.reading.containers import container_of, unpack
from index.reading.load import load, read_bytes
from index.reading.stored_path import from_stored_path, to_stored_path
from index.schema import Document, FileRecord, Passage
from index.storage.store import Store

PASSAGES_PER_BATCH = 128
PASSAGES_PER_ENCODING = 192  # token vectors take 300 kB a passage until they are codes
_MAX_FILES_PER_BATCH = 1_024  # files whose documents are known already have no passages to count


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A file, the document it holds, and those passages of it that the index does not have."""

    record: FileRecord
    document: Document
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that are written together, and how many files had failed by the time they were read."""

    items: tuple[LoadedFile, ...]
    failed: int

    @property
    def name(self) -> str:
        """The path of the last file."""
        return self.items[-1].record.path

    @property
    def passages(self) -> list[Passage]:
        """The passages of all files, in their order."""
        return [passage for item in self.items for passage in item.passages]


class DocumentClaims:
    """The documents of files read in this build, so that writing does not remove what reading counts on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._claimed: set[str] = set()
        self._kept: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, document_id: str) -> bool:
        """Claim a document, which stays from now on; tells whether it is indexed or was claimed before."""
        with self._lock:
            known = document_id in self._claimed or self._store.has(document_id)
            self._claimed.add(document_id)
            return known

    def release(self, document_ids: Iterable[str]) -> None:
        """Delete documents that no file holds any more; those that are claimed wait for ``release_all``."""
        with self._lock:
            ids = set(document_ids)
            self._kept |= ids & self._claimed
            self._store.release_documents(ids - self._claimed)

    def release_all(self) -> None:
        """Delete those of the waiting documents that no file holds, once every file is recorded."""
        self._store.release_documents(self._kept)


def read_batches(
    claims: DocumentClaims, chunking: Chunking, todo: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[Batch]:
    """Read and cut files; a document is in one batch only. Unreadable files go into ``failed`` with the reason."""
    items: list[LoadedFile] = []
    count = 0
    for record, document in _load_all(todo, failed):
        items.append(LoadedFile(record, document, () if claims.claim(document.id) else chunk(document, chunking)))
        count += len(items[-1].passages)
        if count >= PASSAGES_PER_BATCH or len(items) >= _MAX_FILES_PER_BATCH:
            yield Batch(tuple(items), len(failed))
            items, count = [], 0
    if items:
        yield Batch(tuple(items), len(failed))


def _load_all(todo: Sequence[FileRecord], failed: list[tuple[str, str]]) -> Iterator[tuple[FileRecord, Document]]:
    """Read the documents of files; an archive or mailbox is read once for all its documents."""
    for outer, group in groupby(todo, key=lambda record: container_of(from_stored_path(record.path))):
        records = list(group)
        if len(records) == 1:
            found: Iterator[tuple[FileRecord, bytes | None]] = iter([(records[0], None)])
        else:
            found = _read_members(outer, records, failed)
        for record, data in found:
            try:
                yield record, load(from_stored_path(record.path), data)
            except UnreadableFileError as error:
                failed.append((record.path, str(error)))


def _read_members(
    outer: Path, records: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[tuple[FileRecord, bytes | None]]:
    wanted = {record.path: record for record in records}
    try:
        for member in unpack(outer, read_bytes(outer)):
            record = None if member.failure else wanted.pop(to_stored_path(member.path), None)
            if record is not None:
                yield record, member.data
    except UnreadableFileError as error:
        failed += [(path, str(error)) for path in wanted]
        return
    failed += [(path, f"{outer} does not hold {path} any more. Index it anew.") for path in wanted]
