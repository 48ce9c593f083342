"""Compare the days, months and years that a question names with those of a sentence."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.month_names import MONTH_PATTERN, WEEKDAYS, month_number
from rag.reading.preferences.identified import is_row

# "may" and "march" are verbs and "sun" shines: they name a month only beside a number.
_MONTH = rf"(?P<month>{MONTH_PATTERN})\b\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:1[5-9]|20)\d\d)"
_FORMS = tuple(
    re.compile(rf"(?<![\w.:/-]){form}(?![\w%]|[:/-]\d)", re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)",
        rf"{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?",
        rf"{_MONTH} {_DAY}(?:,? {_YEAR})?",
        rf"{_MONTH},? {_YEAR}",
    )
)
_MERE_YEAR = re.compile(
    rf"\b(?:in|of|for|since|during|by|year|from|until|till) {_YEAR}(?!\w|[.,:/-]\d|%)", re.IGNORECASE
)
_ANY_YEAR = re.compile(rf"(?<![\w.,:/-]){_YEAR}(?!\w|[.,:]\d|%)")
_WEEKDAY = re.compile(rf"\b(?P<day>{'|'.join(day[:3] for day in WEEKDAYS)})(?:[a-z]*day)?s?\b", re.IGNORECASE)
_ASKED_WEEKDAY = re.compile(rf"\b(?P<day>{'|'.join(WEEKDAYS)})s?\b", re.IGNORECASE)
# What may hold the day that is asked for without naming it.
_SPANS = re.compile(
    r"\b(?:to|until|till|through|between|from|since|before|after|by|every|each|all|any|daily|always|weekdays?|"
    r"weekends?|working days?|bank holidays?|week|month|annual(?:ly)?|year round|except|other)\b|\d ?[–-] ?\d|"
    r"[a-z.] ?[–-] ?[A-Z0-9]",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\d[a-z]* (?:to|until|till|and) |[a-z]\.? (?:to|until|till|and) \d|\w ?[–-] ?\d")
_ENDS = 2  # of a span


@dataclass(frozen=True, slots=True)
class _Day:
    """A day, or the month or year of one; 0 for what is not named."""

    year: int
    month: int
    day: int

    def allows(self, other: "_Day") -> bool:
        """Tell whether both may be the same time: nothing that both name differs."""
        pairs = ((self.year, other.year), (self.month, other.month), (self.day, other.day))
        return all(not one or not two or one == two for one, two in pairs)

    def is_as_exact_as(self, other: "_Day") -> bool:
        """Tell whether it names the day, the month or the year where ``other`` does."""
        return bool((self.day and other.day) or (not other.day and self.month and other.month)) or bool(
            not other.month and self.year and other.year
        )


@dataclass(frozen=True, slots=True)
class _Times:
    """The ``days`` and months named in a text, in their order, and the ``years`` that are named alone."""

    days: tuple[_Day, ...]
    years: tuple[_Day, ...]


def is_of_another_time(question: str, text: str, above: Sequence[str]) -> bool:
    """Tell whether ``text`` names times, and none of them, nor one ``above`` it, is that of ``question``.

    Spans of time ("from May to July") hold the days between; a text with a vaguer one ("every day", "except") may hold
    any day, and is never of another time.
    """
    asked = _times(question)
    dates = asked.days or tuple(_Day(int(match["year"]), 0, 0) for match in _MERE_YEAR.finditer(question))
    if dates:
        told = _times(text)
        if (outside := _is_outside(asked.days, told.days, text)) is not None:
            return outside
    spans = _SPANS.search(text) is not None
    if dates and (not spans or is_row(text)) and _is_of_another_date(dates, told, above):
        return True
    return not spans and _is_of_another_weekday(question, text, above)


def _is_outside(asked: Sequence[_Day], told: Sequence[_Day], text: str) -> bool | None:
    """Tell whether the days ``asked`` lie outside the one span of ``text``; None where it tells no such span."""
    if not asked or len(told) != _ENDS or not _JOINED.search(text):
        return None
    if not all(one.month and one.day and not one.year for one in (*asked, *told)):
        return None
    first, last = ((one.month, one.day) for one in told)
    days = [(one.month, one.day) for one in asked]
    return all(not (first <= day <= last if first <= last else day >= first or day <= last) for day in days)


def _is_of_another_date(asked: Sequence[_Day], told: _Times, above: Sequence[str]) -> bool:
    named = (*told.days, *told.years)
    around = [day for times in map(_times, above) for day in (*times.days, *times.years)]
    return any(
        any(day.is_as_exact_as(one) for day in named) and not any(day.allows(one) for day in (*named, *around))
        for one in asked
    )


def _is_of_another_weekday(question: str, text: str, above: Sequence[str]) -> bool:
    asked = {match["day"][:3].casefold() for match in _ASKED_WEEKDAY.finditer(question)}
    told = {match["day"][:3].casefold() for match in _WEEKDAY.finditer(text)} - {"sun", "sat", "wed"}
    told |= {match["day"][:3].casefold() for match in _ASKED_WEEKDAY.finditer(text)}
    around = {match["day"][:3].casefold() for label in above for match in _ASKED_WEEKDAY.finditer(label)}
    return bool(asked and told) and not asked & (told | around)


def _times(text: str) -> _Times:
    found: list[tuple[int, _Day]] = []
    for form in _FORMS:
        for match in form.finditer(text):
            named = match.groupdict()
            day = _Day(int(named["year"] or 0), month_number(named["month"]), int(named.get("day") or 0))
            found.append((match.start(), day))
            text = text[: match.start()] + " " * len(match.group()) + text[match.end() :]
    days = (day for _, day in sorted(found, key=lambda one: one[0]))
    return _Times(tuple(days), tuple(_Day(int(match["year"]), 0, 0) for match in _ANY_YEAR.finditer(text)))
