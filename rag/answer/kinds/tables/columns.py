"""Choose the column of a table whose numbers a question means, and tell the currency of a column."""

import re
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from index.text.terms import terms
from rag.answer.kinds.tables.rows import Row, Table
from rag.answer.kinds.tables.values import ColumnValues, read_values
from rag.question.calculation import Calculation, Hint, noun_terms, per_terms

PEOPLE = frozenset(
    terms(
        "name employee person people member customer client player student staff driver colleague guest tenant "
        "supplier author"
    )
)
"""What rows of people are called, and the columns that name them."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_IN_BRACKETS = re.compile(r"\s*[(\[].*?[)\]]")
_MONEY = frozenset(
    terms("price cost costs fee charge amount total rate rent pay salary wage value expense sum budget fare")
)
_MONEY_WORDS = frozenset(
    terms("spend spent spending pay pays paid cost price priced expensive expense cheap cheaper cheapest amount")
)
_MONEY_UNIT = re.compile(r"[$£€¥₹]|\b(?:EUR|GBP|USD|CHF|SEK|NOK|DKK|PLN)\b")
_CURRENCIES = (
    frozenset({"euro", "euros", "eur", "€"}),
    frozenset({"pound", "pounds", "gbp", "£"}),
    frozenset({"dollar", "dollars", "usd", "$"}),
    frozenset({"franc", "francs", "chf"}),
)
_OF_HINT: dict[Hint, frozenset[str]] = {
    "time": frozenset(terms("time date day departure arrival")),
    "weight": frozenset(terms("weight")),
    "length": frozenset(terms("length duration time")),
}
_SIZE = frozenset(terms("size area capacity seats people persons population volume surface width height length places"))
_FROM = re.compile(r"\bfrom (?P<place>.+?)(?= (?:to|on|in|at|for|after|before|back)\b|$)", re.IGNORECASE)
_SERIAL = re.compile(r"(?:.*[\W_])?(?:no|nr|id|code|number|#|art|ref|zip|postcode|phone|year)\.?", re.IGNORECASE)


def column_terms(column: str) -> frozenset[str]:
    """Return the terms of a column's name, without its unit."""
    return frozenset(terms(_IN_BRACKETS.sub("", column)))


def column_values(table: Table, column: str) -> ColumnValues | None:
    """Read the values of a column; None where it holds words."""
    return read_values([row.cells.get(column, "") for row in table.rows])


def measured_column(asked: Calculation, table: Table, rows: Collection[Row]) -> str:
    """Return the column whose numbers ``asked`` means, with one in some of ``rows``; empty where that is not clear.

    Where it speaks of money, weight, length or time only such columns count. Of several the one that it names is meant,
    else the one of totals, else the only one of money.
    """
    words = (frozenset(terms(asked.words)) | noun_terms(asked)) - per_terms(asked)
    usable = [column for column in table.columns if _is_measured(asked, table, column, rows)]
    if asked.hint in _OF_HINT:
        usable = [c for c in usable if column_terms(c) & _OF_HINT[asked.hint] or _is_of_time(table, c)]
    elif asked.hint == "clock":
        return _departing(asked, [column for column in usable if _is_of_time(table, column)])
    elif asked.hint == "size":
        named_ones = words - frozenset(terms(asked.wanted))
        of_size = [c for c in usable if column_terms(c) & _SIZE]
        plain = [c for c in usable if c not in money_columns(table)]
        usable = [c for c in usable if column_terms(c) & named_ones] or (usable if words & _MONEY else of_size or plain)
    elif asked.hint == "money":
        usable = [column for column in usable if column in money_columns(table)]
    named = max((len(column_terms(column) & words) for column in usable), default=0)
    usable = [column for column in usable if len(column_terms(column) & words) == named]
    if not named and len(usable) > 1:
        usable = [column for column in usable if column in money_columns(table)]
    totals = [column for column in usable if "total" in column_terms(column)]
    only = totals if len(totals) == 1 else usable
    return only[0] if len(only) == 1 else ""


def years_in(table: Table, column: str) -> tuple[Decimal | None, ...]:
    """Return the year of each row in a column of years or dates, None where a cell is empty; empty for all others."""
    values = column_values(table, column)
    if values is None or values.kind == "time":
        return ()
    if values.kind == "date":
        return tuple(n if n is None else Decimal(date.fromordinal(int(n)).year) for n in values.numbers)
    held = [n for n in values.numbers if n is not None]
    return values.numbers if all(_FIRST_YEAR <= n <= _LAST_YEAR and n == int(n) for n in held) else ()


def money_columns(table: Table) -> tuple[str, ...]:
    """Return the columns of ``table`` that hold sums of money, by their currency or their name."""
    found = ((c, column_values(table, c)) for c in table.columns if not _is_serial(c))
    return tuple(
        column
        for column, values in found
        if values is not None
        and values.kind == "number"
        and (_MONEY_UNIT.search(f"{column} {values.unit}") or column_terms(column) & _MONEY)
    )


def money_words(words: Collection[str], table: Table) -> frozenset[str]:
    """Return those of ``words`` that mean the money of ``table``: "spent", "price", or its currency."""
    columns = money_columns(table)
    if not columns:
        return frozenset()
    meant = [name for name in frozenset().union(*_CURRENCIES) if any(is_in_unit(name, table, c) for c in columns)]
    return frozenset(words) & (_MONEY_WORDS | frozenset(terms(" ".join(meant))))


def is_in_unit(unit: str, table: Table, column: str) -> bool:
    """Tell whether a column is in ``unit``, a currency as people write it; True where the unit is empty."""
    values = column_values(table, column)
    written = f"{column} {values.unit if values else ''}"
    held = frozenset(found.casefold() for found in _MONEY_UNIT.findall(written))
    return not unit or any(unit.casefold() in names and names & held for names in _CURRENCIES)


def _is_measured(asked: Calculation, table: Table, column: str, rows: Collection[Row]) -> bool:
    if _is_serial(column) or not any(column in row.cells for row in rows):
        return False
    values = column_values(table, column)
    ranked = asked.operation in ("highest", "lowest") and asked.hint in ("", "time", "clock")
    return values is not None and (values.kind == "number" or (ranked and not asked.grouped))


def _is_of_time(table: Table, column: str) -> bool:
    values = column_values(table, column)
    return values is not None and values.kind != "number"


def _departing(asked: Calculation, columns: Sequence[str]) -> str:
    """Return the column of the place that a departure is asked "from", else the one named, else the first."""
    place = _FROM.search(asked.words)
    for wanted in (frozenset(terms(place["place"] if place else "")), frozenset(terms(asked.words))):
        named = [column for column in columns if column_terms(column) and column_terms(column) <= wanted]
        if named:
            return named[0]
    return columns[0] if columns and not place else ""


def _is_serial(column: str) -> bool:
    return _SERIAL.fullmatch(_IN_BRACKETS.sub("", column).strip()) is not None
