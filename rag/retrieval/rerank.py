"""Rerank the best passages with a cross-encoder, which reads of each the sentence nearest to the question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from index.schema import Hit, Passage
from index.text.headings import context_lines
from index.text.sentences import sentence_spans
from rag.retrieval.cross_encoder import CrossEncoder
from rag.retrieval.fusion import min_max
from rag.retrieval.late_interaction import TokenMatch
from rag.schema import text_at


def rerank(
    question: str, hits: Sequence[Hit], matches: Mapping[str, TokenMatch], cross: CrossEncoder, weight: float
) -> tuple[Hit, ...]:
    """Return ``hits`` in a new order, by what ``cross`` says with ``weight`` and by their scores with the rest.

    Reading a whole passage costs some five times its best sentence and ranks little better; a passage without a token
    match is read whole. Scores stay between those of the last and the first hit.
    """
    if len(hits) <= 1:
        return tuple(hits)
    cross_scores = cross.scores(
        question, [in_context(hit.passage, *_best_sentence(hit.passage, matches)) for hit in hits]
    )
    old_scores = np.array([hit.score for hit in hits])
    mixed = weight * min_max(cross_scores) + (1 - weight) * min_max(old_scores)
    scores = old_scores.min() + (old_scores.max() - old_scores.min()) * mixed
    ranks = np.argsort(np.argsort(-cross_scores, kind="stable"), kind="stable") + 1
    reranked = [
        replace(hit, score=float(score), ranks={**hit.ranks, "cross": int(rank)})
        for hit, score, rank in zip(hits, scores, ranks, strict=True)
    ]
    return tuple(sorted(reranked, key=lambda hit: -hit.score))


def in_context(passage: Passage, start: int, end: int) -> str:
    """Return the words from ``start`` to ``end`` of the document with its title and their headings before them.

    A sentence alone seldom names its subject.
    """
    return ". ".join((*context_lines(passage, start), text_at(passage, start, end)))


def _best_sentence(passage: Passage, matches: Mapping[str, TokenMatch]) -> tuple[int, int]:
    spans = sentence_spans(passage.text)
    if passage.id not in matches or not spans:
        return passage.start, passage.end
    start, end = spans[int(matches[passage.id].best_by_sentence(spans).mean(axis=1).argmax())]
    return passage.start + start, passage.start + end
