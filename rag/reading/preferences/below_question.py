"""Prefer the sentence that stands below the very question, as in a list of questions with their answers."""

import re
from collections.abc import Sequence

from rag.reading.sentence_ranker import Quote

_WORDS = re.compile(r"\w+")
_FEWEST_WORDS = 3  # of a question; fewer may be a heading's by chance


def prefer_below_question(quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
    """Return ``quotes`` with those first that follow ``question`` as it stands in their passage."""
    return tuple(sorted(quotes, key=lambda quote: not stands_below(quote, question)))


def stands_below(quote: Quote, question: str) -> bool:
    """Tell whether the words right before the quote are those of ``question``."""
    asked = _WORDS.findall(question.casefold())
    before = quote.passage.text[: quote.start - quote.passage.start]
    return len(asked) >= _FEWEST_WORDS and _WORDS.findall(before.casefold())[-len(asked) :] == asked
