"""Prefer the clauses and sections that deal with a topic, where a question asks which one does."""

import re
from collections.abc import Sequence

from index.text.headings import heading_path
from index.text.terms import terms
from rag.reading.sentence_ranker import Quote

_NUMBER = re.compile(r"(?:§ ?)?(?:\d+(?:\.\d+)*|[IVX]+|[a-z])[.):]?\s|(?:clause|section|article|§)\s?\d", re.IGNORECASE)


def prefer_places(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes that have a place to name, by their number or the headings above them; all where none has."""
    return tuple(quote for quote in quotes if _NUMBER.match(quote.text) or _above(quote)) or tuple(quotes)


def deals_with(quote: Quote, topic: str) -> bool:
    """Tell whether a quote has all telling words of ``topic``, itself or in the headings above it."""
    wanted = frozenset(terms(topic))
    return bool(wanted) and wanted <= frozenset(terms("\n".join((quote.text, *_above(quote)))))


def _above(quote: Quote) -> tuple[str, ...]:
    return heading_path(quote.passage.headings, quote.start, quote.passage.title)
