"""Sentences scored against a question in two wordings."""

from collections.abc import Sequence
from dataclasses import replace

from rag.reading.sentence_ranker import Quote


def blended(whole: Sequence[Quote], core: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes of ``whole``, best first by the mean of their chances there and in ``core``; the evidence is that of
    ``whole``.

    The whole wording knows what is talked about, the short one what is asked of it.
    """
    chances = {(q.passage.id, q.start): q.chance for q in core}
    mixed = (replace(q, chance=(q.chance + chances.get((q.passage.id, q.start), q.chance)) / 2) for q in whole)
    return tuple(sorted(mixed, key=lambda q: -q.chance))
