"""Bring the index in step with files on disk: plan, then load → chunk → embed → store what changed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import numpy as np

from index.chunk import Chunking, chunk
from index.context import embed_passages
from index.embed import Embedder, Vectors
from index.errors import UnreadableFile
from index.file_name import file_name, file_path
from index.kind import may_hold_files
from index.load import bytes_of, find, load
from index.progress import Progress, silent
from index.schema import Document, FileRecord, Passage
from index.store import Store
from index.tokens import Codes, Floats
from index.unfold import MARK, holder, unfold

_PASSAGES_AT_ONCE = 256
_WATCHED_AT_ONCE = 64  # where somebody watches one file, and may give it up


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do.

    Files are named as the index names them. A changed file's record carries its new bytes' digest and the
    document it held before. ``failed`` pairs a path with a reason.
    """

    new: tuple[FileRecord, ...]
    changed: tuple[FileRecord, ...]
    same: tuple[str, ...]
    gone: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()


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


def plan(store: Store, paths: Sequence[Path]) -> Plan:
    """Compare the files under ``paths`` with the index by content.

    A file that the index knows under one of ``paths`` and that is no longer there is gone. Raises
    UnreadableFile when one of ``paths`` does not exist.
    """
    for path in paths:
        if not path.exists():
            raise UnreadableFile(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    known = store.files()
    new: list[FileRecord] = []
    changed: list[FileRecord] = []
    same: list[str] = []
    failed: list[tuple[str, str]] = []
    seen: set[str] = set()
    for path in find(paths):
        name = file_name(path)
        if name in seen:
            continue
        seen.add(name)
        try:
            for inner, digest, failure in _digests(path):
                if failure:
                    failed.append((inner, failure))
                seen.add(inner)
                record = known.get(inner)
                if failure:
                    continue
                if record is not None and record.sha256 == digest and store.has(record.document_id):
                    same.append(inner)
                else:
                    before = "" if record is None else record.document_id
                    (new if record is None else changed).append(FileRecord(inner, digest, before))
        except OSError as error:
            failed.append((name, f"{path} could not be read ({error.strerror}). Check its permissions."))
        except UnreadableFile as error:
            failed.append((name, str(error)))
            # What it held stays until it can be opened again.
            seen.update(inner for inner in known if inner.startswith(f"{name}{MARK}/"))
    roots = tuple(f"{file_name(path).rstrip('/')}{'' if path.is_dir() else MARK}/" for path in paths)
    gone = [name for name in known if name not in seen and name.startswith(roots)]
    return Plan(tuple(new), tuple(changed), tuple(same), tuple(gone), tuple(failed))


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
    for batch in _batches(store, chunking, todo, failed):

        def embedding(count: int, of: int, at: int = done + len(failed), name: str = batch[-1].record.path) -> None:
            progress(at, total, f"{name} ({count:,} of {of:,} passages)")

        written += _write(store, embedder, [item for item in batch if item.passages], tokens, embedding)
        _note(store, batch)
        told = ((item.record.path, item.document.metadata.get("note", "")) for item in batch)
        notes += [(path, note) for path, note in told if note]
        done += len(batch)
        progress(done + len(failed), total, batch[-1].record.path)
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
    _note(store, [item])
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


def rebuild(
    store: Store, embedder: Embedder, chunking: Chunking, progress: Progress = silent, *, tokens: bool = True
) -> Report:
    """Chunk and embed every stored document anew, from the text in the index; no file is read.

    For a changed model or chunking. Documents and what is known of their files stay as they were.
    """
    store.sweep()
    files = list(store.files().values())
    documents = [store.document(info.id) for info in store.documents()]
    store.restart({"model": embedder.fingerprint, "chunking": chunking.fingerprint})
    written = 0
    for number, document in enumerate(documents, 1):
        held = [record for record in files if record.document_id == document.id]
        written += index_document(store, embedder, chunking, document, held, tokens=tokens)
        progress(number, len(documents), document.source)
    return Report(0, len(documents), 0, 0, written, ())


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
    for item in items:
        end = start + len(item.passages)
        store.add(item.document, item.passages, vectors[start:end], codes[start:end])
        start = end
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


def _note(store: Store, items: Sequence[_Item]) -> None:
    """Point the files at their new documents, then drop what they held before if nothing else holds it.

    In that order, since what one file held may be what another of them, its copy or new name, holds now.
    """
    for item in items:
        store.note_file(replace(item.record, document_id=item.document.id))
    for before in {item.record.document_id for item in items} - {""}:
        if not store.files_of(before):
            store.remove(before)


def _digests(path: Path) -> Iterator[tuple[str, str, str]]:
    """The name and the bytes' digest of every document in a file, or the reason why it cannot be read."""
    if not may_hold_files(path):
        yield file_name(path), sha256_of(path), ""
        return
    for member in unfold(path, bytes_of(path)):
        yield file_name(member.path), "" if member.failure else sha256(member.data).hexdigest(), member.failure


def sha256_of(path: Path) -> str:
    """The digest of a file's bytes, as a ``FileRecord`` holds it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
