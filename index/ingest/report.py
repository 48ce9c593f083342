"""Store the batches of a build and gather what it did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.duplicates.near_duplicates import NearDuplicateIndex
from index.embedding.protocol import Vectors
from index.embedding.token_codes import TokenCodes
from index.ingest.batches import Batch, DocumentClaims
from index.ingest.plan import DuplicateFile, MovedFile, Plan
from index.schema import FileRecord
from index.storage.store import Store
from index.storage.writer import DocumentEntry


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did.

    Counts of files and of written passages; ``failed`` files with the reason; ``notes`` on what was not read of others;
    files that had only ``moved``; ``duplicates`` that hold the text of another file.
    """

    new: int
    changed: int
    same: int
    gone: int
    passages: int
    failed: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = ()
    moved: tuple[MovedFile, ...] = ()
    duplicates: tuple[DuplicateFile, ...] = ()


@dataclass(slots=True)
class BatchWriter:
    """Stores batches one after another and gathers the report. Only one thread at a time may use it."""

    store: Store
    planned: Plan
    claims: DocumentClaims
    failed: list[tuple[str, str]]
    passages: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)
    arrived: dict[str, str] = field(default_factory=dict)

    def start(self) -> None:
        """Finish what an earlier run left, and record the new paths of moved files."""
        self.store.sweep()
        # Stopped in between, a file is known under both paths and the next plan finds the first one gone.
        if self.planned.moved:
            record_files(self.store, [(move.record, move.record.document_id) for move in self.planned.moved])
            self.store.forget_files([move.before for move in self.planned.moved])

    def write(self, batch: Batch, vectors: Vectors | Sequence[Vectors], codes: Sequence[TokenCodes]) -> None:
        """Store a batch with the vectors and codes of its passages, in their order."""
        entries, start = [], 0
        for item in batch.items:
            if item.passages:
                part = slice(start, start + len(item.passages))
                entries.append(DocumentEntry(item.document, item.passages, vectors[part], codes[part]))
                start = part.stop
        self.store.add_all(entries)
        NearDuplicateIndex(self.store.local_folder, self.store.name).add(entry.document for entry in entries)
        # Recorded first, since the old document of one file may be the new document of another.
        record_files(self.store, [(item.record, item.document.id) for item in batch.items])
        self.claims.release({item.record.document_id for item in batch.items} - {""})
        self._note(batch)

    def finish(self) -> BuildReport:
        """Forget what is gone and return the report."""
        self.claims.release_all()
        self.store.forget_files(self.planned.gone)
        self.store.release_documents(self.store.upkeep.find_stale_documents())
        NearDuplicateIndex(self.store.local_folder, self.store.name).sync(self.store)
        broken = {path for path, _ in self.failed}
        new, changed = (
            sum(record.path not in broken for record in records) for records in (self.planned.new, self.planned.changed)
        )
        return BuildReport(
            new,
            changed,
            len(self.planned.same),
            len(self.planned.gone),
            self.passages,
            tuple(self.failed),
            tuple(self.notes),
            self.planned.moved,
            tuple(_find_duplicates(self.store, self.arrived)),
        )

    def _note(self, batch: Batch) -> None:
        self.passages += len(batch.passages)
        told = ((item.record.path, item.document.metadata.get("note", "")) for item in batch.items)
        self.notes += [(path, words) for path, words in told if words]
        self.arrived |= {i.record.path: i.document.id for i in batch.items if i.document.id != i.record.document_id}


def record_files(store: Store, held: Sequence[tuple[FileRecord, str]]) -> None:
    """Point files at their new documents."""
    store.record_files([replace(record, document_id=document_id) for record, document_id in held])


def _find_duplicates(store: Store, arrived: Mapping[str, str]) -> Iterator[DuplicateFile]:
    """Return those of the files that came to hold a document which another file held before."""
    if not arrived:
        return
    sources = {id_: info.source for id_, info in store.document_infos(set(arrived.values())).items()}
    for path, document_id in arrived.items():
        of = sources.get(document_id, path)
        if of != path:
            yield DuplicateFile(path, of)
