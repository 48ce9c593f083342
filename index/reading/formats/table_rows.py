"""Write the rows of a table as lines that can be cited: ``column: value; column: value``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import Block
from index.reading.formats.table_names import join_names, name_columns
from index.text.normalize import one_line

MAX_CELLS = 3_000_000  # of one file
_AMOUNT = re.compile(r"[\d.,\s]+")  # what is left of "24 kW" without it is the unit
_YEAR = re.compile(r"(?:19|20)\d\d")
_ROWS_LOOKED_AT = 40  # to tell what kind of table it is
_ROWS_OF_A_DOUBLE_HEADING = 3  # two of names and one of values at least
_ROWS_OF_A_FORM = 3
_PAIR = 2
_ROWS_BELOW_MEASURES = 2
_MEASURE = re.compile(r"[<>≤≥]?\s?\d[\d.,]*(?:\s?[–-]\s?\d[\d.,]*)?\+?\s?[^\W\d_]+(?: [^\W\d_]+)?")  # "2 hours"
MAX_WORDS_IN_COLUMN_NAME = 8  # in a cell that names a column


def rows_to_blocks(rows: Iterable[Sequence[str]]) -> Iterator[Block]:
    """Make a line of each row. Empty cells and rows are left out.

    Cells that are merged come with the words in each of the places they cover. Rows of one value above the table are
    its title. If the row after them names the columns, or two rows do, they become ``a | b`` and each value stands
    after its column's name; in a form of two columns each value stands after the label beside it; else the cells of a
    row are joined by `` | ``.
    """
    return (block for _, block in numbered_rows(rows))


def numbered_rows(rows: Iterable[Sequence[str]], *, headed: bool = True) -> Iterator[tuple[int, Block]]:
    """Make a line of each row as ``rows_to_blocks`` does, with the number of its row, counted from 0.

    With ``headed`` false, no row names the columns.
    """
    given = ((n, cells) for n, cells in enumerate([one_line(cell) for cell in row] for row in rows) if any(cells))
    first = list(islice(given, _ROWS_LOOKED_AT))
    while first and _one_value(first[0][1]):
        number, cells = first.pop(0)
        yield number, Block(_one_value(cells))  # a title or a note above the table
        first += islice(given, 1)
    looked_at = [cells for _, cells in first]
    if _is_form(looked_at):
        yield from ((number, Block(_labelled(cells))) for number, cells in chain(first, given))
        return
    names = _column_names(looked_at) if headed else []
    rows_below: Iterator[tuple[int, list[str]]] = chain(first[heading_rows(looked_at) if names else 0 :], given)
    if (pair := name_columns(names)) is not None:
        names = join_names(names, *pair, " and ")
        rows_below = ((n, join_names(cells, *pair, " ")) for n, cells in rows_below)
    if names:
        yield first[0][0], Block(" | ".join(filter(None, names)))
    for number, cells in rows_below:
        alone = _one_value(cells)
        line = alone if alone and len(cells) > 1 else format_row(names, cells) if names else _joined(cells)
        yield number, Block(line)


def heading_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return how many of the first rows name the columns: none, one or two."""
    return 0 if not _column_names(rows) else 1 if is_header_row(rows[0]) or _names_measures(rows) else 2


def _one_value(cells: Sequence[str]) -> str:
    """Return the words that a row holds in all of its cells that are not empty; empty where these differ."""
    held = set(filter(None, cells))
    return held.pop() if len(held) == 1 else ""


def _joined(cells: Sequence[str]) -> str:
    return " | ".join(filter(None, cells))


