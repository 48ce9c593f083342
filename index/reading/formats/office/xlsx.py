"""Read Excel workbooks: each sheet a page, each row a line."""

import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from index.errors import UnreadableFileError
from index.reading.formats.base import Block, Reading
from index.reading.formats.office.number_format import as_displayed
from index.reading.formats.table_rows import CellLimit, rows_to_blocks
from index.reading.formats.zip_package import damaged_error, load_office_library
from index.text.plural import plural

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]{0,80}?\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')

_UNCALCULATED = re.compile(
    rb'<c\b[^>]{0,80}?\br="([A-Z]{1,3}\d{1,7})"[^>]{0,80}>'
    rb"<f\b[^>]{0,200}(?:/>|>[^<]{0,9000}</f>)(?:<v ?/>|<v></v>)?</c>"
)
_MAX_CELLS_NAMED = 8


def read(data: bytes, path: Path) -> Reading:
    """Read the shown values of a workbook, sheet by sheet, as ``column: value; …``; formulas by their last result.

    Raises:
        UnreadableFileError: damaged, encrypted, too large inside, or no workbook.
    """
    library = load_office_library("openpyxl", data, path, "Excel")
    # openpyxl meets arbitrary files here; whatever it trips over, the file is at fault.
    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and extensions, none of which is read
            book = library.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            blocks = tuple(_blocks(book, CellLimit(path)))
            stated = book.properties
            note = _note(book)
    except UnreadableFileError:
        raise
    except Exception as error:
        raise damaged_error(path, "Excel") from error
    day = stated.created if stated.creator != "openpyxl" else None
    author = stated.creator if stated.creator != "openpyxl" else ""
    metadata = {"author": author or "", "file_date": day.date().isoformat() if day else "", "note": note}
    return Reading(blocks, stated.title or path.stem.replace("_", " "), metadata)


def _blocks(book: Any, counted: CellLimit) -> Iterator[Block]:
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file states of its size may be anything
        yield Block("", "page", f"sheet {sheet.title}")
        yield Block(sheet.title, "heading")
        shown = (
            [as_displayed(_format_cell(cell.value), cell.value, cell.number_format) for cell in row]
            for row in counted(sheet.iter_rows())
        )
        yield from rows_to_blocks(_fill_merged(shown, _merged_ranges(book, sheet)))


def _note(book: Any) -> str:
    """Name the formulas without a stored result, as programs leave them that cannot calculate."""
    found = [
        f"{sheet.title}!{cell.decode('ascii')}"
        for sheet in book.worksheets
        for cell in _UNCALCULATED.findall(book._archive.read(sheet._worksheet_path))
    ]
    if not found:
        return ""
    named = ", ".join(found[:_MAX_CELLS_NAMED]) + (", …" if len(found) > _MAX_CELLS_NAMED else "")
    return (
        f"{plural(len(found), 'formula')} without a stored result left out ({named}). "
        "Open the file in its program, save it and index it again."
    )


def _merged_ranges(book: Any, sheet: Any) -> dict[int, list[tuple[int, int, int]]]:
    """Return the merged cells of a sheet: by their first row, the last row, the first and the last column, from 0.

    openpyxl leaves them out when it reads row by row.
    """
    from openpyxl.utils import range_boundaries

    found: dict[int, list[tuple[int, int, int]]] = {}
    for reference in _MERGED.findall(book._archive.read(sheet._worksheet_path)):
        left, top, right, bottom = range_boundaries(reference.decode("ascii"))
        found.setdefault(top - 1, []).append((bottom - 1, left - 1, right - 1))
    return found


def _fill_merged(
    rows: Iterable[list[str]], merged: Mapping[int, Sequence[tuple[int, int, int]]]
) -> Iterator[list[str]]:
    """Yield the rows with the words of a merged cell in every place that it covers."""
    covered: list[tuple[int, int, int, str]] = []
    for n, row in enumerate(rows):
        opened = ((last, left, right, row[left]) for last, left, right in merged.get(n, ()) if left < len(row))
        covered = [*(one for one in covered if one[0] >= n), *opened]
        filled = [*row, *[""] * (max((right + 1 for _, _, right, _ in covered), default=0) - len(row))]
        for _, left, right, words in covered:
            filled[left : right + 1] = [words] * (right + 1 - left)
        yield filled


def _format_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.12g}" if abs(value) < 1e15 else str(value)  # noqa: PLR2004
        case datetime():
            return value.isoformat(" ", "minutes").removesuffix(" 00:00")
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
