"""Onrecord as a system of a benchmark, and the protocol that every system follows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from evals.scoring.metrics.spans import Interval
from index.chunking.chunk import Chunking, chunk
from index.embedding.protocol import Embedder
from index.ingest.build import embed_in_steps
from index.schema import Document
from index.storage.open import index_fingerprint
from index.storage.store import Store
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import make_cross_encoder
from rag.schema import Answer, Turn


class System(Protocol):
    """Something that finds passages of documents."""

    @property
    def name(self) -> str:
        """The name in the tables."""
        ...

    def index(self, documents: Sequence[Document]) -> int:
        """Make the documents searchable; called once. Returns how many passages they became."""
        ...

    def search(self, question: str, k: int, history: Sequence[Turn] = ()) -> Sequence[Interval]:
        """Find the best ``k`` passages as ``(document_id, start, end)``, best first.

        ``history`` is for systems that make one question of a conversation; others look at
        ``question`` alone.
        """
        ...


class Onrecord:
    """The product with its shipped settings, over a store in ``folder``.

    ``shared`` embeds the passages; the pipeline has ``embedder`` itself, so that no question is sped up.
    """

    name = "Onrecord"

    def __init__(self, folder: Path, embedder: Embedder, shared: Embedder) -> None:
        self._chunking = Chunking()
        self._shared = shared
        self._store = Store(folder, "benchmark", index_fingerprint(embedder, self._chunking))
        self._pipeline: Pipeline = make_pipeline(
            self._store, embedder, RagConfig(), make_cross_encoder(RagConfig().reranker)
        )
        self._daring = replace(self._pipeline, config=replace(self._pipeline.config, refuse_below=0.0))

    def index(self, documents: Sequence[Document]) -> int:
        """See ``System.index``."""
        cut = [chunk(document, self._chunking) for document in documents]
        every = [passage for passages in cut for passage in passages]
        vectors, codes = embed_in_steps(self._shared, every, self._store.ensure_rotation, lambda *_: None)
        start = 0
        for document, passages in zip(documents, cut, strict=True):
            end = start + len(passages)
            self._store.add(document, passages, vectors[start:end], codes[start:end])
            start = end
        return start

    def search(self, question: str, k: int, history: Sequence[Turn] = ()) -> Sequence[Interval]:
        """See ``System.search``."""
        query = self._pipeline.standalone(question, history).question
        # Copies follow what they copy and take up ranks, as they do in systems that do not collapse them.
        found = (passage for hit in self._pipeline.search(query, k) for passage in (hit.passage, *hit.copies))
        return [(passage.document_id, passage.start, passage.end) for passage in found][:k]

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return the product's answer."""
        return self._pipeline.ask(question, history)

    def ask_anyway(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return what it would answer if it were not allowed to refuse."""
        return self._daring.ask(question, history)
