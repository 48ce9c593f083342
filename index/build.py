"""Carry out a plan: load → chunk → embed → store what is new or changed, and forget what is gone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from index.chunk import Chunking, chunk
from index.context import embed_passages
from index.embed import Embedder, Vectors
from index.errors import UnreadableFile
from index.file_name import file_name, file_path
from index.load import bytes_of, load
from index.near_duplicates import NearDuplicates
from index.plan import Duplicate, Moved, Plan
from index.progress import Progress, silent
from index.schema import Document, FileRecord, Passage
from index.store import Store
from index.tokens import Codes, Floats
from index.unfold import holder, unfold

_PASSAGES_AT_ONCE = 256
_WATCHED_AT_ONCE = 64  # where somebody watches one file, and may give it up


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


def build(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    planned: Plan,
    progress: Progress = silent,
    *,
    tokens: bool = True,
) -> Report:
    """Carry out a plan. One bad file never stops the rest, and each document is whole before the next begins.

    With ``tokens`` the codes of passages' tokens are kept too, for late interaction.
    ``progress`` is told ``(done, total, file)`` as files and their passages are done. Stopped anywhere, the same
    command goes on where it was. Raises IndexBroken when the database fails, and what is finished stays.
    """
    store.sweep()
    _move(store, planned.moved)
    todo = planned.new + planned.changed
    near = NearDuplicates(store.beside, store.named)
    arrived: dict[str, str] = {}
    failed = list(planned.failed)
    notes: list[tuple[str, str]] = []
    written = done = 0
    total = len(todo) + len(planned.failed)
    for batch in _batches(store, chunking, todo, failed):

        def embedding(count: int, of: int, at: int = done + len(failed), name: str = batch[-1].record.path) -> None:
            progress(at, total, f"{name} ({count:,} of {of:,} passages)")

        written += _write(store, embedder, [item for item in batch if item.passages], tokens, embedding)
        near.add(item.document for item in batch if item.passages)
        _note(store, [(item.record, item.document.id) for item in batch])
        arrived |= {i.record.path: i.document.id for i in batch if i.document.id != i.record.document_id}
        told = ((item.record.path, item.document.metadata.get("note", "")) for item in batch)
        notes += [(path, note) for path, note in told if note]
        done += len(batch)
        progress(done + len(failed), total, batch[-1].record.path)
    store.forget_files(planned.gone)
    near.keep_in_step(store)
    broken = {path for path, _ in failed}
    changed = sum(record.path not in broken for record in planned.changed)
    new = sum(record.path not in broken for record in planned.new)
    return Report(
        new,
        changed,
        len(planned.same),
        len(planned.gone),
        written,
        tuple(failed),
        tuple(notes),
        planned.moved,
        tuple(_duplicates(store, arrived)),
    )


def index_file(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    record: FileRecord,
    progress: Callable[[int, int], None],
    *,
    data: bytes | None = None,
    tokens: bool = True,
    anew: bool = False,
) -> str:
    """Bring one file in step, where a plan is carried out file by file, and give back the id of its document.

    ``progress`` is told ``(done, total)`` passages; what it raises ends the file before anything of it is written.
    A document that the index holds already is not embedded again unless ``anew``. ``data`` are its bytes where they
    are at hand. Raises UnreadableFile.
    """
    document = load(file_path(record.path), data)
    known = store.has(document.id) and not anew
    item = _Item(record, document, () if known else chunk(document, chunking))
    if not known:
        rotation = store.settle_rotation if tokens else None
        vectors, codes = embed_in_steps(embedder, item.passages, rotation, progress, _WATCHED_AT_ONCE)
        store.add(document, item.passages, vectors, codes)
        NearDuplicates(store.beside, store.named).add([document])
    _note(store, [(record, document.id)])
    return document.id


def index_document(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    document: Document,
    files: Sequence[FileRecord],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
    tokens: bool = True,
) -> int:
    """Chunk, embed and store a document from its text, with what is known of its files; returns its passages.

    ``progress`` is told as by ``index_file``.
    """
    passages = chunk(document, chunking)
    rotation = store.settle_rotation if tokens else None
    vectors, codes = embed_in_steps(embedder, passages, rotation, progress, _WATCHED_AT_ONCE)
    store.add(document, passages, vectors, codes)
    for record in files:
        store.note_file(record)
    return len(passages)


@dataclass(frozen=True, slots=True)
class _Item:
    record: FileRecord
    document: Document
    passages: tuple[Passage, ...]


def _batches(
    store: Store, chunking: Chunking, todo: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[list[_Item]]:
    """Files read and cut, grouped so that the encoder gets full batches; a document is in one group only."""
    batch: list[_Item] = []
    waiting: set[str] = set()
    for record, document in _loaded(todo, failed):
        known = document.id in waiting or store.has(document.id)
        waiting.add(document.id)
        batch.append(_Item(record, document, () if known else chunk(document, chunking)))
        if sum(len(item.passages) for item in batch) >= _PASSAGES_AT_ONCE:
            yield batch
            batch, waiting = [], set()
    if batch:
        yield batch


def _loaded(todo: Sequence[FileRecord], failed: list[tuple[str, str]]) -> Iterator[tuple[FileRecord, Document]]:
    """The documents, those of one archive or mailbox by reading it once."""
    for outer, group in groupby(todo, key=lambda record: holder(file_path(record.path))):
        records = list(group)
        if len(records) == 1:
            found: Iterator[tuple[FileRecord, bytes | None]] = iter([(records[0], None)])
        else:
            found = _held(outer, records, failed)
        for record, data in found:
            try:
                yield record, load(file_path(record.path), data)
            except UnreadableFile as error:
                failed.append((record.path, str(error)))


def _held(
    outer: Path, records: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[tuple[FileRecord, bytes | None]]:
    wanted = {record.path: record for record in records}
    try:
        for member in unfold(outer, bytes_of(outer)):
            record = None if member.failure else wanted.pop(file_name(member.path), None)
            if record is not None:
                yield record, member.data
    except UnreadableFile as error:
        failed += [(path, str(error)) for path in wanted]
        return
    failed += [(path, f"{outer} does not hold {path} any more. Index it anew.") for path in wanted]


def _write(
    store: Store, embedder: Embedder, items: Sequence[_Item], tokens: bool, progress: Callable[[int, int], None]
) -> int:
    rotation = store.settle_rotation if tokens else None
    vectors, codes = embed_in_steps(embedder, [p for item in items for p in item.passages], rotation, progress)
    start = 0
    written = []
    for item in items:
        end = start + len(item.passages)
        written.append((item.document, item.passages, vectors[start:end], codes[start:end]))
        start = end
    store.add_many(written)
    return start


def embed_in_steps(
    embedder: Embedder,
    passages: Sequence[Passage],
    rotation: Callable[[int], Floats] | None,
    progress: Callable[[int, int], None],
    at_once: int = _PASSAGES_AT_ONCE,
) -> tuple[Vectors, list[Codes]]:
    """As ``embed_passages``, telling ``progress`` how many of how many are done as they come, ``at_once`` each time."""
    vectors: list[Vectors] = []
    codes: list[Codes] = []
    for start in range(0, len(passages), at_once):
        some, coded = embed_passages(embedder, passages[start : start + at_once], rotation)
        vectors.append(some)
        codes += coded
        progress(min(start + at_once, len(passages)), len(passages))
    return (np.concatenate(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)), codes


def _note(store: Store, held: Sequence[tuple[FileRecord, str]]) -> None:
    """Point files at their new documents, then drop what they held before if nothing else holds it.

    In that order, since what one file held may be what another of them, its copy or new name, holds now.
    """
    store.note_files([replace(record, document_id=document_id) for record, document_id in held])
    store.let_go({record.document_id for record, _ in held} - {""})


def _move(store: Store, moved: Sequence[Moved]) -> None:
    """Stopped in between, a file is known under both paths and the next plan finds the first one gone."""
    if moved:
        store.note_files([move.record for move in moved])
        store.forget_files([move.before for move in moved])


def _duplicates(store: Store, arrived: Mapping[str, str]) -> Iterator[Duplicate]:
    """Of the files that came to hold a document, those that another file held it before."""
    if not arrived:
        return
    sources = {info.id: info.source for info in store.documents()}
    for path, document_id in arrived.items():
        of = sources.get(document_id, path)
        if of != path:
            yield Duplicate(path, of)
