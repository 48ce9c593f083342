"""Carry out a plan: load → chunk → embed → store what is new or changed, and forget what is gone."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from index.blas import one_blas_thread
from index.chunk import Chunking, chunk
from index.context import codes_of, embed_passages, read_passages
from index.embed import Embedder, Vectors
from index.errors import UnreadableFile
from index.file_name import file_name, file_path
from index.load import bytes_of, load
from index.plan import Plan
from index.progress import Progress, silent
from index.schema import Document, FileRecord, Passage
from index.stages import Behind, ahead
from index.store import Entry, Store
from index.tokens import Codes, Floats, Tokens
from index.unfold import holder, unfold

_PASSAGES_AT_ONCE = 128
_FILES_AT_ONCE = 1_024  # of files whose documents are known already there are no passages
_ENCODED_AT_ONCE = 192  # their tokens take 300 kB each until they are codes
_WAITING = 1  # batches before the encoder, and parts of them behind it
_WATCHED_AT_ONCE = 64  # where somebody watches one file, and may give it up


@dataclass(frozen=True, slots=True)
class Report:
    """What a build did: file counts, passages written, each file that could not be read with the reason,
    and what of others was not read.
    """

    new: int
    changed: int
    same: int
    gone: int
    passages: int
    failed: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = ()


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
    todo = planned.new + planned.changed
    failed = list(planned.failed)
    notes: list[tuple[str, str]] = []
    written = done = 0
    total = len(todo) + len(planned.failed)
    claims = Claims(store)
    writer = _Writer(store, claims)
    with (
        one_blas_thread(),
        ahead(_batches(claims, chunking, todo, failed), _WAITING) as batches,
        Behind(writer.take, _WAITING) as writing,
    ):
        for batch in batches:

            def embedding(count: int, of: int, at: int = done + batch.failed, name: str = batch.name) -> None:
                progress(at, total, f"{name} ({count:,} of {of:,} passages)")

            for step in _encoded(embedder, batch.passages, tokens, embedding):
                writing.hand(step)
            writing.hand(batch)
            written += len(batch.passages)
            told = ((item.record.path, item.document.metadata.get("note", "")) for item in batch.items)
            notes += [(path, note) for path, note in told if note]
            done += len(batch.items)
            progress(done + batch.failed, total, batch.name)
    for path in planned.gone:
        store.forget_file(path)
    broken = {path for path, _ in failed}
    changed = sum(record.path not in broken for record in planned.changed)
    new = sum(record.path not in broken for record in planned.new)
    return Report(new, changed, len(planned.same), len(planned.gone), written, tuple(failed), tuple(notes))


def index_file(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    record: FileRecord,
    progress: Callable[[int, int], None],
    *,
    tokens: bool = True,
    anew: bool = False,
) -> str:
    """Bring one file in step, where a plan is carried out file by file, and give back the id of its document.

    ``progress`` is told ``(done, total)`` passages; what it raises ends the file before anything of it is written.
    A document that the index holds already is not embedded again unless ``anew``. Raises UnreadableFile.
    """
    document = load(file_path(record.path))
    known = store.has(document.id) and not anew
    item = _Item(record, document, () if known else chunk(document, chunking))
    if not known:
        rotation = store.settle_rotation if tokens else None
        vectors, codes = embed_in_steps(embedder, item.passages, rotation, progress, _WATCHED_AT_ONCE)
        store.add(document, item.passages, vectors, codes)
    _note(store, [item], Claims(store).release)
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


@dataclass(frozen=True, slots=True)
class _Batch:
    """Files that are written together, and how many had failed when they were read."""

    items: tuple[_Item, ...]
    failed: int

    @property
    def name(self) -> str:
        return self.items[-1].record.path

    @property
    def passages(self) -> list[Passage]:
        return [passage for item in self.items for passage in item.passages]


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Some passages of a batch, in its order, with what the encoder made of them."""

    passages: Sequence[Passage]
    vectors: Vectors
    tokens: Sequence[Tokens]


class Claims:
    """The documents that files read in this build are of, so that writing does not remove what reading counts on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, document_id: str) -> bool:
        """Whether the document is there already or will be by an earlier claim; from now on it stays."""
        with self._lock:
            known = document_id in self._claimed or self._store.has(document_id)
            self._claimed.add(document_id)
            return known

    def release(self, document_id: str) -> None:
        """Remove a document that a file held before, unless another file holds or claims it."""
        with self._lock:
            if document_id not in self._claimed and not self._store.files_of(document_id):
                self._store.remove(document_id)


def _batches(
    claims: Claims, chunking: Chunking, todo: Sequence[FileRecord], failed: list[tuple[str, str]]
) -> Iterator[_Batch]:
    """Files read and cut, grouped so that the encoder gets full batches; a document is in one group only."""
    items: list[_Item] = []
    count = 0
    for record, document in _loaded(todo, failed):
        items.append(_Item(record, document, () if claims.claim(document.id) else chunk(document, chunking)))
        count += len(items[-1].passages)
        if count >= _PASSAGES_AT_ONCE or len(items) >= _FILES_AT_ONCE:
            yield _Batch(tuple(items), len(failed))
            items, count = [], 0
    if items:
        yield _Batch(tuple(items), len(failed))


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


def _encoded(
    embedder: Embedder, passages: Sequence[Passage], tokens: bool, progress: Callable[[int, int], None]
) -> Iterator[_Encoded]:
    for start in range(0, len(passages), _ENCODED_AT_ONCE):
        some = passages[start : start + _ENCODED_AT_ONCE]
        yield _Encoded(some, *read_passages(embedder, some, tokens=tokens))
        progress(start + len(some), len(passages))


class _Writer:
    """Makes codes of a batch's tokens as they come, and writes the batch once it is whole."""

    def __init__(self, store: Store, claims: Claims) -> None:
        self._store = store
        self._claims = claims
        self._vectors: list[Vectors] = []
        self._codes: list[Codes] = []

    def take(self, given: _Encoded | _Batch) -> None:
        if isinstance(given, _Encoded):
            self._vectors += list(given.vectors)
            self._codes += codes_of(given.passages, given.vectors, given.tokens, self._store.settle_rotation)
            return
        entries, start = [], 0
        for item in given.items:
            if item.passages:
                part = slice(start, start + len(item.passages))
                entries.append(Entry(item.document, item.passages, self._vectors[part], self._codes[part]))
                start = part.stop
        self._store.add_all(entries)
        _note(self._store, given.items, self._claims.release)
        self._vectors, self._codes = [], []


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


def _note(store: Store, items: Sequence[_Item], release: Callable[[str], None]) -> None:
    """Point the files at their new documents, then drop what they held before if nothing else holds it.

    In that order, since what one file held may be what another of them, its copy or new name, holds now.
    """
    store.note_files([replace(item.record, document_id=item.document.id) for item in items])
    for before in {item.record.document_id: None for item in items if item.record.document_id}:
        release(before)