def _column_names(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of the columns that the first row gives, or the first two together; none where none does."""
    if not rows:
        return []
    if is_header_row(rows[0]) or _names_measures(rows):
        return list(rows[0])
    if len(rows) < _ROWS_OF_A_DOUBLE_HEADING or len(rows[0]) != len(rows[1]):
        return []
    top, below = rows[0], rows[1]
    merged = any(cell and cell == following for cell, following in pairwise(top))
    names = [one if one == other else f"{one} {other}".strip() for one, other in zip(top, below, strict=True)]
    told_apart = len(set(filter(None, names))) == len(list(filter(None, names)))
    return names if merged and told_apart and not any(map(is_value, (*top, *below))) else []


def _is_form(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows are labels with what is filled in beside them, of different sorts: a name, a date, a sum."""
    pairs = [row for row in rows if sum(map(bool, row)) == _PAIR]
    if len(pairs) < _ROWS_OF_A_FORM or len(pairs) < len(rows) or any(len(row) != _PAIR for row in rows):
        return False
    labels, values = zip(*pairs, strict=True)
    if any(is_value(label) for label in labels) or len(set(labels)) < len(labels):
        return False
    if sum(label.endswith(":") for label in labels) * 2 > len(labels):
        return True
    return len({_AMOUNT.sub("", value) if is_value(value) else "words" for value in values[1:]}) > 1


def is_value(cell: str) -> bool:
    """Tell whether a cell holds a number, a sum or a date rather than a name; a year may be either."""
    return any(c.isdigit() for c in cell) and not _YEAR.fullmatch(cell) and not cell[0].isalpha()


def _labelled(cells: Sequence[str]) -> str:
    label, *rest = filter(None, cells)
    return f"{label.rstrip(':')}: {_joined(rest)}" if rest else label


def format_row(names: Sequence[str], cells: Sequence[str]) -> str:
    """Write ``column: value; …`` for the cells that are not empty."""
    named = [*names, *[""] * (len(cells) - len(names))]
    pairs = ((name, cell) for name, cell in zip(named, cells, strict=False) if cell)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)


def is_header_row(cells: Sequence[str]) -> bool:
    """Tell whether a table's first row names its columns: two short names or more, all different, none a number.

    Years that follow one another are names too: "Town | 2023 | 2024".
    """
    named = [cell for cell in cells if cell]
    years = _consecutive_years(named)
    return (
        len(named) > 1
        and len(set(named)) == len(named)
        and all(cell in years or (any(c.isalpha() for c in cell) and not cell[0].isdigit()) for cell in named)
        and all(len(cell.split()) <= MAX_WORDS_IN_COLUMN_NAME for cell in named)
    )


def _names_measures(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names columns by measures, "Bike | 2 hours | 1 day", over values of another unit."""
    first, below = rows[0], rows[1:]
    named = [cell for cell in first if cell]
    if len(below) < _ROWS_BELOW_MEASURES or len(named) < _PAIR or len(set(named)) < len(named) or not first[0]:
        return False
    measures = [n for n, cell in enumerate(first) if _MEASURE.fullmatch(cell)]
    others = [cell for n, cell in enumerate(first) if n not in measures]
    if not measures or any(is_value(cell) for cell in others):
        return False
    units = {n: _AMOUNT.sub("", first[n]) for n in measures}
    return all(
        is_value(row[n]) and _AMOUNT.sub("", row[n]) != units[n]
        for row in below
        for n in measures
        if n < len(row) and row[n]
    )


def _consecutive_years(cells: Sequence[str]) -> frozenset[str]:
    years = [int(cell) for cell in cells if _YEAR.fullmatch(cell)]
    steps = {later - earlier for earlier, later in pairwise(years)}
    return frozenset(map(str, years)) if steps in ({1}, {-1}) else frozenset()


class CellLimit:
    """Counts the cells of rows as they pass, so that no table grows beyond what memory holds."""

    def __init__(self, path: object) -> None:
        self._path, self._cells = path, 0

    def __call__(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Yield the rows. Raises UnreadableFileError after too many cells."""
        for row in rows:
            self._cells += max(len(row), 1)
            if self._cells > MAX_CELLS:
                raise UnreadableFileError(
                    f"{self._path} has more than {MAX_CELLS:,} cells. Split it, or save what matters as CSV."
                )
            yield row
