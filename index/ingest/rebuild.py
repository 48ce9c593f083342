"""Rebuild the index from the documents it holds, for another model or chunking; no file is read.

The new index grows beside the old one and replaces it once it is complete (``index.storage.chroma.swap``). A rebuild
that is killed loses nothing, and the next one continues where it stopped.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from index.chunking.chunk import Chunking, chunk
from index.embedding.blas_threads import one_blas_thread
from index.embedding.protocol import Embedder, TokenEmbedder, Vectors
from index.embedding.token_codes import TokenCodes
from index.errors import IndexBrokenError, IndexMismatchError
from index.ingest.build import embed_in_steps
from index.schema import Document, DocumentInfo, Passage
from index.storage.chroma.vector_graph import are_valid_vectors
from index.storage.store import Store
from index.storage.writer import DocumentEntry
from index.system.progress import Progress, no_progress

_log = logging.getLogger(__name__)

_PASSAGES_PER_BATCH = 256


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What a rebuild did.

    ``documents`` and ``passages`` are there now; ``embedded`` passages were embedded; ``done_before`` documents were
    done by an interrupted rebuild.
    """

    documents: int
    passages: int
    embedded: int
    before: int


@one_blas_thread()
def rebuild(
    store: Store,
    embedder: Embedder,
    chunking: Chunking,
    progress: Progress = no_progress,
    *,
    tokens: bool = True,
    rechunk: bool = True,
    embed: bool = True,
) -> RebuildReport:
    """Chunk and embed every stored document again, from the text in the index.

    Without ``rechunk``, passages stay as they are; without ``embed``, a passage that is the same slice as before keeps
    its vector. ``progress`` is called with ``(done, total, document)``. Raises IndexMismatchError when vectors cannot
    be kept since another model made them, and IndexBrokenError when the database fails; the old index is then as it
    was.
    """
    store.sweep()
    if not embed and store.fingerprint.get("model") != embedder.fingerprint:
        raise IndexMismatchError(
            f"The index was made with the model {store.fingerprint.get('model')!r}, not with {embedder.fingerprint!r}, "
            "so its vectors cannot be kept. Run `onrecord rebuild` without --rechunk, or set `model` back."
        )
    cut = chunking.fingerprint if rechunk else store.fingerprint.get("chunking", chunking.fingerprint)
    with closing(store.open_rebuild({"model": embedder.fingerprint, "chunking": cut})) as shadow:
        return _run(store, shadow, embedder, chunking if rechunk else None, progress, tokens=tokens, embed=embed)


def _run(
    store: Store,
    shadow: Store,
    embedder: Embedder,
    chunking: Chunking | None,
    progress: Progress,
    *,
    tokens: bool,
    embed: bool,
) -> RebuildReport:
    todo = _documents_to_do(store, shadow)
    total = len(store.documents())
    before = done = total - len(todo)
    progress(done, total, "")
    embedded = 0
    keep = _Reuse(store, vectors=not embed, tokens=tokens and isinstance(embedder, TokenEmbedder))
    for batch in _batches(store, chunking, todo, keep):

        def embedding(count: int, of: int, at: int = done, name: str = batch[-1].document.source) -> None:
            progress(at, total, f"{name} ({count:,} of {of:,} passages)")

        embedded += _write(shadow, embedder, batch, embedding, tokens=tokens)
        done += len(batch)
        progress(done, total, batch[-1].document.source)
    passages = shadow.count()
    store.replace_with(shadow)
    return RebuildReport(total, passages, embedded, before)


@dataclass(frozen=True, slots=True)
class _Item:
    document: Document
    passages: tuple[Passage, ...]
    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    codes: Mapping[str, TokenCodes] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Passage, ...]:
        """The passages that have to be embedded."""
        return tuple(p for p in self.passages if p.id not in self.vectors)


@dataclass(frozen=True, slots=True)
class _Reuse:
    """What may be reused of a passage: its vector and, with ``tokens``, its token codes."""

    store: Store
    vectors: bool
    tokens: bool

    def item(self, document: Document, passages: tuple[Passage, ...]) -> _Item:
        """Return the document with what can be reused.

        A passage's id is its place in a text that its document's id stands for, and the model reads the document's
        title before it. So what the model reads is the same wherever the id is.
        """
        if not self.vectors:
            return _Item(document, passages)
        ids = [passage.id for passage in passages]
        try:
            held = self.store.vectors(ids)
        except IndexBrokenError as error:
            _log.warning("the vectors of %s cannot be kept: %s", document.id, error)
            held = {}
        vectors = {id_: vector for id_, vector in held.items() if are_valid_vectors(vector[None])}
        codes = self.store.token_codes(ids) if self.tokens else {}
        if self.tokens:
            vectors = {id_: vector for id_, vector in vectors.items() if id_ in codes}
        return _Item(document, passages, vectors, codes)


def _documents_to_do(store: Store, shadow: Store) -> list[DocumentInfo]:
    """Return the documents that ``shadow`` lacks or holds under old names; remove from it those that are gone."""
    there = {info.id: (info.title, info.source, dict(info.metadata)) for info in shadow.documents()}
    wanted = store.documents()
    for id_ in there.keys() - {info.id for info in wanted}:
        shadow.remove(id_)
    todo = [info for info in wanted if there.get(info.id) != (info.title, info.source, dict(info.metadata))]
    for info in todo:
        if info.id in there:
            shadow.remove(info.id)
    return todo


def _batches(
    store: Store, chunking: Chunking | None, todo: Sequence[DocumentInfo], keep: _Reuse
) -> Iterator[list[_Item]]:
    """Group documents, cut anew or as they are, so that the encoder gets full batches."""
    batch: list[_Item] = []
    for info in todo:
        document = store.document(info.id)
        batch.append(keep.item(document, chunk(document, chunking) if chunking else store.passages_of(info.id)))
        if sum(len(item.missing) for item in batch) >= _PASSAGES_PER_BATCH or len(batch) >= _PASSAGES_PER_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _write(
    shadow: Store, embedder: Embedder, batch: Sequence[_Item], embedding: Callable[[int, int], None], *, tokens: bool
) -> int:
    missing = [passage for item in batch for passage in item.missing]
    rotation = shadow.ensure_rotation if tokens else None
    made, coded = embed_in_steps(embedder, missing, rotation, embedding)
    new = {passage.id: vector for passage, vector in zip(missing, made, strict=True)}
    new_codes = {passage.id: code for passage, code in zip(missing, coded, strict=False)}
    written: list[DocumentEntry] = []
    for item in batch:
        vectors, codes = {**item.vectors, **new}, {**item.codes, **new_codes}
        ids = [passage.id for passage in item.passages]
        coding = [codes[id_] for id_ in ids] if tokens and all(id_ in codes for id_ in ids) else []
        held = np.stack([vectors[id_] for id_ in ids]) if ids else np.zeros((0, 0), dtype=np.float32)
        written.append(DocumentEntry(item.document, item.passages, held, coding))
    shadow.add_all(written)
    return len(missing)
