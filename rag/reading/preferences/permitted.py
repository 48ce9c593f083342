"""Prefer the sentence that allows or forbids what a question asks leave for: "Dogs are not allowed"."""

import re
from collections.abc import Sequence

from index.text.headings import heading_path
from index.text.terms import terms
from rag.reading.attribution import shift_log_odds
from rag.reading.sentence_ranker import Quote

_PERMITS = 3.5  # added to the log odds of a sentence that allows or forbids what is asked for
_ASKS_LEAVE = re.compile(
    r"^(?:so |and |but )?(?:(?:can|may|could|am) (?:i|we|you|one|he|she|they|people|guests|visitors|members|children|"
    r"kids|(?:my|our|a))\b|"
    r"(?:is|are) .*\b(?:allowed|permitted|ok|okay|forbidden|banned|possible|prohibited)\b)",
    re.IGNORECASE,
)
_RULES = re.compile(
    r"\b(?:allow(?:s|ed)?|permit(?:s|ted)?|forbidden|forbids?|prohibit(?:s|ed)|banned|must not|"
    r"(?-i:may) (?:not|be|only|use|keep|bring|swim|enter|leave|go|come|work|wear|stay)|"
    r"cannot|can['’]t|(?:is|are) not to|welcome|consent|at any time|"
    r"(?:stays?|remains?) (?:out|outside|at home)|no [a-z]+s\b)",
    re.IGNORECASE,
)
# Whom leave is asked for: "my 12 year old son".
_ASKED_FOR = re.compile(
    r"\b(?:my|our|an?) (?:\d+[- ]years?[- ]old(?: (?:son|daughter|child|kid|boy|girl))?|son|daughter|child"
    r"|kid|wife|husband|partner|friend|mother|father|mum|dad)\b|\bkids\b",
    re.IGNORECASE,
)
_LIGHT = frozenset(
    terms(
        "bring take have keep use get make go come allow allowed permit permitted ok okay possible forbidden banned "
        "prohibited wear put want like still also please guests visitors members people one may could"
    )
)


def prefer_permission(quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
    """Order ``quotes`` anew, those gaining that allow or forbid all that ``question`` asks leave for.

    Unchanged where it asks for no leave. A word may also stand in a heading above the sentence or in the title.
    """
    wanted = (
        frozenset(terms(_ASKED_FOR.sub("", question))) - _LIGHT if _ASKS_LEAVE.match(question.strip()) else frozenset()
    )
    if not wanted:
        return tuple(quotes)
    weighed = [shift_log_odds(quote, _PERMITS) if _rules_on(quote, wanted) else quote for quote in quotes]
    return tuple(sorted(weighed, key=lambda quote: -quote.probability))


def _rules_on(quote: Quote, wanted: frozenset[str]) -> bool:
    own = frozenset(terms(quote.text))
    above = heading_path(quote.passage.headings, quote.start, quote.passage.title)
    held = own.union(terms(quote.passage.title), *map(terms, above))
    return bool(wanted & own) and wanted <= held and _RULES.search(quote.text) is not None
