"""Read tables of comma- or tab-separated values."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading
from index.reading.formats.table_rows import CellLimit, rows_to_blocks

SAMPLE_CHARACTERS = 20_000  # characters shown to the sniffer
MAX_CELL_CHARACTERS = 10_000_000  # characters
# Excel writes and reads a first line that states the delimiter, which is no row.
_STATED_DELIMITER = re.compile(r"\ufeff?\"?sep=(?P<mark>[,;\t|:^~])\"?[,;\t|]*(?:\r\n|\r|\n)", re.IGNORECASE)


def read(data: bytes, path: Path) -> Reading:
    """Read a line ``column: value; …`` for each row; the first row names the columns if it looks like it.

    Raises:
        UnreadableFileError: empty, binary, in an unknown encoding, or with more cells than memory holds.
    """
    blocks: tuple[Block, ...] = tuple(rows_to_blocks(CellLimit(path)(read_rows(data, path))))
    return Reading(blocks, path.stem.replace("_", " ").replace("-", " ").strip())


def read_rows(data: bytes, path: Path) -> Iterator[Sequence[str]]:
    """Yield the rows, whichever of ``, ; tab |`` separates their cells. Raises UnreadableFileError for other text."""
    text = decode(data, path).replace("\x00", "")
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    stated = _STATED_DELIMITER.match(text)
    text = text[stated.end() :] if stated else text
    delimiter = stated["mark"] if stated else _delimiter(text[:SAMPLE_CHARACTERS], path)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise UnreadableFileError(
            f"{path} is no table of separated values ({error}). Save it as .txt instead."
        ) from error


def _delimiter(sample: str, path: Path) -> str:
    """Return the mark that cuts the first lines into the most cells, the same number in each."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    best = (0, ",")
    for mark in ",;\t|":
        found = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=mark) if row][:20]
        lines = found[:-1] or found
        usual = max(set(lines), key=lines.count, default=0)
        if usual > 1 and lines.count(usual) >= 0.8 * len(lines) and lines.count(usual) * usual > best[0]:
            best = (lines.count(usual) * usual, mark)
    return best[1]
