"""Point at the line that says who sent a letter: "From: …", the letterhead, or the name below the closing words."""

import re
from collections.abc import Sequence

from index.text.terms import terms
from rag.reading.sentence_ranker import Quote

_THING = (
    r"(?:the|this|that|our|my)(?: \w+){0,2}? (invoice|letter|e-?mail|mail|bill|offer|quote|order|memo|note|notice"
    r"|receipt|reminder|statement|contract|message)"
)
_ASKS_SENDER = re.compile(
    r"^(?:so |and )?(?:"
    r"(?:who|which (?:company|firm|supplier|organi[sz]ation)) (?:has |have )?(?:sent|sends?|wrote|written|issued?"
    rf"|issues|signed|made out) {_THING}"
    rf"|(?:who|which (?:company|firm)) (?:is|was) {_THING} from"
    rf"|who(?:['’]s| is| was) the (?:sender|issuer|author|writer) of {_THING}"
    rf"|(?:from whom|who from) (?:is|was) {_THING}"
    r")\b[^?]{0,40}\W*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:from|sender|sent by|issued by|issuer|supplier|seller|vendor|absender|von)\s?[:|]", re.IGNORECASE
)
_PARTS = re.compile(r"\s[·•|–—]\s|, ")
_FIRM = re.compile(
    r"\b(?:Ltd|Limited|LLC|LLP|Inc|Corp|PLC|GmbH|AG|KG|OHG|e\.?\s?V|S\.?A\.?(?:S|RL)?|S\.?L|S\.?r\.?l|B\.?V|N\.?V|AB|A/S|ApS|AS|Oy"
    r"|Pty|Co|& Sons?)\b\.?"
)
_REACHED = re.compile(
    r"\b(?:VAT|Tel|Phone|Fax|IBAN|Reg(?:istered|istration)?|Company no|USt|www\.|https?:)|@|\+\d{2}|\b\d{4,5}\b"
    r"|\b[A-Z]{1,2}\d{1,2} \d[A-Z]{2}\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:yours (?:sincerely|faithfully|truly)|sincerely|(?:kind|best|warm) regards|regards|best wishes"
    r"|mit freundlichen grüßen|cordialement),?\s*$",
    re.IGNORECASE,
)


def sender_lines(quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
    """Return the quotes that say who sent what ``question`` asks the sender of, the best first; none for others.

    What was sent must be spoken of in the passage, or name its document.
    """
    asked = _ASKS_SENDER.match(question.strip())
    thing = next(filter(None, asked.groups()), "") if asked else ""
    if not thing:
        return ()
    wanted = frozenset(terms(thing))
    told = [quote for quote in quotes if wanted <= _spoken_of(quote)]
    ranked = [(rank, quote) for quote in told if (rank := _rank(quote)) is not None]
    return tuple(quote for _, quote in sorted(ranked, key=lambda each: each[0]))


def _rank(quote: Quote) -> int | None:
    """Return 0 for a labelled sender, 1 for a letterhead, 2 for the name below the closing words; None for others."""
    text = quote.text.strip()
    before = quote.passage.text[: quote.start - quote.passage.start]
    if _LABELLED.match(text):
        return 0
    if len(_PARTS.split(text)) > 1 and _FIRM.search(_PARTS.split(text)[0]) and _REACHED.search(text):
        return 1
    return 2 if _CLOSING.search(before) else None


def _spoken_of(quote: Quote) -> frozenset[str]:
    passage = quote.passage
    name = re.sub(r"[_\W]+", " ", passage.source.rpartition("/")[2])
    return frozenset(terms(f"{passage.text}\n{passage.title}\n{name}"))
