"""Find the sentences of passages that may support a claim, by the terms they share with it."""

from collections import Counter
from collections.abc import Sequence

from index.schema import Hit
from index.text.sentences import sentence_spans
from index.text.terms import terms
from rag.schema import Citation

_RARITY_POWER = 0.5  # exponent of a term's frequency among the sentences


def support_candidates(text: str, hits: Sequence[Hit]) -> list[Citation]:
    """Return every sentence of ``hits`` that shares a term with ``text``, best first, with marker 0.

    The score is the share of the claim's terms that a sentence holds, rare terms among these sentences counting more.
    """
    found = [
        Citation(0, hit.passage, hit.passage.start + a, hit.passage.start + b)
        for hit in hits
        for a, b in sentence_spans(hit.passage.text)
    ]
    once = list({(c.passage.document_id, c.start): c for c in found}.values())
    held = [frozenset(terms(c.text)) for c in once]
    often = Counter(term for one in held for term in one)
    wanted = frozenset(terms(text))
    scores = [sum((1 + often[term]) ** -_RARITY_POWER for term in wanted & one) for one in held]
    order = sorted(range(len(once)), key=lambda n: -scores[n])
    return [once[n] for n in order if scores[n] > 0]
