"""Tell what a question wants counted, added up or compared over the rows of a table, by rules (English)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from index.text.terms import terms

Operation = Literal["count", "sum", "average", "highest", "lowest", "rows"]
Hint = Literal["", "money", "time", "clock", "weight", "length", "size"]

_NUMBER = (
    r"(?P<money>[£$€¥])?\s?(?P<number>\d[\d,]*(?:\.\d+)?)"
    r"(?:\s?(?P<unit>%|[£$€¥]|(?:euros?|pounds?|dollars?|francs?|crowns?|eur|gbp|usd|chf)\b))?"
)
_OVER = re.compile(
    rf"\b(?:is |are |costs? |costing )?(?P<word>over|above|more than|greater than|higher than|larger than|at least|"
    rf"exceeding|longer than|dearer than)\s+{_NUMBER}",
    re.IGNORECASE,
)
_UNDER = re.compile(
    rf"\b(?:is |are |costs? |costing )?(?P<word>under|below|less than|lower than|smaller than|cheaper than|at most|"
    rf"up to|no more than|fewer than|shorter than)\s+{_NUMBER}",
    re.IGNORECASE,
)


def _year_bound(words_before: str, words_after: str) -> re.Pattern[str]:
    year = r"(?:19|20)\d\d"
    return re.compile(
        rf"\b(?P<word>{words_before})\s+(?P<number>{year})\b|\b(?:in |from )?(?P<least>{year}) (?:{words_after})\b",
        re.IGNORECASE,
    )


_SINCE = _year_bound("since|after|later than", "or (?:later|after|newer|since)|onwards?")
_BEFORE = _year_bound("before|until|earlier than", "or (?:earlier|before|older)")
_UNPAID = re.compile(r"\b(?:(?:still )?owe[sd]?|owing|unpaid|outstanding|in arrears(?: with)?)\b", re.IGNORECASE)
_INCLUSIVE = frozenset({"at least", "at most", "up to", "no more than", "since"})
_NOT_A_NOUN = r"(?!(?:are|is|was|were|do|does|did|have|has|had|can|will|the|in|of|on|to|for|with|by|at|from|cost)\b)"
_MEASURE = (  # which counts no rows
    r"(?:square |cubic )?(?:kilos?|kilogram(?:me)?s?|grams?|tonnes?|kg|lit(?:re|er)s?|km|miles?|"
    r"(?:kilo|centi|milli)?met(?:re|er)s?|feet|inch(?:es)?|hours?|minutes?|seconds?|"
    r"euros?|pounds?|dollars?|crowns?|francs?|degrees?|per ?cent)\b"
)
_NOUNS = rf"(?P<noun>(?:{_NOT_A_NOUN}[a-z-]+ ?){{1,2}})"
_DEPARTURES = (
    r"(?= (?:[a-z]+ )?(?:bus(?:es)?|trains?|trams?|ferry|boats?|flights?|coach|departures?|sailings?|crossings?)\b)"
)
_OPERATIONS: tuple[tuple[Operation, str], ...] = (
    ("average", r"\b(?:on )?average(?: of)?\b|\bmean(?= of\b| [a-z]+s\b)"),
    (
        "sum",
        r"\b(?:in |the |grand )?(?:total|sum)(?: (?:of|amount|sum|number))?\b|"
        r"\b(?:altogether|combined|together|in all)\b|"
        r"\bhow much (?:did|do|does|have|has) (?=.* (?:spend|spent|pay|paid|cost)\b)",
    ),
    (
        "lowest",
        r"\b(?:the )?(?:cheapest|least expensive|lowest|smallest|shortest|lightest|earliest|oldest|minimum|min)\b|"
        rf"\b(?:the )?(?:least|fewest)\b|\bless\b(?= on\b|$)|\b(?:the )?(?:very )?first\b{_DEPARTURES}",
    ),
    (
        "highest",
        r"\b(?:the )?(?:most expensive|dearest|priciest|costliest|highest|largest|biggest|greatest|longest|heaviest|"
        r"latest|newest|most recent|maximum|max)\b|\b(?:the )?most\b|\bmore\b(?= on\b|$)|"
        rf"\b(?:the )?(?:very )?last\b{_DEPARTURES}",
    ),
    (
        "count",
        r"\b(?:how many|(?:number|count) of)(?: of the| different)?(?: (?:kinds?|types?|sorts?|models?) of)? "
        rf"(?!{_MEASURE}){_NOUNS}",
    ),
)
_COMPILED = tuple((operation, re.compile(pattern, re.IGNORECASE)) for operation, pattern in _OPERATIONS)
_LISTED = re.compile(
    r"^(?:(?:please )?(?:list|show|find|give|name)(?: me)?(?: all| every)?(?: the)? |(?:which|what) |all(?: the)? )?"
    r"(?:(?:[a-z]+ )??(?:[a-z]+ )?)??(?P<noun>(?!(?:is|was|does|has|its|this|as|us)\b)[a-z-]+s)\b(?= |$)",
    re.IGNORECASE,
)
_ASKS_NO_LIST = re.compile(
    r"(?:when|where|who|whose|whom|why|how|is|are|was|were|does|do|did|has|have|had|can|could|will|would|should|may"
    r"|must) ",
    re.IGNORECASE,
)
_WANTED = re.compile(
    rf"\b(?P<who>who)\b|\b(?:which|what) {_NOT_A_NOUN}(?P<noun>[a-z-]+)\b|\b(?:by|per|each|every) (?P<per>[a-z-]+)\b",
    re.IGNORECASE,
)
_GROUPING = re.compile(r"(?:the )?(?:most|least|fewest)|more|less", re.IGNORECASE)
_HINTS: tuple[tuple[Hint, str], ...] = (
    ("clock", rf"\b(?:first|last|earliest|latest){_DEPARTURES}"),
    (
        "money",
        r"\b(?:spen[dt]s?|spending|pa(?:y|ys|id)|costs?|costing|prices?|priced|expens\w+|cheap\w*|dearest|priciest|"
        r"costliest)\b",
    ),
    ("time", r"\b(?:earliest|latest|newest|most recent|oldest)\b"),
    ("weight", r"\b(?:heavi|light)est\b"),
    ("length", r"\b(?:long|short)est\b"),
    ("size", r"\b(?:larg|bigg|small)est\b"),
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that a question sets: over or under a ``number``, which itself counts where ``inclusive``.

    ``unit`` is a percent sign or the money that stands beside the number; empty where there is none. ``of_years`` says
    that the number is a year, as in "since 2020".
    """

    over: bool
    number: Decimal
    inclusive: bool
    unit: str = ""
    of_years: bool = False

    @property
    def text(self) -> str:
        """The bound in words: "over 700", "2020 or later"."""
        if self.of_years:
            before, after = ("after ", " or later") if self.over else ("before ", " or earlier")
            return f"{self.number:f}{after}" if self.inclusive else f"{before}{self.number:f}"
        word = ("at least" if self.inclusive else "over") if self.over else ("at most" if self.inclusive else "under")
        return f"{word} {self.number:,f}"

    def holds(self, value: Decimal) -> bool:
        """Tell whether ``value`` lies within it."""
        if value == self.number:
            return self.inclusive
        return value > self.number if self.over else value < self.number


