"""Choose the sentences that answer a question for a fact: the best, and another only where it adds what is asked."""

import re
from collections.abc import Sequence
from operator import itemgetter

from index.text.headings import heading_path
from index.text.month_names import MONTHS, WEEKDAYS
from index.text.terms import terms
from rag.reading.features import FEATURES
from rag.reading.preferences.identified import is_row
from rag.reading.preferences.whole_lists import asks_for_all
from rag.reading.sentence_ranker import Quote
from rag.speech.asked_speaker import asked_speaker, asks_who

# Shares of the best probability, chosen on the tuning half of the everyday set: the answer is then in what is shown as
# often as with two sentences always, with half as much beside it that does not answer.
_ADDS = 0.3  # from which on a sentence is shown that has something the others lack
_RIVALS = 0.8  # from which on it is shown beside a best one that is unsure itself
_ONE_OF_MANY = 0.35  # from which on it is shown where the question asks for all of something
_SURE = 0.6  # probability of a best sentence that needs no rival beside it
_MOST_BY_WORDS = 2
_LACKS_KIND = itemgetter(FEATURES.index("wrong_kind"))
_LIGHT_TERMS = frozenset("mani much get got long often need use time happen say said tell mean come go take".split())
_UNITS_OF_TIME = r"(?:second|minute|hour|day|night|week|month|year|decade)s?"
_WANTED = tuple(
    (re.compile(asked, re.IGNORECASE), re.compile(answers, re.IGNORECASE))
    for asked, answers in (
        (
            r"\b(?:when|what (?:year|date|day|month|time))\b",
            rf"\d|\b(?:{'|'.join([*MONTHS, *WEEKDAYS])}|today|tomorrow|yesterday|noon|midnight|{_UNITS_OF_TIME})\b",
        ),
        (r"\bhow long\b", rf"\b{_UNITS_OF_TIME}\b|\d\s?(?:m|cm|mm|km|h|min)\b"),
        (
            r"\b(?:costs?|price|fees?|charges?|how much (?:is|are|was|does|do|did))\b",
            r"[£$€¥]\s?\d|\d\s?(?:[£$€¥]|pounds?|euros?|dollars?|crowns?|[A-Z]{3}\b)|\d[.,]\d\d\b|\bfree\b",
        ),
        (r"\bhow (?:many|much|old|far|tall|large|big|high)\b", r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|"
         r"ten|eleven|twelve|dozen|hundred|thousand|million|half|no|none|all|both|each)\b"),
        (r"\bwhy\b", r"\b(?:because|since|due to|owing|caused?|blamed?|so that|through|as a result|reasons?)\b"),
        (r"\bwho\b", r"(?-i:\b[A-Z]\w+)"),
    )
)  # fmt: skip


def choose_quotes(quotes: Sequence[Quote], question: str, most: int, dated: Quote | None = None) -> tuple[Quote, ...]:
    """Return at most ``most`` of ``quotes`` (best first) to show as the answer to ``question``, in their order.

    The best one always; another where it holds a term or a kind of answer (a time, an amount, a name, a reason) that
    the question asks for and those before it lack, or where both are nearly as likely and neither is sure. Of what
    somebody said, and where the question asks for all, every likely one. ``dated``, the sentence from which day the
    best one holds, comes last.
    """
    chosen = _choose(quotes, question, most)
    return (*chosen, dated) if dated and dated.text not in [quote.text for quote in chosen] else chosen


def _choose(quotes: Sequence[Quote], question: str, most: int) -> tuple[Quote, ...]:
    if asked_speaker(question) or asks_who(question) or asks_for_all(question):
        least = _ONE_OF_MANY * quotes[0].probability if quotes else 0.0
        return tuple(quote for quote in quotes[:most] if quote.probability >= least)
    if quotes and quotes[0].kind == "lexical":
        return _choose_by_words(quotes, most)
    chosen = list(quotes[:1])
    lacking = frozenset(terms(question)) - _LIGHT_TERMS
    for quote in quotes[1:3]:
        lacking -= _held(chosen[-1])
        share = quote.probability / chosen[0].probability
        adds = bool(lacking & _held(quote)) or _has_the_kind(question, quote, chosen)
        rival = bool(lacking) and share >= _RIVALS and chosen[0].probability < _SURE and not is_row(quote.text)
        if len(chosen) < most and ((adds and share >= _ADDS) or (rival and len(chosen) == 1)):
            chosen.append(quote)
    return tuple(chosen)


def _choose_by_words(quotes: Sequence[Quote], most: int) -> tuple[Quote, ...]:
    """Choose among sentences in other languages than English, which are weighed by their words alone.

    A second one is shown where it has the kind of answer that the first lacks, or is as likely as a first that is not
    sure.
    """
    first, *others = quotes
    chosen = [first]
    for quote in others[:2]:
        share = quote.probability / first.probability
        adds = _LACKS_KIND(first.features) > _LACKS_KIND(quote.features) and share >= _ADDS
        rival = share >= _RIVALS and first.probability < _SURE
        if len(chosen) < min(most, _MOST_BY_WORDS) and (adds or rival):
            chosen.append(quote)
    return tuple(chosen)


def _held(quote: Quote) -> frozenset[str]:
    """Return the terms of a quote, of the headings above it and of its document's title."""
    above = heading_path(quote.passage.headings, quote.start, quote.passage.title)
    return frozenset(terms("\n".join((quote.text, quote.passage.title, *above))))


def _has_the_kind(question: str, quote: Quote, chosen: Sequence[Quote]) -> bool:
    """Tell whether ``quote`` has a kind of answer that ``question`` asks for and none of ``chosen`` has."""
    return any(
        asked.search(question) and answers.search(quote.text) and not any(answers.search(one.text) for one in chosen)
        for asked, answers in _WANTED
    )
