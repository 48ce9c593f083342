"""Calculate with calendar days. Results stay within the years 1 to 9999: what would leave them stops at their end."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "year"]
DateRange = tuple[date, date]


def shift_days(day: date, days: int) -> date:
    """Return the day ``days`` later, or earlier if negative."""
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.min if days < 0 else date.max


def subtract_units(day: date, count: int, unit: Unit) -> date:
    """Return the day ``count`` units before ``day``; the last day of a month that is too short."""
    if unit in {"day", "week"}:
        return shift_days(day, -count * (7 if unit == "week" else 1))
    year, month = divmod(day.year * 12 + day.month - 1 - count * (12 if unit == "year" else 1), 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def unit_range(day: date, unit: Unit) -> DateRange:
    """Return the first and last day of the unit that holds ``day``; weeks begin on Monday (ISO 8601)."""
    match unit:
        case "week":
            return shift_days(day, -day.weekday()), shift_days(day, 6 - day.weekday())
        case "month":
            return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
        case "year":
            return day.replace(month=1, day=1), day.replace(month=12, day=31)
        case _:
            return day, day
