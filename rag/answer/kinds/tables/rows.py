"""Read back the tables of a document, whose rows are stored as ``column: value; column: value`` below ``a | b``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.schema import Document

MOST_CHARACTERS = 2_000_000  # of a document whose tables are read while somebody waits
_TOTAL = re.compile(
    r"(?:(?:grand |sub)?-?totals?|sum|gesamt(?:summe)?|summe|total général|suma|totale)(?: .{1,30})?\W*", re.IGNORECASE
)
_HEAD_MARK, _CELL_MARK = " | ", "; "


@dataclass(frozen=True, slots=True)
class Row:
    """A row at its document offsets, with its cells that are not empty by the name of their column."""

    start: int
    end: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with named columns; ``start`` is the offset of the line that names them."""

    start: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def find_tables(document: Document) -> tuple[Table, ...]:
    """Return the tables of ``document`` whose columns are named, in order, without their rows of totals.

    >>> text = "Town | People\\nTown: Ayr; People: 46,000\\nTown: Oban; People: 8,000"
    >>> [dict(row.cells) for row in find_tables(Document("d", "", "", text))[0].rows]
    [{'Town': 'Ayr', 'People': '46,000'}, {'Town': 'Oban', 'People': '8,000'}]
    """
    found: list[Table] = []
    start = 0
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    for line in re.finditer(r"[^\n]+", document.text):
        if cells := _cells(line.group(), columns):
            if not _is_total(cells):
                rows.append(Row(*line.span(), cells))
            continue
        if rows:
            found.append(Table(start, columns, tuple(rows)))
        named = tuple(line.group().split(_HEAD_MARK)) if _HEAD_MARK in line.group() else ()
        start, columns, rows = line.start(), named, []
    return (*found, Table(start, columns, tuple(rows))) if rows else tuple(found)


def _is_total(cells: Mapping[str, str]) -> bool:
    """Tell whether a row adds up those above it, so that it is none of what is counted and added up."""
    return len(cells) > 1 and _TOTAL.fullmatch(next(iter(cells.values())).strip()) is not None


def _cells(line: str, columns: Sequence[str]) -> dict[str, str]:
    """Return the cells of a row; none where ``line`` does not begin with the name of one of ``columns``."""
    cells: dict[str, str] = {}
    name = ""
    left = list(columns)
    for part in line.split(_CELL_MARK) if columns else ():
        new = next((column for column in left if part.startswith(f"{column}: ")), None)
        if new is not None:
            left = left[left.index(new) + 1 :]
            name, cells[new] = new, part[len(new) + 2 :]
        elif not name:
            return {}
        else:
            cells[name] += _CELL_MARK + part  # a value that holds the mark itself
    return cells
