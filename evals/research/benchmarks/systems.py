"""What is measured: Onrecord itself, and either half of it alone, behind one protocol."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from evals.scoring.metrics.spans import Interval
from index.chunking.chunk import Chunking, chunk
from index.embedding.protocol import Embedder, Vectors
from index.ingest.build import embed_in_steps
from index.schema import Document
from index.storage.open import index_fingerprint
from index.storage.store import Store
from index.text.terms import terms
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import make_cross_encoder
from rag.schema import Answer, Turn


class System(Protocol):
    """Something that finds passages of documents."""

    @property
    def name(self) -> str:
        """As the tables call it."""
        ...

    def index(self, documents: Sequence[Document]) -> int:
        """Make the documents searchable; called once. Gives back how many passages they became."""
        ...

    def search(self, question: str, k: int, history: Sequence[Turn] = ()) -> Sequence[Interval]:
        """The best ``k`` passages as ``(document_id, start, end)``, best first.

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
        """The product's answer."""
        return self._pipeline.ask(question, history)

    def ask_anyway(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """What it would have said had it not been allowed to refuse."""
        return self._daring.ask(question, history)


Cut = Callable[[Document], Sequence[Interval]]


def passages_of(document: Document) -> Sequence[Interval]:
    """The passages Onrecord cuts a document into."""
    return [(passage.document_id, passage.start, passage.end) for passage in chunk(document, Chunking())]


class Dense:
    """Cosine of question and passage vectors alone, over all passages, exactly."""

    def __init__(self, embedder: Embedder, shared: Embedder, cut: Cut = passages_of, name: str = "dense") -> None:
        self.name = name
        self._embedder = embedder
        self._shared = shared
        self._cut = cut
        self._passages: list[Interval] = []
        self._vectors: Vectors = np.zeros((0, 0), dtype=np.float32)

    def index(self, documents: Sequence[Document]) -> int:
        """See ``System.index``."""
        self._passages, texts = _sliced(documents, self._cut)
        self._vectors = self._shared.embed(texts)
        return len(self._passages)

    def search(self, question: str, k: int, history: Sequence[Turn] = ()) -> Sequence[Interval]:
        """See ``System.search``."""
        del history
        scores = self._vectors @ self._embedder.embed_query(question)
        return [self._passages[i] for i in np.argsort(-scores, kind="stable")[:k]]


class Keyword:
    """BM25 alone (Lucene's variant, k1 1.5, b 0.75; stemmed, without stop words) over title and text.

    It is made here, not taken from the product, so that it stays the same when the product's changes.
    """

    name = "BM25"

    def __init__(self) -> None:
        import bm25s

        self._bm25 = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        self._passages: list[Interval] = []

    def index(self, documents: Sequence[Document]) -> int:
        """See ``System.index``."""
        self._passages, texts = _sliced(documents, passages_of)
        titles = {document.id: document.title for document in documents}
        held = zip(self._passages, texts, strict=True)
        corpus = [terms(f"{titles[passage[0]]}\n{text}") for passage, text in held]
        self._bm25.index(corpus, show_progress=False)
        return len(self._passages)

    def search(self, question: str, k: int, history: Sequence[Turn] = ()) -> Sequence[Interval]:
        """See ``System.search``."""
        del history
        wanted = [term for term in terms(question) if term in self._bm25.vocab_dict]
        if not wanted:
            return []
        scores = self._bm25.get_scores(wanted)
        best = np.argsort(-scores, kind="stable")[:k]
        return [self._passages[i] for i in best if scores[i] > 0]


def _sliced(documents: Sequence[Document], cut: Cut) -> tuple[list[Interval], list[str]]:
    texts = {document.id: document.text for document in documents}
    passages = [passage for document in documents for passage in cut(document)]
    return passages, [texts[name][start:end] for name, start, end in passages]
