"""BM25 over the passages, derived from the store and rebuilt when the store has changed."""

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from index.schema import Passage
from index.words import terms


class KeywordIndex:
    """BM25 (Robertson; Lucene's variant, k1 1.5, b 0.75) over the terms of title and text of each passage."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        import bm25s

        kept = list(passages)
        self.ids: tuple[str, ...] = tuple(p.id for p in kept)
        corpus = [terms(f"{p.title}\n{p.text}") for p in kept]
        self._frequency = Counter(term for words in corpus for term in set(words))
        self._bm25 = None
        # bm25s fails on a corpus without a single term.
        if any(corpus):
            self._bm25 = bm25s.BM25(method="lucene")
            self._bm25.index(corpus, show_progress=False)
            self._vocabulary = frozenset(self._bm25.vocab_dict)

    def idf(self, term: str) -> float:
        """How much ``term`` tells: ln(1 + (N + 1) / (n + 1/2)), n of N passages holding it. Largest for unseen ones."""
        return math.log(1 + (len(self.ids) + 1) / (self._frequency[term] + 0.5))

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score of every passage, in the order of ``ids``; 0 where no term of the query stands."""
        wanted = [] if self._bm25 is None else [t for t in terms(query) if t in self._vocabulary]
        if self._bm25 is None or not wanted:
            return np.zeros(len(self.ids), dtype=np.float32)
        return np.asarray(self._bm25.get_scores(wanted), dtype=np.float32)
