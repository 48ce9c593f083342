"""Write the rows of a table as lines that can be cited: ``column: value; column: value``."""

from collections.abc import Iterable, Iterator, Sequence

from index.errors import UnreadableFileError
from index.reading.formats.base import Block
from index.text.normalize import one_line

MAX_CELLS = 3_000_000  # of one file
MAX_WORDS_IN_COLUMN_NAME = 8  # in a cell that names a column


def rows_to_blocks(rows: Iterable[Sequence[str]]) -> Iterator[Block]:
    """Make a line of each row. Empty cells and rows are left out.

    If the first row names the columns, it becomes ``a | b`` and each value stands after its column's name; else the
    cells of a row are joined by `` | ``.
    """
    names: list[str] | None = None
    seen = False
    for row in rows:
        cells = [one_line(cell) for cell in row]
        if not any(cells):
            continue
        if not seen:
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
    """Tell whether a table's first row names its columns: two short names or more, all different, none a number."""
    named = [cell for cell in cells if cell]
    return (
        len(named) > 1
        and len(set(named)) == len(named)
        and all(any(c.isalpha() for c in cell) and not cell[0].isdigit() for cell in named)
        and all(len(cell.split()) <= MAX_WORDS_IN_COLUMN_NAME for cell in named)
    )


class CellLimit:
    """Counts the cells of rows as they pass, so that no table grows beyond what memory holds."""

    def __init__(self, path: object) -> None:
        self._path, self._cells = path, 0

    def __call__(self, rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        """Yield the rows. Raises UnreadableFileError after too many cells."""
        for row in rows:
            self._cells += max(len(row), 1)
            if self._cells > MAX_CELLS:
                raise UnreadableFileError(
                    f"{self._path} has more than {MAX_CELLS:,} cells. Split it, or save what matters as CSV."
                )
            yield row
