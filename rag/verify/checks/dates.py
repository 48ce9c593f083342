"""Find the dates in a text, and check that those of a claim are in the cited sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from index.text.dates import parse_date_range
from index.text.month_names import MONTH_PATTERN, MONTHS, WEEKDAYS, month_number
from rag.speech.word_classes import DAY_WORDS
from rag.verify.checks.amounts import find_amounts
from rag.verify.checks.base import CitedText, Finding

_WEEKDAYS = tuple(map(str.casefold, WEEKDAYS))
_MONTH = rf"(?P<month>{MONTH_PATTERN})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1[0-9]\d\d|20\d\d)(?![\d,.]*\d)"
_PATTERNS = tuple(
    re.compile(rf"(?<![\w$£€.,/-]){pattern}(?!\w)", flags)
    for pattern, flags in (
        (rf"{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)", re.IGNORECASE),
        (rf"{_MONTH}\s+{_DAY}(?:\s*,)?\s+{_YEAR}", re.IGNORECASE),
        (rf"{_DAY}\s+(?:of\s+)?{_MONTH}(?:\s*,)?\s+{_YEAR}", re.IGNORECASE),
        (rf"(?P<day>\d{{1,2}})[./](?P<month>\d{{1,2}})[./]{_YEAR}", re.IGNORECASE),
        (rf"{_MONTH}(?:\s*,)?\s+(?:of\s+)?{_YEAR}", 0),
        (rf"{_MONTH}\s+{_DAY}(?!\s*(?:%|per|million|billion|people))", 0),
        (rf"{_DAY}\s+(?:of\s+)?{_MONTH}", 0),
        (rf"(?:(?<=[Ii]n )|(?<=of )|(?<=by )|(?<=since )|(?<=until )|(?<=from )|(?<=late )|(?<=early )){_MONTH}", 0),
        (rf"(?P<month>{'|'.join(month for month in MONTHS if month not in {'March', 'May'})})", 0),
        (
            rf"{_YEAR}(?!\s*(?:%|per cent|percent|people|men|women|metres|meters|miles|km|feet|dollars|pounds))",
            0,
        ),
    )
)
_WEEKDAY = re.compile(rf"\b(?P<weekday>{'|'.join(WEEKDAYS)})\b")
_RELATIVE = re.compile(r"\b(?:today|yesterday|tomorrow|tonight|" + "|".join(DAY_WORDS) + r")\b", re.IGNORECASE)
_MAX_DAYS_AWAY = 7  # a weekday in a report is one of the week around it


@dataclass(frozen=True, slots=True)
class NamedDate:
    """The parts of a date that a text names; 0 is not named. ``weekday`` counts from 1, Monday."""

    year: int
    month: int
    day: int
    start: int
    end: int
    text: str
    weekday: int = 0

    def is_confirmed_by(self, other: "NamedDate") -> bool:
        """Tell whether ``other`` names everything that this names, with the same values."""
        mine = (self.year, self.month, self.day, self.weekday)
        its = (other.year, other.month, other.day, other.weekday or _weekday_of(other))
        swapped = (other.year, other.day, other.month) if "/" in other.text or "/" in self.text else its[:3]
        return all(not a or a == b for a, b in zip(mine, its, strict=True)) or (
            not self.weekday and all(not a or a == b for a, b in zip(mine, swapped, strict=False))
        )


def find_dates(text: str) -> tuple[NamedDate, ...]:
    """Return the dates of ``text`` in order, including years and weekdays alone.

    >>> [(found.year, found.month, found.day) for found in find_dates("It opened on 12 May 2024 and closed in June.")]
    [(2024, 5, 12), (0, 6, 0)]
    """
    found: list[NamedDate] = []
    taken = [False] * len(text)
    for pattern in (*_PATTERNS, _WEEKDAY):
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            parts = match.groupdict()
            month = month_number(parts.get("month") or "")
            day, year = int(parts.get("day") or 0), int(parts.get("year") or 0)
            if month > 31 or day > 31 or (parts.get("month") and not month):  # noqa: PLR2004
                continue
            weekday = _WEEKDAYS.index(parts["weekday"].casefold()) + 1 if parts.get("weekday") else 0
            found.append(NamedDate(year, month, day, *match.span(), match.group().rstrip(".,"), weekday))
            taken[match.start() : match.end()] = [True] * len(match.group())
    return tuple(sorted(found, key=lambda one: one.start))


def blank_dates(text: str) -> str:
    """Return ``text`` with its dates blanked out, including years and weekdays; offsets are unchanged."""
    for day in find_dates(text):
        text = text[: day.start] + " " * (day.end - day.start) + text[day.end :]
    return text


def resolve_relative_dates(text: str, published: str) -> tuple[NamedDate, ...]:
    """Return the days that "yesterday" or "Monday" can be in a text published on ``published`` (ISO 8601)."""
    span = parse_date_range(published) if published else None
    if span is None or span[0] != span[1] or not _RELATIVE.search(text):
        return ()
    days: list[date] = []
    for match in _RELATIVE.finditer(text):
        low = match.group().casefold()
        near = [span[0] + timedelta(n) for n in range(-_MAX_DAYS_AWAY, _MAX_DAYS_AWAY + 1)]
        shift = {"yesterday": -1, "tomorrow": 1, "today": 0, "tonight": 0}.get(low)
        days += [d for d in near if (d - span[0]).days == shift or (shift is None and _WEEKDAYS[d.weekday()] == low)]
    return tuple(NamedDate(d.year, d.month, d.day, 0, 0, d.isoformat(), d.weekday() + 1) for d in days)


def _weekday_of(day: NamedDate) -> int:
    try:
        return date(day.year, day.month, day.day).weekday() + 1
    except ValueError:
        return 0


def date_findings(claim: str, source: CitedText) -> Iterator[Finding]:
    """Yield the dates that the cited sentences do not give.

    A year alone is given by a full date. A year beside a day that the sentence leaves without one may be the year of
    publication.
    """
    held = [*find_dates(source.text), *resolve_relative_dates(source.text, source.day)]
    years = {day.year for day in held if day.year}
    known = years or {day.year for day in find_dates(f"{source.title} {source.day}") if day.year}
    counted = {amount.value for amount in find_amounts(source.text)}
    for said in find_dates(claim):
        if not said.month and said.year in counted:
            continue
        if _is_given(said, held, known):
            continue
        rivals = [day for day in held if day.start or day.end if _names_the_same_parts(said, day)]
        if rivals:
            yield Finding("date", "wrong", f"the source says {rivals[0].text}, not {said.text}")
        else:
            near = any(said.is_confirmed_by(day) for day in find_dates(f"{source.title} {source.around} {source.day}"))
            yield Finding("date", "missing", _missing_reason(said, near=near))


def _is_given(said: NamedDate, held: Sequence[NamedDate], known: set[int]) -> bool:
    if any(said.is_confirmed_by(day) for day in held):
        return True
    without_year = replace(said, year=0)
    if said.year in known and any(without_year.is_confirmed_by(day) and not day.year for day in held if said.month):
        return True
    return said.year in known and not said.month and not said.weekday and not any(day.year for day in held)


def _names_the_same_parts(said: NamedDate, other: NamedDate) -> bool:
    """Tell whether ``other`` names at least the parts that ``said`` names, so that one stands in the other's place."""
    return all(
        bool(a) <= bool(b) for a, b in ((said.year, other.year), (said.month, other.month), (said.day, other.day))
    ) and bool(said.weekday) == bool(other.weekday)


def _missing_reason(said: NamedDate, *, near: bool) -> str:
    return f"“{said.text}” stands near by, not in the cited sentence" if near else f"no cited sentence says {said.text}"
