"""Files read and cut in groups, so that the encoder gets enough at once and the disk is waited for seldom."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from index.chunking.chunk import Chunking, chunk
from index.errors import UnreadableFileError
from index.reading.containers import holder, unfold
from index.reading.load import read_bytes, load
from index.reading.stored_path import file_name, from_stored_path
from index.schema import Document, FileRecord, Passage
from index.storage.store import Store

PASSAGES_PER_BATCH = 128
PASSAGES_PER_ENCODING = 192  # of a batch; their tokens take 300 kB each until they are codes
_FILES_AT_ONCE = 1_024  # of files whose documents are known already there are no passages


@dataclass(frozen=True, slots=True)
class Item:
    """A file, the document it holds, and the passages of that which the index does not have."""

    record: FileRecord
    document: Document
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that are written together, and how many had failed when they were read."""

    items: tuple[Item, ...]
    failed: int

    @property
    def name(self) -> str:
        """The file that the batch ends with."""
        return self.items[-1].record.path

    @property
    def passages(self) -> list[Passage]:
        """Those of all items, in their order."""
        return [passage for item in self.items for passage in item.passages]


class Claims:
    """The documents that files read in this build are of, so that writing does not remove what reading counts on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._claimed: set[str] = set()
        self._kept: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, document_id: str) -> bool:
        """Whether the document is there already or will be by an earlier claim; from now on it stays."""
        with self._lock:
            known = document_id in self._claimed or self._store.has(document_id)
            self._claimed.add(document_id)
            return known

    def let_go(self, document_ids: Iterable[str]) -> None:
        """As ``Store.let_go``, of those that are claimed not before ``settle``."""
        with self._lock:
            ids = set(document_ids)
            self._kept |= ids & self._claimed
            self._store.let_go(ids - self._claimed)

    def settle(self) -> None:
        """Let go of what was claimed, once every file is noted."""
        self._store.let_go(self._kept)


def batches(
    claims: Claims, chunking: Chunking, todo: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[Batch]:
    """Files read and cut, a document in one group only. ``failed`` gets those that cannot be read, with the reason."""
    items: list[Item] = []
    count = 0
    for record, document in _loaded(todo, failed):
        items.append(Item(record, document, () if claims.claim(document.id) else chunk(document, chunking)))
        count += len(items[-1].passages)
        if count >= PASSAGES_PER_BATCH or len(items) >= _FILES_AT_ONCE:
            yield Batch(tuple(items), len(failed))
            items, count = [], 0
    if items:
        yield Batch(tuple(items), len(failed))


def _loaded(todo: Sequence[FileRecord], failed: list[tuple[str, str]]) -> Iterator[tuple[FileRecord, Document]]:
    """The documents, those of one archive or mailbox by reading it once."""
    for outer, group in groupby(todo, key=lambda record: holder(from_stored_path(record.path))):
        records = list(group)
        if len(records) == 1:
            found: Iterator[tuple[FileRecord, bytes | None]] = iter([(records[0], None)])
        else:
            found = _held(outer, records, failed)
        for record, data in found:
            try:
                yield record, load(from_stored_path(record.path), data)
            except UnreadableFileError as error:
                failed.append((record.path, str(error)))


def _held(
    outer: Path, records: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[tuple[FileRecord, bytes | None]]:
    wanted = {record.path: record for record in records}
    try:
        for member in unfold(outer, read_bytes(outer)):
            record = None if member.failure else wanted.pop(file_name(member.path), None)
            if record is not None:
                yield record, member.data
    except UnreadableFileError as error:
        failed += [(path, str(error)) for path in wanted]
        return
    failed += [(path, f"{outer} does not hold {path} any more. Index it anew.") for path in wanted]
