"""Write the rows of a table as lines that can be cited: ``column: value; column: value``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import Block
from index.text.normalize import one_line

MAX_CELLS = 3_000_000  # of one file
_YEAR = re.compile(r"(?:19|20)\d\d")
MAX_WORDS_IN_COLUMN_NAME = 8  # in a cell that names a column


def rows_to_blocks(rows: Iterable[Sequence[str]]) -> Iterator[Block]:
    """Make a line of each row. Empty cells and rows are left out.

    Rows of one cell above the table are its title.
    If the row after them names the columns, it becomes ``a | b`` and each value stands after its column's name;
    else the cells of a row are joined by `` | ``.
    """
    names: list[str] | None = None
    seen = False
    for row in rows:
        cells = [one_line(cell) for cell in row]
        if not any(cells):
            continue
        if not seen and sum(map(bool, cells)) == 1:
            yield Block("".join(cells))  # a title or a note above the table
        elif not seen:
            seen = True
            names = cells if is_header_row(cells) else None
            yield Block(" | ".join(filter(None, cells)))
        elif names is None:
            yield Block(" | ".join(filter(None, cells)))
        else:
            yield Block(format_row(names, cells))


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
