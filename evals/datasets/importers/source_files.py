"""The files of a set, read with errors that say what to do."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.datasets.importers.imported_set import DatasetImportError


def read_text(path: Path) -> str:
    """Read a UTF-8 file; line ends stay as they are, because gold offsets count them."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DatasetImportError(f"{path}: no such file: check the path") from None
    except UnicodeDecodeError:
        raise DatasetImportError(f"{path}: not UTF-8: convert it first") from None
    except OSError as error:
        raise DatasetImportError(f"{path}: cannot be read: {error.strerror}") from None


def read_json(path: Path) -> Any:
    """Read the value of a JSON file."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise DatasetImportError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file that has one on each line."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DatasetImportError(f"{path}:{number}: not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise DatasetImportError(f"{path}:{number}: expected an object, got {type(row).__name__}")
        yield row


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file by column name."""
    text = read_text(path)
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # the whole process has one limit
    table = csv.DictReader(io.StringIO(text, newline=""), restval="")
    for row in table:
        if None in row:
            raise DatasetImportError(f"{path}:{table.line_num}: more cells than columns: quote cells that hold a comma")
        yield row


def require_field(row: dict[str, Any], name: str, where: str) -> Any:
    """Return ``row[name]``. Raises ``DatasetImportError`` if it is not there."""
    if name not in row:
        raise DatasetImportError(f"{where}: no {name!r}: is this the format you named?")
    return row[name]
