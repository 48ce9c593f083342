"""Write out the tables of a page: each row as text that says what its values are."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from index.reading.formats.table_rows import rows_to_blocks
from index.text.normalize import one_line

Element: TypeAlias = Any  # lxml comes without types

_MAX_SPAN = 200  # columns or rows that one cell covers
_MAX_WORDS_IN_CELL = 60  # on average; a table that holds more lays out a page
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})


def write_out_tables(tree: Element) -> None:
    """Replace the cells of each row by one that says ``column: value; …``, in every table of values of ``tree``.

    Tables that lay out a page, with tables in them or with long texts, stay as they are.
    """
    for table in list(tree.iter("table")):
        rows = list(_rows(table))
        if next(table.iterdescendants("table"), None) is None and _holds_values(rows):
            _write_out(table, rows)


def _rows(table: Element) -> Iterator[Element]:
    for child in table:
        if child.tag in _SECTIONS:
            yield from child.iterchildren("tr")
        elif child.tag == "tr":
            yield child


def _holds_values(rows: Sequence[Element]) -> bool:
    cells = [cell for row in rows for cell in _cells(row)]
    words = sum(len(cell.text_content().split()) for cell in cells)
    return len(rows) > 1 and len(cells) > len(rows) and words <= _MAX_WORDS_IN_CELL * len(cells)


def _cells(row: Element) -> list[Element]:
    return list(row.iterchildren("td", "th"))


def _write_out(table: Element, rows: Sequence[Element]) -> None:
    lines = [block.text for block in rows_to_blocks(_fill_spans(rows))]
    for row in rows[len(lines) :]:
        row.getparent().remove(row)
    for row, line in zip(rows, lines, strict=False):
        for cell in _cells(row):
            row.remove(cell)
        cell = row.makeelement("td")
        cell.text = line
        row.append(cell)


def _fill_spans(rows: Sequence[Element]) -> Iterator[list[str]]:
    """Yield the words of each row's cells, those of a cell that covers several in each of them (HTML, 4.9.12)."""
    covered: dict[int, tuple[int, str]] = {}  # by column: how many rows from here on hold these words too
    for row in rows:
        cells: list[str] = []
        waiting = _cells(row)
        while waiting or len(cells) in covered:
            if len(cells) not in covered:
                cell = waiting.pop(0)
                spanned = (_span(cell, "rowspan"), one_line(cell.text_content()))
                covered |= dict.fromkeys(range(len(cells), len(cells) + _span(cell, "colspan")), spanned)
            cells.append(covered[len(cells)][1])
        yield cells
        covered = {column: (left - 1, words) for column, (left, words) in covered.items() if left > 1}


def _span(cell: Element, name: str) -> int:
    stated = cell.get(name, "1").strip()
    return min(max(int(stated), 1), _MAX_SPAN) if stated.isdecimal() else 1
