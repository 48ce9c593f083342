"""Carry out a plan: load → chunk → embed → store what is new or changed, and forget what is gone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.chunking.chunk import Chunking, chunk
from index.duplicates.near_duplicates import NearDuplicateIndex
from index.embedding.blas_threads import one_blas_thread
from index.embedding.contextual import codes_of, embed_passages, encode_passages
from index.embedding.sentence_transformers import Embedder, Vectors
from index.embedding.token_codes import Codes, Floats, Tokens
from index.ingest.batches import PASSAGES_PER_ENCODING, PASSAGES_PER_BATCH, Batch, Claims, batches
from index.ingest.plan import Plan
from index.ingest.prefetch import Behind, ahead
from index.ingest.report import Report, Storing, note
from index.system.progress import Progress, silent
from index.reading.load import load
from index.reading.stored_path import from_stored_path
from index.schema import Document, FileRecord, Passage
from index.storage.store import Store

_WAITING = 1  # batches before the encoder, and parts of them behind it
_WATCHED_AT_ONCE = 64  # where somebody watches one file, and may give it up


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
    command goes on where it was. Raises IndexBrokenError when the database fails, and what is finished stays.
    """
    claims, failed = Claims(store), list(planned.failed)
    storing = Storing(store, planned, claims, failed)
    storing.begin()
    todo = planned.new + planned.changed
    done, total = 0, len(todo) + len(failed)
    with (
        one_blas_thread(),
        ahead(batches(claims, chunking, todo, failed), _WAITING) as waiting,
        Behind(_Writer(storing).take, _WAITING) as writing,
    ):
        for batch in waiting:

            def embedding(count: int, of: int, at: int = done + batch.failed, name: str = batch.name) -> None:
                progress(at, total, f"{name} ({count:,} of {of:,} passages)")

            for step in _encoded(embedder, batch.passages, tokens, embedding):
                writing.hand(step)
            writing.hand(batch)
            done += len(batch.items)
            progress(done + batch.failed, total, batch.name)
    return storing.end()


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
    are at hand. Raises UnreadableFileError.
    """
    document = load(from_stored_path(record.path), data)
    if anew or not store.has(document.id):
        _add(store, embedder, document, chunk(document, chunking), progress, tokens=tokens)
    note(store, [(record, document.id)])
    store.let_go({record.document_id} - {""})
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
    _add(store, embedder, document, passages, progress, tokens=tokens)
    store.record_files(files)
    return len(passages)


def _add(
    store: Store,
    embedder: Embedder,
    document: Document,
    passages: Sequence[Passage],
    progress: Callable[[int, int], None],
    *,
    tokens: bool,
) -> None:
    rotation = store.ensure_rotation if tokens else None
    vectors, codes = embed_in_steps(embedder, passages, rotation, progress, _WATCHED_AT_ONCE)
    store.add(document, passages, vectors, codes)
    NearDuplicateIndex(store.beside, store.named).add([document])


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Some passages of a batch, in its order, with what the encoder made of them."""

    passages: Sequence[Passage]
    vectors: Vectors
    tokens: Sequence[Tokens]


def _encoded(
    embedder: Embedder, passages: Sequence[Passage], tokens: bool, progress: Callable[[int, int], None]
) -> Iterator[_Encoded]:
    for start in range(0, len(passages), PASSAGES_PER_ENCODING):
        some = passages[start : start + PASSAGES_PER_ENCODING]
        yield _Encoded(some, *encode_passages(embedder, some, tokens=tokens))
        progress(start + len(some), len(passages))


class _Writer:
    """Makes codes of a batch's tokens as they come, and writes the batch once it is whole."""

    def __init__(self, storing: Storing) -> None:
        self._storing = storing
        self._vectors: list[Vectors] = []
        self._codes: list[Codes] = []

    def take(self, given: _Encoded | Batch) -> None:
        if isinstance(given, _Encoded):
            self._vectors += list(given.vectors)
            rotation = self._storing.store.ensure_rotation
            self._codes += codes_of(given.passages, given.vectors, given.tokens, rotation)
            return
        self._storing.put(given, self._vectors, self._codes)
        self._vectors, self._codes = [], []


def embed_in_steps(
    embedder: Embedder,
    passages: Sequence[Passage],
    rotation: Callable[[int], Floats] | None,
    progress: Callable[[int, int], None],
    at_once: int = PASSAGES_PER_BATCH,
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
