"""Read the cells of a column as numbers of one unit, as times of day or as dates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from index.text.dates import iso_date

ValueKind = Literal["number", "time", "date"]

_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)")
_NUMBER = re.compile(
    r"(?P<before>(?:[A-Z]{0,3}[$£€¥₹]|[A-Z]{3})?)\s?(?P<sign>[-–−+]?)"
    r"(?P<number>\d+(?:[.,'’ \u00a0]\d+)*)\s?(?P<after>\D{0,20})"
)
_MINUS = ("-", "–", "−")
_SPACES = re.compile(r"['’ \u00a0]")
_COMMA_DECIMAL = re.compile(r"\d,\d{1,2}$")
_POINT_DECIMAL = re.compile(r"\d\.\d{1,2}$")
_THREE_AFTER = re.compile(r"\d{1,3}([.,])\d{3}$")
_LEAST_READABLE = 0.5  # share of the filled cells of a column that must be numbers


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """The value of each row in a column, None where a cell is empty or cannot be read, and the unit of all."""

    numbers: tuple[Decimal | None, ...]
    kind: ValueKind
    unit: str = ""


def read_values(cells: Sequence[str]) -> ColumnValues | None:
    """Read ``cells``, one for each row; None where most are words, or where units differ.

    Times are minutes of the day, dates are days. "1,200" and "1.200" are read by how the column writes decimals.

    >>> read_values(["£1,200", "£38.50", ""])
    ColumnValues(numbers=(Decimal('1200'), Decimal('38.50'), None), kind='number', unit='£')
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return None
    if all(_TIME.fullmatch(cell) for cell in filled):
        return ColumnValues(tuple(map(_minutes, cells)), "time")
    if all(iso_date(cell) for cell in filled):
        return ColumnValues(tuple(map(_days, cells)), "date")
    found = [_NUMBER.fullmatch(cell.strip()) for cell in cells]
    units = {(match["before"] + match["after"]).strip() for match in found if match}
    if len(units) != 1 or sum(match is not None for match in found) < _LEAST_READABLE * len(filled):
        return None
    written = [_SPACES.sub("", match["number"]) if match else "" for match in found]
    comma = any(map(_COMMA_DECIMAL.search, written)) and not any(map(_POINT_DECIMAL.search, written))
    numbers = [_number(text, comma=comma) if text else None for text in written]
    signed = (
        -n if n is not None and m and m["sign"] in ("-", "–", "−") else n for n, m in zip(numbers, found, strict=True)
    )
    return ColumnValues(tuple(signed), "number", units.pop())


def _number(text: str, *, comma: bool) -> Decimal:
    """Read digits with marks; ``comma`` where the column writes decimals with one."""
    marks = {mark for mark in ".," if mark in text}
    if len(marks) == 2:  # noqa: PLR2004
        last = max(text.rfind("."), text.rfind(","))
        return Decimal(re.sub(r"[.,]", "", text[:last]) + "." + text[last + 1 :])
    mark = marks.pop() if marks else ""
    grouping = "." if comma else ","
    if not mark or text.count(mark) > 1 or (mark == grouping and _THREE_AFTER.fullmatch(text)):
        return Decimal(text.replace(mark, "") if mark else text)
    return Decimal(text.replace(",", "."))


def _minutes(cell: str) -> Decimal | None:
    found = _TIME.fullmatch(cell.strip())
    return Decimal(60 * int(found["hour"]) + int(found["minute"])) if found else None


def _days(cell: str) -> Decimal | None:
    found = iso_date(cell)
    return Decimal(date.fromisoformat(found).toordinal()) if found else None
