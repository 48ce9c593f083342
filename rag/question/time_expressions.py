"""The time that a question names: "last week", "in February 2025", "since March 2024", "the latest".

A grammar of English, narrow on purpose: what may be part of a name ("the 1966 World Cup", "Last Week Tonight", anything
in quotation marks) is not read as a time, and a date counts only after a word such as "in" or "since".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from index.text.calendar_days import shift_days
from index.text.month_names import MONTHS
from rag.question.time_points import TimePoint, find_time_points

_NEWS_NOUN = (
    r"(?:news|articles?|reports?|coverage|stor(?:y|ies)|posts?|documents?|statements?|published|dated|written"
    r"|reported)"
)
_BOUND = re.compile(r"\b(?P<bound>since|after|before|until|till|up to|prior to|as of) \Z", re.IGNORECASE)
_WITHIN = re.compile(
    rf"\b(?:in|during|throughout|on|within|{_NEWS_NOUN} (?:from|of)|published|dated|written) \Z", re.IGNORECASE
)
_LOOSELY = re.compile(rf"\b(?:in|during|throughout|on|within|over|from|{_NEWS_NOUN} (?:from|of)) \Z", re.IGNORECASE)
_FROM, _BETWEEN = re.compile(r"\bfrom \Z", re.IGNORECASE), re.compile(r"\bbetween \Z", re.IGNORECASE)
_TO, _AND = re.compile(r" (?:to|until|till|through|up to) ", re.IGNORECASE), re.compile(r" and ", re.IGNORECASE)
_STOP = re.compile(r"\s*(?:[?.,;:!]|\Z)")
_NEWEST = r"(?:latest|newest|most recent(?:ly)?)"
_LATEST = re.compile(
    rf"\b(?:(?:the )?{_NEWEST}(?: (?:news|word))? (?:on|about|from|in|with)|{_NEWEST})\b", re.IGNORECASE
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']*'(?!\w)|‘[^’]*’")
_BOUNDS = frozenset("since before after until between".split())
_MERE_YEAR = re.compile(r"(?:in|during|throughout|within) (?:(?:early|mid|late)[- ])?\d{4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """The time a question asks about: first and last day, either of which may be open, and the ``words`` that name it.

    ``question`` is the question without these words, since a text seldom dates itself. ``relative`` says that they
    count from today. ``year`` says that they are only a year ("in 2024"), which the text itself may well name.
    ``latest`` asks for the newest documents, whatever their dates.
    """

    question: str
    since: date | None = None
    until: date | None = None
    words: str = ""
    relative: bool = False
    year: bool = False
    latest: bool = False

    @property
    def bounded(self) -> bool:
        """Whether a time is named at all."""
        return self.since is not None or self.until is not None


def parse_period(question: str, today: date) -> Period:
    """Return the time that ``question`` names, counted from ``today``; an unbounded one where it names none.

    Of several, the one that counts from today is meant ("What was said yesterday about the plans of May 2024?"). Where
    that does not decide it, the question names none.

    >>> period = parse_period("What did Varga say in February 2025?", today=date(2025, 6, 1))
    >>> period.since, period.until, period.question
    (datetime.date(2025, 2, 1), datetime.date(2025, 2, 28), 'What did Varga say?')
    """
    text = _QUOTED.sub(lambda match: "\0" * len(match.group()), question)
    found = _LATEST.search(text)
    latest = found is not None
    named = _find_periods(text, find_time_points(text, today))
    relative = [period for period in named if period[2].relative]
    chosen = relative if len(relative) == 1 else named
    if len(chosen) != 1:
        return Period(_cut_out(question, *found.span()) if found else question, latest=latest)
    start, end, period = chosen[0]
    words = question[start:end]
    year = _MERE_YEAR.fullmatch(words) is not None
    return replace(period, question=_cut_out(question, start, end), words=words, year=year, latest=latest)


def parse_when(words: str, today: date) -> Period:
    """Return the time that documents are asked of by ``words`` such as "from march 2026" or "since last year".

    Months may be in small letters; a month without a year is the last one before ``today``. The period's ``words``
    complete "dated".

    >>> parse_when("from may 2024", date(2025, 6, 1)).words
    'in May 2024'
    """
    preposition, _, time = words.partition(" ")
    bound = preposition.lower() if preposition.lower() in _BOUNDS else "in"
    time = " ".join(word.capitalize() if word.capitalize() in MONTHS else word for word in time.split())
    period = parse_period(f"articles published {bound} {time}", today)
    if not period.bounded and time in MONTHS:
        year = today.year - (MONTHS.index(time) + 1 > today.month)
        return parse_when(f"{bound} {time} {year}", today)
    return replace(period, words=time if period.relative and bound == "in" else f"{bound} {time}")


_FoundPeriod = tuple[int, int, Period]


def _find_periods(text: str, found: Sequence[TimePoint]) -> list[_FoundPeriod]:
    """Return every period with the place of its words; two points joined by "and" or "to" make one."""
    read: list[_FoundPeriod] = []
    joined: set[TimePoint] = set()
    for one, other in pairwise(found):
        if (start := _range_start(text, one, other)) is not None:
            joined |= {one, other}
            first = _borrow_year(one, other)
            if first <= other.last:
                read.append((start, other.end, Period("", first, other.last, relative=one.relative or other.relative)))
    alone = (_single_period(text, point) for point in found if point not in joined)
    return [*read, *filter(None, alone)]


def _range_start(text: str, one: TimePoint, other: TimePoint) -> int | None:
    """Return where the "from …" or "between …" begins that joins these two points; None where nothing joins them."""
    before, middle = text[: one.start], text[one.end : other.start]
    for opening, link in ((_FROM, _TO), (_BETWEEN, _AND)):
        if link.fullmatch(middle) and (match := opening.search(before)):
            return match.start()
    return None


def _borrow_year(one: TimePoint, other: TimePoint) -> date:
    """Return the first day of ``one``, which takes the year of ``other`` where it names none."""
    if one.dated:
        return one.first
    # A year may have no 29 February; the 28th stands in for it.
    day = 28 if (one.first.month, one.first.day) == (2, 29) else one.first.day
    this = one.first.replace(year=other.first.year, day=day)
    return this if this <= other.last else this.replace(year=max(1, this.year - 1))


def _single_period(text: str, point: TimePoint) -> _FoundPeriod | None:
    before = text[: point.start]
    bound = _BOUND.search(before)
    if bound:
        # "after May resigned" names a person.
        if point.mere and not point.dated and not _STOP.match(text, point.end):
            return None
        since, until = _open_range(bound["bound"].lower(), point)
        return bound.start(), point.end, Period("", since, until, relative=point.relative)
    # "in last year's budget" keeps its "in", which belongs to the budget.
    owning = text[point.start : point.end].endswith("s") and text[point.end - 2] in "'’"
    within = None if owning else (_LOOSELY if point.relative else _WITHIN).search(before)
    if within is None and not point.relative:
        return None
    start = within.start() if within else point.start
    return start, point.end, Period("", point.first, point.last, relative=point.relative)


def _open_range(bound: str, point: TimePoint) -> tuple[date | None, date | None]:
    match bound:
        case "since":
            return point.first, None
        case "after":
            return shift_days(point.last, 1), None
        case "before" | "prior to":
            return None, shift_days(point.first, -1)
        case _:
            return None, point.last


def _cut_out(question: str, start: int, end: int) -> str:
    before, after = question[:start].rstrip(" ,"), question[end:].lstrip(" ,")
    gap = "" if not before or after[:1] in {"", "?", ".", "!", ";", ":"} else " "
    rest = before + gap + after
    return rest if any(c.isalnum() for c in rest) else question
