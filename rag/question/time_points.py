"""Points of time named in an English text: "12 February 2025", "March 2024", "last week", "three days ago"."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import cast

from index.text.calendar_days import DateRange, Unit, shift_days, subtract_units, unit_range
from index.text.dates import parse_date_range
from index.text.month_names import MONTH_PATTERN, WEEKDAYS, month_number

_WEEKDAYS = tuple(map(str.casefold, WEEKDAYS))
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")

# "may" and "march" are also verbs; only with their capital they are months.
_MONTH = rf"(?=[^mM]|Mar(?:ch)?\b|May\b|MARCH\b|MAY\b)(?P<month>(?i:{MONTH_PATTERN})\b)\.?"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:1[89]|20)\d\d)(?![\w%]|[.,]\d|[-–/]\d)"
# Before a name or a counted thing the number is no year: "in 2001: A Space Odyssey", "2000 people".
_MERE_YEAR = _YEAR + (
    r"(?!:? [A-Z])(?!['’]s\b)(?! (?:words|people|men|women|children|soldiers|metres|meters|miles|km|kilomet(?:re|er)s"
    r"|hours|days|years|copies|dollars|euros|pounds|percent|per)\b)"
)
# A capitalised "Yesterday" is a title, except at the beginning of the text.
_CAPITALIZED_OPENING = re.compile(r"\A(?:Last|Past|This|Today|Yesterday)\b")
_PART_OF_TIME = r"(?:(?:early|mid|late)[- ])?"
_COUNT = rf"(?P<count>\d{{1,3}}|an?|{'|'.join(_NUMBERS)}|(?:a )?couple of)"
_UNIT = r"(?P<unit>day|week|month|year)"
# "the last week of the talks" does not count from today.
_PHRASE_END = r"(?:['’]s)?\b(?! of\b)"


@dataclass(frozen=True, slots=True)
class TimePoint:
    """A time named in ``text[start:end]``, from its ``first`` to its ``last`` day.

    ``relative`` says that it counts from today, ``dated`` that it names its year, and ``mere`` that it is only the name
    of a month or the number of a year.
    """

    start: int
    end: int
    first: date
    last: date
    relative: bool = False
    dated: bool = True
    mere: bool = False


def find_time_points(text: str, today: date) -> list[TimePoint]:
    """Return every point of time in ``text``, in order. A date without a year is the last such day up to ``today``."""
    text = _CAPITALIZED_OPENING.sub(lambda match: match.group().lower(), text)
    found: list[TimePoint] = []
    for pattern, read in _FORMS:
        for match in pattern.finditer(text):
            point = read(match, today)
            if point is not None:
                found.append(point)
                text = text[: match.start()] + "\0" * len(match.group()) + text[match.end() :]
    return sorted(found, key=lambda point: point.start)


def _read_iso(match: re.Match[str], today: date) -> TimePoint | None:
    days = parse_date_range(match.group())
    return TimePoint(*match.span(), *days) if days else None


def _read_calendar_date(match: re.Match[str], today: date) -> TimePoint | None:
    held = match.groupdict()
    year, month, day = held.get("year"), held.get("month"), held.get("day")
    span = _latest_span(year, month, day, today)
    return (
        TimePoint(*match.span(), *span, dated=year is not None, mere=not day and not (year and month)) if span else None
    )


def _latest_span(year: str | None, month: str | None, day: str | None, today: date) -> DateRange | None:
    unit: Unit = "day" if day else "month" if month else "year"
    # 29 February may be eight years back.
    for tried in [int(year)] if year else range(today.year, max(0, today.year - 9), -1):
        try:
            first = date(tried, month_number(month) if month else 1, int(day) if day else 1)
        except ValueError:
            continue
        if year or first <= today:
            return unit_range(first, unit)
    return None


def _read_today_or_yesterday(match: re.Match[str], today: date) -> TimePoint:
    day = today if match["named"] == "today" else shift_days(today, -1)
    return TimePoint(*match.span(), day, day, relative=True)


def _read_ago(match: re.Match[str], today: date) -> TimePoint:
    unit = cast(Unit, match["unit"])
    return TimePoint(
        *match.span(), *unit_range(subtract_units(today, _parse_count(match["count"]), unit), unit), relative=True
    )


def _read_last_units(match: re.Match[str], today: date) -> TimePoint:
    first = subtract_units(today, _parse_count(match["count"]), cast(Unit, match["unit"]))
    return TimePoint(*match.span(), first, today, relative=True)


def _read_unit(match: re.Match[str], today: date) -> TimePoint:
    unit = cast(Unit, match["unit"])
    begun = unit_range(today, unit)[0]
    match match["which"]:
        case "this":
            span = begun, today
        case "past":
            span = subtract_units(today, 1, unit), today
        case _:
            span = unit_range(shift_days(begun, -1), unit)
    return TimePoint(*match.span(), *span, relative=True)


def _read_last_weekday(match: re.Match[str], today: date) -> TimePoint:
    days = (today.weekday() - _WEEKDAYS.index(match["weekday"].casefold())) % 7 or 7
    day = shift_days(today, -days)
    return TimePoint(*match.span(), day, day, relative=True)


def _read_last_month(match: re.Match[str], today: date) -> TimePoint | None:
    span = _latest_span(None, match["month"], None, shift_days(today.replace(day=1), -1))
    return TimePoint(*match.span(), *span, relative=True) if span else None


def _parse_count(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if "couple" in text:
        return 2
    return _NUMBERS.index(text) + 1 if text in _NUMBERS else 1


_PointReader = Callable[[re.Match[str], date], TimePoint | None]

# Longer forms first: each blanks out what it has read.
_FORMS: tuple[tuple[re.Pattern[str], _PointReader], ...] = tuple(
    (re.compile(form), read)
    for form, read in (
        (r"(?<![\w-])\d{4}-\d\d(?:-\d\d)?(?![\w-])", _read_iso),
        (rf"\b(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?", _read_calendar_date),
        (rf"\b{_MONTH} {_DAY}(?![\w:]|\.\d)(?:,? {_YEAR})?", _read_calendar_date),
        (rf"\b{_PART_OF_TIME}{_MONTH},? (?:of )?{_YEAR}", _read_calendar_date),
        (rf"\b{_COUNT} {_UNIT}s? ago\b", _read_ago),
        (rf"\b(?:the )?(?:last|past|previous) {_COUNT} {_UNIT}s?{_PHRASE_END}", _read_last_units),
        (rf"\b(?:the )?(?P<which>last|past|previous|this) (?P<unit>week|month|year){_PHRASE_END}", _read_unit),
        (r"\blast (?P<weekday>(?i:mon|tues|wednes|thurs|fri|satur|sun)day)\b", _read_last_weekday),
        (rf"\blast {_MONTH}", _read_last_month),
        (rf"\b(?P<named>today|yesterday){_PHRASE_END}", _read_today_or_yesterday),
        (rf"\b{_PART_OF_TIME}{_MERE_YEAR}", _read_calendar_date),
        (rf"\b{_PART_OF_TIME}{_MONTH}", _read_calendar_date),
    )
)
