"""Dates as files write them, to ISO 8601, and back to words."""

import re
from calendar import monthrange
from datetime import date

from index.text.month_names import MONTH_PATTERN, month_number

_MONTH = rf"(?P<month>{MONTH_PATTERN})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"

_WRITTEN = tuple(
    re.compile(rf"(?<!\w){pattern}(?!\d)", re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_DAY}\s+{_MONTH},?\s+{_YEAR}",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
    )
)
_PARTS = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[T ].*)?)?)?", re.ASCII)
_SLASHED = re.compile(r"(?<!\w)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")


def iso_date(text: str) -> str | None:
    """The date in a short text as YYYY-MM-DD; None where there is none, or more than one way to read it.

    Understands ISO dates, English month names, "12.02.2025", and slashes only where one number is above 12.
    """
    found = {day for day in (_date(text, pattern) for pattern in _WRITTEN) if day}
    slashed = _SLASHED.search(text)
    if slashed:
        first, second, year = map(int, slashed.groups())
        found |= {day for day in (_valid(year, first, second), _valid(year, second, first)) if day}
    return found.pop() if len(found) == 1 else None


def parse_date_range(iso: str) -> tuple[date, date] | None:
    """First and last day of ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, a time of day after it being left out.

    None for anything else.
    """
    match = _PARTS.fullmatch(iso.strip())
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.group("year", "month", "day"))
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return first, first
    last_month = month or 12
    return first, date(first.year, last_month, monthrange(first.year, last_month)[1])


def spoken(day: date) -> str:
    """A day as people write it: ``"12 February 2025"``."""
    return f"{day.day} {day:%B} {day.year}"


def _date(text: str, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(text)
    if match is None:
        return None
    return _valid(int(match["year"]), month_number(match["month"]), int(match["day"]))


def _valid(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
