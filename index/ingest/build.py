"""Carry out a plan: load → chunk → embed → store what is new or changed, and forget what is gone."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.chunking.chunk import Chunking, chunk
from index.duplicates.near_duplicates import NearDuplicateIndex
from index.embedding.blas_threads import one_blas_thread
from index.embedding.contextual import embed_passages, encode_passages, make_codes
from index.embedding.protocol import Embedder, Vectors
from index.embedding.token_codes import Floats, TokenCodes, TokenVectors
from index.ingest.batches import PASSAGES_PER_BATCH, PASSAGES_PER_ENCODING, Batch, DocumentClaims, read_batches
from index.ingest.plan import Plan
from index.ingest.prefetch import BackgroundWorker, prefetch
from index.ingest.report import BatchWriter, BuildReport, record_files
from index.reading.load import load
from index.reading.stored_path import from_stored_path
from index.schema import Document, FileRecord, Passage
from index.storage.store import Store
from index.system.progress import Progress, no_progress

_MAX_WAITING_BATCHES = 1  # batches waiting for the encoder, and encoded parts waiting for the writer
_PASSAGES_PER_PROGRESS = 64  # for a single file, which the user may cancel


def build(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    planned: Plan,
    progress: Progress = no_progress,
    *,
    tokens: bool = True,
) -> BuildReport:
    """Carry out a plan. One bad file never stops the rest, and each document is whole before the next begins.

    With ``tokens``, the codes of passages' tokens are stored too, for late interaction. ``progress`` is called with
    ``(done, total, file)`` as files and their passages are done. Stopped anywhere, the same command continues where it
    was. Raises IndexBrokenError when the database fails; what is finished stays.
    """
    claims, failed = DocumentClaims(store), list(planned.failed)
    storing = BatchWriter(store, planned, claims, failed)
    storing.start()
    todo = planned.new + planned.changed
    done, total = 0, len(todo) + len(failed)
    with (
        one_blas_thread(),
        prefetch(read_batches(claims, chunking, todo, failed), _MAX_WAITING_BATCHES) as waiting,
        BackgroundWorker(_EncodedWriter(storing).take, _MAX_WAITING_BATCHES) as writing,
    ):
        for batch in waiting:

            def embedding(count: int, of: int, at: int = done + batch.failed, name: str = batch.name) -> None:
                progress(at, total, f"{name} ({count:,} of {of:,} passages)")

            for step in _encode(embedder, batch.passages, tokens, embedding):
                writing.submit(step)
            writing.submit(batch)
            done += len(batch.items)
            progress(done + batch.failed, total, batch.name)
    return storing.finish()


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
    """Bring one file in step and return the id of its document, for callers that carry out a plan file by file.

    ``progress`` is called with ``(done, total)`` passages; an exception in it ends the file before anything is written.
    A document that is indexed already is not embedded again unless ``anew``. ``data`` are the file's bytes, if known.
    Raises UnreadableFileError.
    """
    document = load(from_stored_path(record.path), data)
    if anew or not store.has(document.id):
        _embed_and_add(store, embedder, document, chunk(document, chunking), progress, tokens=tokens)
    record_files(store, [(record, document.id)])
    store.release_documents({record.document_id} - {""})
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
    """Chunk, embed and store a document from its text, and record its files; returns the number of its passages.

    ``progress`` is called as in ``index_file``.
    """
    passages = chunk(document, chunking)
    _embed_and_add(store, embedder, document, passages, progress, tokens=tokens)
    store.record_files(files)
    return len(passages)


def _embed_and_add(
    store: Store,
    embedder: Embedder,
    document: Document,
    passages: Sequence[Passage],
    progress: Callable[[int, int], None],
    *,
    tokens: bool,
) -> None:
    rotation = store.ensure_rotation if tokens else None
    vectors, codes = embed_in_steps(embedder, passages, rotation, progress, _PASSAGES_PER_PROGRESS)
    store.add(document, passages, vectors, codes)
    NearDuplicateIndex(store.local_folder, store.name).add([document])


@dataclass(frozen=True, slots=True)
class _Encoded:
    """Some passages of a batch, in its order, with what the encoder made of them."""

    passages: Sequence[Passage]
    vectors: Vectors
    tokens: Sequence[TokenVectors]


def _encode(
    embedder: Embedder, passages: Sequence[Passage], tokens: bool, progress: Callable[[int, int], None]
) -> Iterator[_Encoded]:
    for start in range(0, len(passages), PASSAGES_PER_ENCODING):
        some = passages[start : start + PASSAGES_PER_ENCODING]
        yield _Encoded(some, *encode_passages(embedder, some, tokens=tokens))
        progress(start + len(some), len(passages))


class _EncodedWriter:
    """Makes codes of a batch's tokens as they come, and writes the batch once it is whole."""

    def __init__(self, storing: BatchWriter) -> None:
        self._storing = storing
        self._vectors: list[Vectors] = []
        self._codes: list[TokenCodes] = []

    def take(self, given: _Encoded | Batch) -> None:
        if isinstance(given, _Encoded):
            self._vectors += list(given.vectors)
            rotation = self._storing.store.ensure_rotation
            self._codes += make_codes(given.passages, given.vectors, given.tokens, rotation)
            return
        self._storing.write(given, self._vectors, self._codes)
        self._vectors, self._codes = [], []


def embed_in_steps(
    embedder: Embedder,
    passages: Sequence[Passage],
    rotation: Callable[[int], Floats] | None,
    progress: Callable[[int, int], None],
    at_once: int = PASSAGES_PER_BATCH,
) -> tuple[Vectors, list[TokenCodes]]:
    """Embed passages as ``embed_passages`` does, ``at_once`` at a time, and report ``(done, total)`` each time."""
    vectors: list[Vectors] = []
    codes: list[TokenCodes] = []
    for start in range(0, len(passages), at_once):
        some, coded = embed_passages(embedder, passages[start : start + at_once], rotation)
        vectors.append(some)
        codes += coded
        progress(min(start + at_once, len(passages)), len(passages))
    return (np.concatenate(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)), codes
