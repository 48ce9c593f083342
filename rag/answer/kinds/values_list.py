"""Answer "what are the deadlines", "list all costs", "what was decided": every sentence that names such a thing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.schema import Document, DocumentInfo
from index.storage.store import Store
from index.text.headings import heading_path
from index.text.month_names import MONTH_PATTERN, WEEKDAYS
from index.text.plural import plural
from index.text.sentences import Span, sentence_spans
from rag.answer.kinds.key_sentences import leans
from rag.answer.kinds.listing import Overview, quotes_at, without_marker
from rag.reading.sentence_ranker import Quote

_MOST = 40  # sentences that are listed
_MAX_CHARACTERS = 2_000_000  # a longer document would delay the answer
_FEWEST_WORDS = 2  # of a sentence; fewer are a heading or a label

_MONTH = rf"(?:{MONTH_PATTERN})\.?"
_DATE = (
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?!\w)|\b{_MONTH} \d{{1,2}}(?!\d)|\b{_MONTH},? (?:19|20)\d\d\b|"
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b)"
)
_DAY = (
    rf"(?:{_DATE}|\b(?:{'|'.join(WEEKDAYS)})\b|\b(?:end|middle|start) of (?:the )?(?:month|year|week|{_MONTH})(?!\w))"
)
_CODES = r"(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN|JPY|CAD|AUD)"
_MONEY = (
    rf"(?:[£$€¥₹]\)?:? ?\d|\b{_CODES}\)?:? ?\d|\d(?: ?(?:thousand|million|billion|m|bn|k))? ?(?:[£€¥₹]|{_CODES}\b|"
    r"(?:pounds?|euros?|dollars?|pence|cents?|francs?|crowns?|kron(?:er|or|a))\b))"
)
_PER_CENT = r"\d ?(?:%|per ?cent\b)"
_NAMED = r"(?-i:\b[A-Z][\w’'-]+ (?:[A-Z][\w’'-]+ )?)"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be listed: its name, how a sentence names it, and the headings under which every sentence does."""

    asked: str
    name: str
    pattern: re.Pattern[str]
    headings: re.Pattern[str]

    @classmethod
    def of(cls, asked: str, name: str, pattern: str, headings: str = r"(?!)") -> "_Wanted":
        under = rf"(?:\d[\d.]*\s+)?(?:the )?(?:{headings})"
        return cls(asked, name, re.compile(pattern, re.IGNORECASE), re.compile(under, re.IGNORECASE))


_KINDS = (
    _Wanted.of(
        "deadlines|due dates",
        "a deadline",
        rf"\b(?:by|before|no later than|not later than|on or before|latest|deadline|due|clos(?:e|es|ed|ing)|expires?|"
        rf"ends?|last day)\b[^.;]{{0,40}}?{_DAY}|{_DAY}[^.;]{{0,20}}\bat the latest|"
        r"\bwithin (?:\w+ ){1,2}(?:working )?(?:days|weeks|months)\b",
        "(?:key |important )?deadlines|due dates",
    ),
    _Wanted.of("amounts?|sums?|costs|prices|fees", "a sum of money", _MONEY),
    _Wanted.of("(?:key |important )?dates", "a date", _DATE, "(?:key |important )dates"),
    _Wanted.of(
        "figures",
        "a figure",
        rf"{_MONEY}|{_PER_CENT}|\b\d+(?:[,.]\d{{3}})+\b|\d (?:thousand|million|billion)\b",
    ),
    _Wanted.of("percentages", "a percentage", _PER_CENT),
    _Wanted.of("temperatures", "a temperature", r"\d ?(?:°|º) ?[CF]?\b|\d ?(?:℃|℉)|\d degrees (?:celsius|fahrenheit)"),
    _Wanted.of(
        "decisions|resolutions|decided?|resolved?|agreed?",
        "a decision",
        r"\b(?:approved?|adopted|agree[ds]?|decided?|resolved|rejected|elected|appointed|voted?|postponed|deferred|"
        r"authori[sz]ed|adjourned)\b|\b(?:motion|proposal|amendment)\b.{0,40}\b(?:carried|passed|lost)\b",
        "decisions?|resolutions?",
    ),
    _Wanted.of(
        "action (?:items|points)|actions|to[- ]?dos|tasks|next steps",
        "something to be done",
        rf"^\W*(?:action|to[- ]?do)\b|{_NAMED}"
        r"(?:will|shall|is to|are to|must|has to|agreed to|(?:was|were) asked to|to) (?!be\b)(?-i:[a-z]+)",
        "action (?:items|points)|actions|to[- ]?dos|next steps|tasks",
    ),
    _Wanted.of("(?:phone|telephone) numbers", "a telephone number", r"(?:\+|\b0)\d(?:[ ()/-]{0,2}\d){6,}"),
    _Wanted.of("e-?mail addresses", "an e-mail address", r"[\w.+-]+@[\w-]+\.[\w.]+"),
    _Wanted.of("(?:web )?links|urls|web ?sites", "a web address", r"https?://|\bwww\.\w"),
)


def list_values(documents: Sequence[DocumentInfo], asked: str, store: Store) -> Overview | None:
    """List every sentence of ``documents`` that names what is ``asked`` for, such as "deadlines", document by document.

    None where none does.
    """
    wanted = next((kind for kind in _KINDS if re.match(kind.asked, asked, re.IGNORECASE)), None)
    if wanted is None:
        return None
    quotes: list[Quote] = []
    for info in documents:
        if info.size <= _MAX_CHARACTERS:
            spans = _spans_of(store.document(info.id), wanted)
            quotes += quotes_at(spans, store.passages_of(info.id)) if spans else ()
    if not quotes:
        return None
    in_documents = len({quote.passage.document_id for quote in quotes})
    more = f"; the first {_MOST}" if len(quotes) > _MOST else ""
    found = f"One place names {wanted.name}" if len(quotes) == 1 else f"{len(quotes):,} places name {wanted.name}"
    return Overview(f"{found}, in {plural(in_documents, 'document')}{more}:", tuple(quotes[:_MOST]))


def _spans_of(document: Document, wanted: _Wanted) -> list[Span]:
    """Return the sentences that name what is wanted, with the one before where one cannot be understood without it."""
    headings = {section.start for section in document.sections if section.kind == "heading"}
    found: list[Span] = []
    before = (0, 0)
    for span in sentence_spans(document.text):
        text = document.text[slice(*span)]
        if span[0] in headings or text == document.title or len(text.split()) < _FEWEST_WORDS:
            continue
        above = heading_path(document.sections, span[0], document.title)
        if wanted.pattern.search(text) or any(map(wanted.headings.fullmatch, above)):
            follows = before[1] > 0 and "\n" not in document.text[before[1] : span[0]]
            start = before[0] if follows and leans(text) else span[0]
            if found and start < found[-1][1]:
                start = found.pop()[0]
            found.append(without_marker(document.text, (start, span[1])))
        before = span
    return found
