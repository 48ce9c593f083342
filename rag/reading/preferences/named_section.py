"""Keep to the section that a question names: what is said of the Heron 20 answers nothing about the Heron 35."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from index.text.headings import heading_path, without_numbering
from index.text.terms import terms
from rag.reading.sentence_ranker import Quote

_ANSWERS = 0.3  # of the probability of the best sentence elsewhere, from which on the named section answers
_ELSEWHERE = 0.19  # times that of the best in the named section, at most, for the others: too little to be shown beside


def prefer_named_section(quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
    """Order ``quotes`` anew, those losing that stand outside the section of their document which the question names.

    A question names a heading when it has all its telling words. Where it names several, of a heading and of one below
    it or of two sections, those count that have most of its words. Nothing loses where the named section says nothing
    that is nearly as probable.
    """
    wanted = frozenset(terms(question))
    by_document: defaultdict[str, list[tuple[int, Quote]]] = defaultdict(list)
    for quote in quotes:
        by_document[quote.passage.document_id].append((_named_words(quote, wanted), quote))
    weighed = [quote for found in by_document.values() for quote in _keep_to_named(found)]
    return tuple(sorted(weighed, key=lambda quote: -quote.probability))


def _keep_to_named(found: Sequence[tuple[int, Quote]]) -> list[Quote]:
    most = max(words for words, _ in found)
    inside = max(quote.probability for words, quote in found if words == most)
    outside = max((quote.probability for words, quote in found if words < most), default=0.0)
    if inside < _ANSWERS * outside:
        return [quote for _, quote in found]
    bound = _ELSEWHERE * inside
    return [q if words == most else replace(q, probability=min(q.probability, bound)) for words, q in found]


def _named_words(quote: Quote, wanted: frozenset[str]) -> int:
    """Count the words of the question that name headings above the quote."""
    found: set[str] = set()
    for label in heading_path(quote.passage.headings, quote.start, quote.passage.title):
        telling = frozenset(terms(without_numbering(label)))
        found |= telling if telling <= wanted else frozenset()
    return len(found)
