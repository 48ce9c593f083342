"""Prefer the sentence that says who somebody is: "the manager, Priya Rao", "Ines Varga, the mayor"."""

import re
from collections.abc import Sequence

from rag.reading.attribution import shift_log_odds
from rag.reading.sentence_ranker import Quote

_INTRODUCED = 3.5  # added to the log odds of a sentence that introduces whom the question asks for
_WHO = re.compile(
    r"^(?:so |and |but )?who(?:['’]s| is| was| are| were|s)(?: currently| now)? (?P<who>[^?.!,]{2,80}?)(?: now)?\W*$",
    re.IGNORECASE,
)
_DETERMINER = re.compile(r"^(?:the|a|an|our|your|their|its|his|her|this|that) ", re.IGNORECASE)
_PLACE = re.compile(r" (?:of|at|for|in|on|behind|from|with) .*$")
_NAME = r"[A-Z][\w.’'-]+(?: (?:[A-Z][\w.’'-]*|de|van|von|der|bin|al|el|la|di|da)){1,4}"
_BEING = r"(?:['’]s|is|was|are|were|became|becomes|remains)"


def prefer_introduction(quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
    """Order ``quotes`` anew, those that introduce the person or the holder of the role that is asked for gaining.

    Unchanged where the question does not ask who somebody is.
    """
    asked = _WHO.match(question.strip())
    if asked is None:
        return tuple(quotes)
    who = _DETERMINER.sub("", asked["who"].strip())
    patterns = [_of_name(who)] if _is_name(who) else [_of_role(_PLACE.sub("", who)), _of_name(who)]
    weighed = [
        shift_log_odds(quote, _INTRODUCED) if any(p.search(_one_line(quote.text)) for p in patterns) else quote
        for quote in quotes
    ]
    return tuple(sorted(weighed, key=lambda quote: -quote.probability))


def _is_name(who: str) -> bool:
    """Tell whether ``who`` is written as a name; in lower case it may be one or a role."""
    return all(word[:1].isupper() for word in who.split())


def _of_role(role: str) -> re.Pattern[str]:
    """Match a name beside ``role``: before it, after it, or said to be it."""
    held = rf"(?i:{re.escape(role)})"
    place = r"(?: (?:of|at|for|in) [^,.;]{2,60}?)?"
    return re.compile(
        rf"\b{held}\b{place},? (?:{_BEING} )?{_NAME}"
        rf"|{_NAME}(?:,| {_BEING})(?: \w+)? (?:the |a |an |its |our |their )?(?:[\w’'-]+ ){{0,3}}{held}\b"
        rf"|{_NAME}, (?:who (?:is|was) )?(?:the |a |an |its )?(?:[\w’'-]+ ){{0,3}}{held}\b"
    )


def _of_name(name: str) -> re.Pattern[str]:
    """Match ``name`` with what it is: a role before it, an apposition or "is" after it."""
    held = rf"(?i:{re.escape(name)})"
    return re.compile(
        rf"\b[a-z][\w-]+(?:,)? (?:[A-Z][\w.’'-]+ ){{0,2}}{held}(?=[,.]| (?:said|says|told|has|had|will|was|is))"
        rf"|{held}, (?:the |a |an |who |[a-z]+ )|{held} {_BEING} (?:the|a|an|appointed|named|elected)\b"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
