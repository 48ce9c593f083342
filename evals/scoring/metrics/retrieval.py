"""Metrics of a ranked list of ids against graded relevance, defined as in trec_eval.

``ranking`` lists ids, best first. ``relevance`` maps an id to its grade; a grade above 0 is relevant, an id
that is not in it has grade 0. An id listed twice earns credit once, at its first rank; the repeat keeps its
rank and earns nothing (``distinct`` removes repeats, for scoring passages by document). Every function
returns None when nothing is relevant (trec_eval too skips a query without judgements, but scores one whose
judgements are all 0 as 0), and raises ValueError for a cut-off below 1.

Source: trec_eval 9 (https://github.com/usnistgov/trec_eval), checked against ir-measures.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import log2
from typing import TypeVar

Id = TypeVar("Id", bound=Hashable)


def distinct(ranking: Iterable[Id]) -> tuple[Id, ...]:
    """Keep the ids at their first occurrence, in order: a ranking of documents from a ranking of passages."""
    return tuple(dict.fromkeys(ranking))


def hit(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int) -> float | None:
    """Return 1 when a relevant id is among the first ``k``, else 0 (trec_eval's ``success``)."""
    if not _relevant_count(relevance):
        return None
    return float(any(gain > 0 for gain in _gains(ranking, relevance, k)))


def recall(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int) -> float | None:
    """Return share of the relevant ids that are among the first ``k``."""
    relevant = _relevant_count(relevance)
    if not relevant:
        return None
    return sum(gain > 0 for gain in _gains(ranking, relevance, k)) / relevant


def precision(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int) -> float | None:
    """Return relevant ids among the first ``k``, divided by ``k`` even when fewer were retrieved."""
    if not _relevant_count(relevance):
        return None
    return sum(gain > 0 for gain in _gains(ranking, relevance, k)) / k


def reciprocal_rank(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int | None = None) -> float | None:
    """Return 1 / rank of the first relevant id, 0 when none is among the first ``k``; its mean is MRR@k."""
    if not _relevant_count(relevance):
        return None
    gains = _gains(ranking, relevance, k)
    return next((1 / rank for rank, gain in enumerate(gains, 1) if gain > 0), 0.0)


def ndcg(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int | None = None) -> float | None:
    """Return normalised discounted cumulative gain of the first ``k``.

    The gain is the grade itself (linear, as in Järvelin & Kekäläinen 2002 and trec_eval, not 2^grade - 1) and
    the discount log2(rank + 1). The ideal ranking orders all relevant ids by grade.
    """
    if not _relevant_count(relevance):
        return None
    ideal = sorted((grade for grade in relevance.values() if grade > 0), reverse=True)[:k]
    return _discounted(_gains(ranking, relevance, k)) / _discounted(ideal)


def average_precision(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int | None = None) -> float | None:
    """Return mean over *all* relevant ids of the precision at their rank, 0 for those not found; its mean is MAP."""
    relevant = _relevant_count(relevance)
    if not relevant:
        return None
    found, total = 0, 0.0
    for rank, gain in enumerate(_gains(ranking, relevance, k), 1):
        if gain > 0:
            found += 1
            total += found / rank
    return total / relevant


def _relevant_count(relevance: Mapping[Id, float]) -> int:
    return sum(grade > 0 for grade in relevance.values())


def _gains(ranking: Sequence[Id], relevance: Mapping[Id, float], k: int | None) -> list[float]:
    if k is not None and k < 1:
        raise ValueError(f"the cut-off must be at least 1, not {k}")
    seen: set[Id] = set()
    gains = []
    for item in ranking[:k]:
        gains.append(0.0 if item in seen else max(0.0, float(relevance.get(item, 0.0))))
        seen.add(item)
    return gains


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, 1))