@dataclass(frozen=True, slots=True)
class Calculation:
    """What is to be found over rows: ``words`` are the question without those of the operation.

    ``nouns`` are what it calls a row or counts, ``wanted`` what it asks for ("who", "department"), and ``grouped``
    whether the rows of each of these are to be taken together: "who spent the most". ``hint`` says what is measured.
    """

    operation: Operation
    words: str
    nouns: str = ""
    wanted: str = ""
    grouped: bool = False
    hint: Hint = ""
    limit: Limit | None = None


def parse_calculation(question: str) -> Calculation | None:
    """Return what ``question`` wants done over the rows of a table; None where nothing is counted, added or listed.

    >>> asked = parse_calculation("how many customers are in Leeds?")
    >>> asked.operation, asked.nouns, asked.words
    ('count', 'customers', 'are in Leeds')
    """
    line = _UNPAID.sub("not paid", " ".join(question.split()).rstrip(" ?.!"))
    line, limit = _without_limit(line)
    hint: Hint = next((hint for hint, words in _HINTS if re.search(words, line, re.IGNORECASE)), "")
    asked = _WANTED.search(line)
    wanted = (asked["who"] or asked["noun"] or asked["per"] or "").lower() if asked else ""
    for operation, pattern in _COMPILED:
        found = pattern.search(line)
        if found is None:
            continue
        rest = " ".join((line[: found.start()] + " " + line[found.end() :]).split())
        named = (found.groupdict().get("noun") or "").strip()
        after = re.match(r"\s*(?P<noun>[a-z-]+)", line[found.end() :], re.IGNORECASE)
        ranked = operation in ("highest", "lowest")
        nouns = named or " ".join(filter(None, (after["noun"] if after and ranked else "", wanted)))
        grouped = bool(_GROUPING.fullmatch(found.group()))
        counted = re.search(rf"\bhow many {_NOUNS}", rest, re.IGNORECASE)
        if operation == "sum" and counted:  # "how many trips were there in total"
            return Calculation(
                "count", rest.replace(counted.group(), "", 1), counted["noun"].strip(), wanted, limit=limit
            )
        return Calculation(operation, rest, nouns, wanted, grouped, hint, limit)
    listed = None if _ASKS_NO_LIST.match(line) else _LISTED.match(line)
    if listed is None and limit is None and wanted != "who":
        return None
    return Calculation("rows", line, listed["noun"] if listed else "", wanted, False, hint, limit)


def per_terms(calculation: Calculation) -> frozenset[str]:
    """Return the terms of what an average is taken over, "per trip", which names rows and no column."""
    per = re.search(rf"\b(?:per|each|every) {re.escape(calculation.wanted)}\b", calculation.words, re.IGNORECASE)
    averaged = calculation.operation == "average" and calculation.wanted
    return frozenset(terms(calculation.wanted)) if averaged and per else frozenset()


def noun_terms(calculation: Calculation) -> frozenset[str]:
    """Return the terms of what ``calculation`` calls a row."""
    return frozenset(terms(calculation.nouns))


def _without_limit(line: str) -> tuple[str, Limit | None]:
    for over, pattern in ((True, _OVER), (False, _UNDER)):
        if (found := pattern.search(line)) is not None:
            number = Decimal(found["number"].replace(",", ""))
            unit = (found["money"] or found["unit"] or "").lower()
            rest = f"{line[: found.start()]} {line[found.end() :]}"
            return " ".join(rest.split()), Limit(over, number, found["word"].lower() in _INCLUSIVE, unit)
    for over, pattern in ((True, _SINCE), (False, _BEFORE)):
        if (found := pattern.search(line)) is not None:
            rest = f"{line[: found.start()]} {line[found.end() :]}"
            inclusive = found["word"] is None or found["word"].lower() in _INCLUSIVE
            return " ".join(rest.split()), Limit(
                over, Decimal(found["number"] or found["least"]), inclusive, of_years=True
            )
    return line, None
