"""What a build did, gathered as it goes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from index.duplicates.near_duplicates import NearDuplicateIndex
from index.embedding.sentence_transformers import Vectors
from index.embedding.token_codes import Codes
from index.ingest.batches import Batch, Claims
from index.ingest.plan import Duplicate, Moved, Plan
from index.ingest.stale_documents import superseded
from index.schema import FileRecord
from index.storage.store import Entry, Store


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: file counts, passages written, each file that could not be read with the reason,
    what of others was not read, which files had only moved, and which hold the text of another one.
    """

    new: int
    changed: int
    same: int
    gone: int
    passages: int
    failed: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = ()
    moved: tuple[Moved, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()


@dataclass(slots=True)
class Storing:
    """Batches stored one after another, and what is to be said of them. One thread at a time uses it."""

    store: Store
    planned: Plan
    claims: Claims
    failed: list[tuple[str, str]]
    passages: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)
    arrived: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Finish what an earlier run left, and carry moved files over."""
        self.store.sweep()
        # Stopped in between, a file is known under both paths and the next plan finds the first one gone.
        if self.planned.moved:
            note(self.store, [(move.record, move.record.document_id) for move in self.planned.moved])
            self.store.forget_files([move.before for move in self.planned.moved])

    def put(self, batch: Batch, vectors: Vectors | Sequence[Vectors], codes: Sequence[Codes]) -> None:
        """Store a batch, of all whose passages in their order these are the vectors and codes."""
        entries, start = [], 0
        for item in batch.items:
            if item.passages:
                part = slice(start, start + len(item.passages))
                entries.append(Entry(item.document, item.passages, vectors[part], codes[part]))
                start = part.stop
        self.store.add_all(entries)
        NearDuplicateIndex(self.store.beside, self.store.named).add(entry.document for entry in entries)
        # Noted first, since what one file held may be what another of them, its copy or new name, holds now.
        note(self.store, [(item.record, item.document.id) for item in batch.items])
        self.claims.let_go({item.record.document_id for item in batch.items} - {""})
        self._told(batch)

    def end(self) -> Report:
        """Forget what is gone, and say what was done."""
        self.claims.settle()
        self.store.forget_files(self.planned.gone)
        self.store.let_go(superseded(self.store))
        NearDuplicateIndex(self.store.beside, self.store.named).keep_in_step(self.store)
        broken = {path for path, _ in self.failed}
        new, changed = (
            sum(record.path not in broken for record in records) for records in (self.planned.new, self.planned.changed)
        )
        return Report(
            new,
            changed,
            len(self.planned.same),
            len(self.planned.gone),
            self.passages,
            tuple(self.failed),
            tuple(self.notes),
            self.planned.moved,
            tuple(_duplicates(self.store, self.arrived)),
        )

    def _told(self, batch: Batch) -> None:
        self.passages += len(batch.passages)
        told = ((item.record.path, item.document.metadata.get("note", "")) for item in batch.items)
        self.notes += [(path, words) for path, words in told if words]
        self.arrived |= {i.record.path: i.document.id for i in batch.items if i.document.id != i.record.document_id}


def note(store: Store, held: Sequence[tuple[FileRecord, str]]) -> None:
    """Point files at their new documents."""
    store.record_files([replace(record, document_id=document_id) for record, document_id in held])


def _duplicates(store: Store, arrived: Mapping[str, str]) -> Iterator[Duplicate]:
    """Of the files that came to hold a document, those that another file held it before."""
    if not arrived:
        return
    sources = {id_: info.source for id_, info in store.infos(set(arrived.values())).items()}
    for path, document_id in arrived.items():
        of = sources.get(document_id, path)
        if of != path:
            yield Duplicate(path, of)
