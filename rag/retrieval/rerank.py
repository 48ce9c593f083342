"""Rerank the best passages with a cross-encoder, which reads of each the sentence nearest to the question."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from index.schema import Hit, Passage
from index.text.sentences import sentence_spans
from rag.retrieval.cross_encoder import CrossEncoder
from rag.retrieval.fusion import min_max
from rag.retrieval.late_interaction import TokenMatch


def rerank(
    question: str, hits: Sequence[Hit], met: Mapping[str, TokenMatch], cross: CrossEncoder, weight: float
) -> tuple[Hit, ...]:
    """Return ``hits`` in a new order, by what ``cross`` says with ``weight`` and by their scores with the rest.

    Reading a whole passage costs some five times its best sentence and ranks little better; a passage without a token
    match is read whole. Scores stay between those of the last and the first hit.
    """
    if len(hits) <= 1:
        return tuple(hits)
    read = cross.scores(question, [with_title(hit.passage, _best_sentence(hit.passage, met)) for hit in hits])
    before = np.array([hit.score for hit in hits])
    mixed = weight * min_max(read) + (1 - weight) * min_max(before)
    scores = before.min() + (before.max() - before.min()) * mixed
    ranks = np.argsort(np.argsort(-read, kind="stable"), kind="stable") + 1
    again = [
        replace(hit, score=float(score), ranks={**hit.ranks, "cross": int(rank)})
        for hit, score, rank in zip(hits, scores, ranks, strict=True)
    ]
    return tuple(sorted(again, key=lambda hit: -hit.score))


def with_title(passage: Passage, text: str) -> str:
    """Return ``text`` with the passage's title before it, since a sentence alone seldom names its subject."""
    return f"{passage.title}. {text}" if passage.title and not text.startswith(passage.title) else text


def _best_sentence(passage: Passage, met: Mapping[str, TokenMatch]) -> str:
    spans = sentence_spans(passage.text)
    if passage.id not in met or not spans:
        return passage.text
    start, end = spans[int(met[passage.id].best_by_sentence(spans).mean(axis=1).argmax())]
    return passage.text[start:end]
