"""Quote a list whole, with its lead-in, where the question asks for all of it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.text.lists import ListSpan, list_spans
from index.text.sentences import sentence_spans
from rag.reading.sentence_ranker import Quote

_FIRST_QUOTES = 6  # of the best, among which a list must be for it to be quoted whole
_NEAR_BEST = 0.3  # of the best probability, from which on a list is what the question asks for
_NO_PLURAL = r"(?!(?:is|was|does|has|its|this)\b)"
_ASKS_FOR_ALL = re.compile(
    rf"\b(?:(?:what|which) (?:are|were|{_NO_PLURAL}(?:\w+ ){{0,2}}?{_NO_PLURAL}\w{{2,}}s\b)|list|name (?:the|all)|"
    r"how (?:do|can|should|must|to)\b|steps?|instructions|ingredients|procedure|"
    r"what (?:do|must|should) (?:i|we|you|they)\b|what (?:has|have) to\b|requirements?)",
    re.IGNORECASE,
)
_ASKS_FOR_ONE = re.compile(
    r"\b(?:how (?:many|much|long|often)|when|where|who|(?:first|second|third|last|next) (?:step|item|point)|"
    r"(?:step|item|point) (?:no\.? ?)?\d)\b",
    re.IGNORECASE,
)


def prefer_whole_lists(quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
    """Return ``quotes`` with lists in the place of their lead-ins and, where ``question`` asks for all, of their items.

    A lead-in alone never answers. A list is as probable as the best of its sentences, and these are not quoted again.
    """
    if not quotes:
        return ()
    asks_all = asks_for_all(question)
    least = _NEAR_BEST * quotes[0].probability
    kept = list(quotes)
    for quote in quotes[:_FIRST_QUOTES]:
        if quote not in kept or quote.probability < least:
            continue
        found = _list_of(quote)
        if found is None:
            continue
        at = quote.passage.start
        leads = found.lead is not None and (at + found.lead[0], at + found.lead[1]) == (quote.start, quote.end)
        if leads or asks_all:
            start, end = at + found.span[0], at + found.span[1]
            whole = replace(quote, start=start, end=end, is_list=True)
            here = kept.index(quote)
            kept = [q for q in kept if q is quote or not _lies_in(q, whole)]
            kept[min(here, kept.index(quote))] = whole
    return tuple(kept)


def asks_for_all(question: str) -> bool:
    """Tell whether ``question`` asks for all of something, such as its steps, and not for one or for how many."""
    return _ASKS_FOR_ALL.search(question) is not None and _ASKS_FOR_ONE.search(question) is None


def _list_of(quote: Quote) -> ListSpan | None:
    text, at = quote.passage.text, quote.passage.start
    own = (quote.start - at, quote.end - at)
    found = list_spans(text, sentence_spans(text))
    return next((each for each in found if own == each.lead or own in each.items), None)


def _lies_in(quote: Quote, whole: Quote) -> bool:
    same = quote.passage.document_id == whole.passage.document_id
    return same and whole.start <= quote.start and quote.end <= whole.end
