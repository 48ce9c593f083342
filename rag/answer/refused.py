"""Refuse to answer: the reason, and the passages that come closest."""

from collections.abc import Sequence
from dataclasses import replace

from index.schema import Hit
from rag.reading.sentence_ranker import Quote
from rag.schema import Answer


def refused(answer: Answer, reason: str, quotes: Sequence[Quote]) -> Answer:
    """Return ``answer`` as refused for ``reason``, its hits in the order of their best sentences in ``quotes``."""
    return replace(answer, refused=True, reason=reason, hits=_by_best_sentence(answer.hits, quotes), done=True)


def _by_best_sentence(hits: Sequence[Hit], quotes: Sequence[Quote]) -> tuple[Hit, ...]:
    """Return the hits in the order of their best sentences, which is what a reader of a refusal looks at."""
    order = {q.passage.id: rank for rank, q in reversed(list(enumerate(quotes)))}
    return tuple(sorted(hits, key=lambda hit: order.get(hit.passage.id, len(order))))
