"""Either half of the search alone: exact cosine over vectors, and BM25."""

from collections.abc import Callable, Sequence

import numpy as np

from evals.scoring.metrics.spans import Interval
from index.chunking.chunk import Chunking, chunk
from index.embedding.protocol import Embedder, Vectors
from index.schema import Document
from index.text.terms import terms
from rag.schema import Turn

Chunker = Callable[[Document], Sequence[Interval]]


def onrecord_passages(document: Document) -> Sequence[Interval]:
    """Cut a document into the passages that Onrecord makes."""
    return [(passage.document_id, passage.start, passage.end) for passage in chunk(document, Chunking())]


class Dense:
    """Cosine of question and passage vectors alone, over all passages, exactly."""

    def __init__(
        self, embedder: Embedder, shared: Embedder, cut: Chunker = onrecord_passages, name: str = "dense"
    ) -> None:
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
        self._passages, texts = _sliced(documents, onrecord_passages)
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


def _sliced(documents: Sequence[Document], cut: Chunker) -> tuple[list[Interval], list[str]]:
    texts = {document.id: document.text for document in documents}
    passages = [passage for document in documents for passage in cut(document)]
    return passages, [texts[name][start:end] for name, start, end in passages]
