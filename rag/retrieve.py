"""Find passages: dense and keyword search, fused by their normalised scores."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder, Vectors
from index.keyword import KeywordIndex
from index.schema import Hit
from index.store import Store
from rag.config import RagConfig
from rag.recency import newest_first, ranked


class Retriever:
    """Searches one store. The keyword side is derived when first needed and again when the store has changed."""

    def __init__(self, store: Store, embedder: Embedder, config: RagConfig) -> None:
        self._store = store
        self._embedder = embedder
        self._config = config
        self._keyword: KeywordIndex | None = None
        self._revision = -1

    def tuned(self, config: RagConfig) -> "Retriever":
        """The same search with other settings."""
        return Retriever(self._store, self._embedder, config)

    def retrieve(
        self, query: str, k: int | None = None, *, within: frozenset[str] | None = None, newest: bool = False
    ) -> tuple[Hit, ...]:
        """The best ``k`` passages for ``query``, best first, each with its rank on either side.

        With ``within``, only the documents of these ids are searched. Of equally good passages the newest
        come first, and with ``newest`` of nearly as good ones too.
        """
        vector = self._embedder.embed_query(query)
        dense = dict(self._store.nearest(vector, self._config.candidates, within))
        keyword = self._keyword_scores(query, within)
        dense |= self._missing_cosines(vector, [id_ for id_ in keyword if id_ not in dense])
        fused = fuse(dense, keyword, self._config.dense_weight)
        best = self._ordered(fused, newest=newest)[: k or self._config.top_k]
        ranks = {"dense": _ranks(dense), "keyword": _ranks(keyword)}
        passages = self._store.by_ids(best)
        return tuple(
            Hit(passages[id_], fused[id_], {side: found[id_] for side, found in ranks.items() if id_ in found})
            for id_ in best
            if id_ in passages
        )

    def keyword(self) -> KeywordIndex:
        """The keyword index of the store as it stands."""
        if self._keyword is None or self._revision != self._store.revision:
            self._revision = self._store.revision
            self._keyword = KeywordIndex(self._store.passages())
        return self._keyword

    def _keyword_scores(self, query: str, within: frozenset[str] | None) -> dict[str, float]:
        index = self.keyword()
        scores = index.scores(query)
        if within is not None:
            scores = scores * np.fromiter((_document(id_) in within for id_ in index.ids), bool, len(index.ids))
        return top_scores(index.ids, scores, self._config.candidates)

    def _ordered(self, fused: Mapping[str, float], *, newest: bool) -> Sequence[str]:
        published = {id_: self._store.published(_document(id_)) for id_ in fused}
        best = ranked(fused, published.__getitem__)
        return newest_first(best, fused.__getitem__, published.__getitem__) if newest else best

    def _missing_cosines(self, vector: Vectors, ids: Sequence[str]) -> dict[str, float]:
        return {id_: float(found @ vector) for id_, found in self._store.vectors(ids).items()}


def top_scores(ids: Sequence[str], scores: NDArray[np.float32], k: int) -> dict[str, float]:
    """The ``k`` best of ``ids`` by score; an id that scored 0 was not found at all and is left out."""
    best = np.argsort(-scores, kind="stable")[:k]
    return {ids[i]: float(scores[i]) for i in best if scores[i] > 0}


def fuse(dense: Mapping[str, float], keyword: Mapping[str, float], dense_weight: float) -> dict[str, float]:
    """One score an id in [0, 1]: both sides scaled to their best and worst, then weighed.

    An id missing on one side counts as that side's worst. When one side found nothing the other decides
    alone. (Convex combination of min-max scores; Bruch, Gai, Ingber 2023, "An Analysis of Fusion Functions
    for Hybrid Retrieval", doi 10.1145/3596512.)
    """
    if not keyword or not dense:
        return _scaled(dense or keyword)
    scaled_dense, scaled_keyword = _scaled(dense), _scaled({**dict.fromkeys(dense, 0.0), **keyword})
    ids = scaled_dense.keys() | scaled_keyword.keys()
    return {
        id_: dense_weight * scaled_dense.get(id_, 0.0) + (1 - dense_weight) * scaled_keyword.get(id_, 0.0)
        for id_ in ids
    }


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    spread = high - low
    return {id_: (score - low) / spread if spread > 0 else 1.0 for id_, score in scores.items()}


def _document(passage_id: str) -> str:
    return passage_id.rsplit(":", 1)[0]


def _ranks(scores: Mapping[str, float]) -> dict[str, int]:
    return {id_: rank for rank, id_ in enumerate(sorted(scores, key=lambda i: (-scores[i], i)), 1)}
