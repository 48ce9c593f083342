"""Find passages: dense and keyword search, fused by their normalised scores, then met word by word."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.keyword import KeywordIndex
from index.schema import Hit
from index.store import Store
from rag.config import RagConfig
from rag.copies import collapse
from rag.late import match
from rag.query import Query, Reader


class Retriever:
    """Searches one store. The keyword side is derived when first needed and again when the store has changed."""

    def __init__(self, store: Store, read: Reader, config: RagConfig) -> None:
        self._store = store
        self._read = read
        self._config = config
        self._keyword: KeywordIndex | None = None
        self._revision = -1

    def tuned(self, config: RagConfig) -> "Retriever":
        """The same search with other settings."""
        return Retriever(self._store, self._read, config)

    def retrieve(self, question: str, k: int | None = None) -> tuple[Hit, ...]:
        """The best ``k`` different passages for ``question``, best first, each with its rank on every side.

        Copies of a passage are listed under it and do not count; they are looked for among all ``candidates``.
        """
        query = self._read(question)
        dense = dict(self._store.nearest(query.vector, self._config.candidates))
        keyword = self._keyword_scores(question)
        dense |= self._missing_cosines(query.vector, [id_ for id_ in keyword if id_ not in dense])
        fused = fuse(dense, keyword, self._config.dense_weight)
        likely = sorted(fused, key=lambda id_: (-fused[id_], id_))[: max(k or 0, self._config.candidates)]
        late = self._late_scores(query, likely)
        scores = blend({id_: fused[id_] for id_ in likely}, late, self._config.late_weight)
        best = sorted(scores, key=lambda id_: (-scores[id_], id_))
        ranks = {"dense": _ranks(dense), "keyword": _ranks(keyword), "late": _ranks(late)}
        passages = self._store.by_ids(best)
        hits = tuple(
            Hit(passages[id_], scores[id_], {side: found[id_] for side, found in ranks.items() if id_ in found})
            for id_ in best
            if id_ in passages
        )
        return collapse(hits, k or self._config.top_k)

    def keyword(self) -> KeywordIndex:
        """The keyword index of the store as it stands."""
        if self._keyword is None or self._revision != self._store.revision:
            self._revision = self._store.revision
            self._keyword = KeywordIndex(self._store.passages())
        return self._keyword

    def _keyword_scores(self, query: str) -> dict[str, float]:
        index = self.keyword()
        return top_scores(index.ids, index.scores(query), self._config.candidates)

    def _late_scores(self, query: Query, ids: Sequence[str]) -> dict[str, float]:
        codes = {} if query.tokens is None else self._store.token_codes(ids)
        if query.tokens is None or not codes:
            return {}
        return {id_: met.score for id_, met in zip(codes, match(query.tokens, list(codes.values())), strict=True)}

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


def blend(fused: Mapping[str, float], late: Mapping[str, float], late_weight: float) -> dict[str, float]:
    """One score in [0, 1] for each of ``fused``: both scaled to their best and worst, then weighed.

    An id that late interaction knows nothing of keeps its fused score alone.
    """
    scaled, met = _scaled(fused), _scaled(late)
    return {
        id_: late_weight * met[id_] + (1 - late_weight) * score if id_ in met else score
        for id_, score in scaled.items()
    }


def _scaled(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    spread = high - low
    return {id_: (score - low) / spread if spread > 0 else 1.0 for id_, score in scores.items()}


def _ranks(scores: Mapping[str, float]) -> dict[str, int]:
    return {id_: rank for rank, id_ in enumerate(sorted(scores, key=lambda i: (-scores[i], i)), 1)}
