"""Select the rows of a table that a question speaks of; only where every word of it is met.

A word is met by the table's name, by a column, by a cell, which then selects rows, or names what a row is.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from index.text.month_names import WEEKDAYS
from index.text.terms import terms
from rag.answer.kinds.tables.columns import (
    PEOPLE,
    column_terms,
    column_values,
    is_in_unit,
    measured_column,
    money_words,
    years_in,
)
from rag.answer.kinds.tables.rows import Row, Table
from rag.question.calculation import Calculation, Limit, noun_terms, per_terms

_LIGHT = frozenset(
    terms(
        "many much number total sum together row entry entries record line list show give find name all every each "
        "per please table file sheet csv spreadsheet there different kind one ones get say altogether go goes went run "
        "made make still item product sell sold offer offered available timetable which what"
    )
)
_YES, _NO = frozenset({"yes", "y", "true", "x", "✓", "✔"}), frozenset({"no", "n", "false", "", "-", "–", "—", "none"})
_DENIED = re.compile(r"\b(?:not|no|without|lacks?|lacking)\b|n['’]t\b", re.IGNORECASE)
_DAY_NAMES = tuple(day[:3].casefold() for day in WEEKDAYS)
_DAY = rf"((?:{'|'.join(_DAY_NAMES)})[a-z]*)"
_DAYS = re.compile(rf"\b{_DAY}\.?\s?(?:-|–|to)\s?{_DAY}\b", re.IGNORECASE)
_FEWEST_LETTERS = 4  # that two words share from their beginning, to be of one kind
_MOST_NAMED = 3  # values of a column that are named in a condition


@dataclass(frozen=True, slots=True)
class Selection:
    """The ``rows`` that are meant, and in words the ``conditions`` by which they were chosen.

    ``decided`` says that a column of yes and no chose them. ``compared`` is the column of which the question names
    several values: "sales or engineering". ``unmet`` is what the question calls a row, where the table does not.
    """

    rows: tuple[Row, ...]
    conditions: tuple[str, ...] = ()
    compared: str = ""
    unmet: str = ""
    decided: bool = False


def select_rows(asked: Calculation, table: Table, name: str) -> Selection | None:
    """Return the rows of ``table`` that ``asked`` is about; None where a word of it is not met.

    ``name`` is what the table is called, by its document and the headings above it.
    """
    words = frozenset(terms(asked.words)) - _LIGHT
    nouns, known = noun_terms(asked), frozenset(terms(name))
    words, nouns = words - per_terms(asked), nouns - per_terms(asked)
    of_columns = frozenset().union(*map(column_terms, table.columns))
    cells = {column: {_cell_terms(row, column) for row in table.rows} for column in table.columns}
    held = _union(cell for of_column in cells.values() for cell in of_column)
    words, nouns = (_as_in_cells(some, known | of_columns, held) for some in (words, nouns))
    by_column = _values_named((words | nouns) - known - of_columns, table, cells)
    met = frozenset().union(known, of_columns, *by_column.values())
    left = words - met
    left -= money_words(left, table)
    if by_column:
        left -= PEOPLE
    unmet = (left | nouns) - met - _LIGHT
    if left - nouns or len(unmet) > 1 or not (by_column or (words | nouns) & (known | of_columns)):
        return None
    if unmet and not (by_column or (words | nouns) & known):
        return None  # only a column shares a word: "how many days holiday" of a timetable
    selection = Selection(table.rows, unmet=asked.nouns if unmet else "")
    for column, wanted in by_column.items():
        selection = _with_values(selection, table, column, wanted)
    for column in table.columns:
        if column not in by_column and _deciding_terms(column) and _deciding_terms(column) <= words | nouns:
            selection = _with_yes(selection, table, column, wanted=_DENIED.search(asked.words) is None)
    return _within_limit(asked, table, selection) if asked.limit else selection


def _as_in_cells(words: frozenset[str], known: frozenset[str], held: frozenset[str]) -> frozenset[str]:
    """Put the word that cells ``held`` for one that begins alike: "photo" for "photography", "walker" for "walking"."""

    def written(word: str) -> str:
        if word in held or word in known:
            return word
        alike = [term for term in held if _begin_alike(word, term)]
        return alike[0] if len(alike) == 1 else word

    return frozenset(map(written, words))


def _begin_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _FEWEST_LETTERS and longer.startswith(shorter) and shorter.isalpha()


def _deciding_terms(column: str) -> frozenset[str]:
    """Return the terms that name a column of yes and no: of "fee paid" what was done is enough."""
    held = terms(column)
    return frozenset(held[-1:]) if held and held[-1].endswith("d") else column_terms(column)


def _values_named(
    words: frozenset[str], table: Table, cells: Mapping[str, Set[frozenset[str]]]
) -> dict[str, frozenset[str]]:
    """Return the words that stand in ``cells``, by column; a column of which a whole cell is named comes first."""
    left = words
    found: dict[str, frozenset[str]] = {}
    whole = {c: _union(cell for cell in held if cell and cell <= words) for c, held in cells.items()}
    for column in sorted(table.columns, key=lambda column: -len(whole[column])):
        named = whole[column] or _union(cells[column])
        if (part := named & left) and (whole[column] or not _is_numeric(table, column)):
            found[column] = part
            left -= part
    return found


def _with_values(selection: Selection, table: Table, column: str, wanted: frozenset[str]) -> Selection:
    """Keep the rows whose cell has all of ``wanted``; where none has, those that have any, to be compared."""
    rows = tuple(row for row in selection.rows if wanted <= _cell_terms(row, column))
    several = () if rows else tuple(row for row in selection.rows if wanted & _cell_terms(row, column))
    meant = rows or several or [row for row in table.rows if wanted & _cell_terms(row, column)]
    named = " or ".join(f"“{value}”" for value in list(dict.fromkeys(row.cells[column] for row in meant))[:_MOST_NAMED])
    compared = column if several else selection.compared
    conditions = (*selection.conditions, f"{column} {named}")
    return replace(selection, rows=rows or several, conditions=conditions, compared=compared)


def _with_yes(selection: Selection, table: Table, column: str, *, wanted: bool) -> Selection:
    """Keep the rows with yes in a ``column`` of yes and no, or with no where yes is not ``wanted``."""
    said = [row.cells.get(column, "").strip().casefold() for row in table.rows]
    if not set(said) <= _YES | _NO or not set(said) & _YES:
        return selection
    kept = tuple(row for row in selection.rows if (row.cells.get(column, "").strip().casefold() in _YES) is wanted)
    conditions = (*selection.conditions, f"{column} “{'yes' if wanted else 'no'}”")
    return replace(selection, rows=kept, conditions=conditions, decided=True)


def _within_limit(asked: Calculation, table: Table, selection: Selection) -> Selection | None:
    if asked.limit and asked.limit.of_years:
        return _within_years(asked, asked.limit, table, selection)
    limit, column = asked.limit, measured_column(asked, table, table.rows)
    values = column_values(table, column) if column else None
    if limit is None or values is None or values.kind != "number" or not is_in_unit(limit.unit, table, column):
        return None
    held = dict(zip(map(id, table.rows), values.numbers, strict=True))
    rows = tuple(row for row in selection.rows if (number := held[id(row)]) is not None and limit.holds(number))
    return replace(selection, rows=rows, conditions=(*selection.conditions, f"{column} {limit.text}"))


def _within_years(asked: Calculation, limit: Limit, table: Table, selection: Selection) -> Selection | None:
    """Keep the rows of the years that are asked for, by the column named or the only one of years or dates."""
    dated = [column for column in table.columns if any(years_in(table, column))]
    words = frozenset(terms(asked.words)) | noun_terms(asked)
    meant = [column for column in dated if column_terms(column) & words] or dated
    if len(meant) != 1:
        return None
    held = dict(zip(map(id, table.rows), years_in(table, meant[0]), strict=True))
    rows = tuple(row for row in selection.rows if (year := held[id(row)]) is not None and limit.holds(year))
    return replace(selection, rows=rows, conditions=(*selection.conditions, f"{meant[0]} {limit.text}"))


def _is_numeric(table: Table, column: str) -> bool:
    values = column_values(table, column)
    return values is not None and values.kind == "number"


def _cell_terms(row: Row, column: str) -> frozenset[str]:
    cell = row.cells.get(column, "")
    return frozenset(terms(cell)) | _days_in(cell)


def _days_in(cell: str) -> frozenset[str]:
    """Return the terms of the weekdays in a cell that names a range of them, such as "Mon-Fri"."""
    found: set[str] = set()
    for first, last in _DAYS.findall(cell):
        begin, end = (_DAY_NAMES.index(name[:3].casefold()) for name in (first, last))
        count = (end - begin) % len(WEEKDAYS) + 1
        found.update(WEEKDAYS[(begin + n) % len(WEEKDAYS)] for n in range(count))
    return frozenset(terms(" ".join(found)))


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
