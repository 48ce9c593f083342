"""Read dates as files write them, and write them in words."""

import re
from calendar import monthrange
from datetime import date

from index.text.month_names import MONTH_PATTERN, month_number
from index.text.patterns import compile_patterns

DATE_FORMS = "YYYY, YYYY-MM or YYYY-MM-DD"  # that ``parse_date_range`` reads
_MONTH = rf"(?P<month>{MONTH_PATTERN})\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4})"

_DATE_PATTERNS = compile_patterns(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
    rf"{_DAY}\s+{_MONTH},?\s+{_YEAR}",
    r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
    before=r"(?<!\w)",
    after=r"(?!\d)",
)
_ISO_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[T ].*)?)?)?", re.ASCII)
_SLASHED_DATE = re.compile(r"(?<!\w)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")


def iso_date(text: str) -> str | None:
    """Find the date in a short text, as YYYY-MM-DD; None when there is none, or more than one way to read it.

    Understands ISO dates, English month names, "12.02.2025", and slashes only if one number is above 12.

    >>> iso_date("Published on 4 May 2021"), iso_date("3/4/2021")
    ('2021-05-04', None)
    """
    found = {day for day in (_find_date(text, pattern) for pattern in _DATE_PATTERNS) if day}
    slashed = _SLASHED_DATE.search(text)
    if slashed:
        first, second, year = map(int, slashed.groups())
        found |= {day for day in (_valid_date(year, first, second), _valid_date(year, second, first)) if day}
    return found.pop() if len(found) == 1 else None


def parse_date_range(iso: str) -> tuple[date, date] | None:
    """Return the first and last day of ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; None for anything else.

    A time of day after a date is ignored.
    """
    match = _ISO_DATE.fullmatch(iso.strip())
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


def format_date(day: date) -> str:
    """Write a day in words: ``"12 February 2025"``."""
    return f"{day.day} {day:%B} {day.year}"


def _find_date(text: str, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(text)
    if match is None:
        return None
    return _valid_date(int(match["year"]), month_number(match["month"]), int(match["day"]))


def _valid_date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
