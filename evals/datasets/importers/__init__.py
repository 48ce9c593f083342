"""Sets in other formats as documents and cases: one file for each format, and ``import_set`` to tell which it is."""

from collections.abc import Callable, Mapping
from pathlib import Path

from evals.datasets.importers.beir import read_beir
from evals.datasets.importers.chroma import is_chroma, read_chroma
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet, write_import
from evals.datasets.importers.plain import read_plain
from evals.datasets.importers.ragas import is_ragas, read_ragas
from evals.datasets.importers.ragchecker import is_ragchecker, read_ragchecker
from evals.datasets.importers.smart import is_smart, read_smart
from evals.datasets.importers.source_files import read_csv, read_json, read_json_lines
from evals.datasets.importers.squad import read_squad
from evals.datasets.importers.trec import is_trec, read_trec

__all__ = ["FORMATS", "DatasetImportError", "ImportedSet", "detect", "read", "write_import"]

FORMATS: Mapping[str, Callable[[str | Path], ImportedSet]] = {
    "squad": read_squad,
    "beir": read_beir,
    "chroma": read_chroma,
    "smart": read_smart,
    "trec": read_trec,
    "ragchecker": read_ragchecker,
    "ragas": read_ragas,
    "plain": read_plain,
}


def import_set(path: str | Path, format: str = "") -> ImportedSet:
    """Read the set at ``path``, in the named format or the one it looks like. Raises ``DatasetImportError``."""
    path = Path(path)
    if not path.exists():
        raise DatasetImportError(f"{path}: no such file or folder: check the path")
    name = format or detect_format(path)
    if name not in FORMATS:
        raise DatasetImportError(f"{name!r} is not a format: use one of {', '.join(FORMATS)}")
    try:
        imported = FORMATS[name](path)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DatasetImportError(f"{path}: not sound as {name}: {type(error).__name__}: {error}") from error
    if not imported.cases:
        why = "; ".join(imported.notes[:3]) or f"is it {name}?"
        raise DatasetImportError(f"{path}: no case could be read as {name}: {why}")
    return imported


def detect_format(path: Path) -> str:
    """Detect which format ``path`` has. Raises ``DatasetImportError`` if it looks like none."""
    found = _of_folder(path) if path.is_dir() else _of_file(path)
    if not found:
        raise DatasetImportError(f"{path}: cannot tell the format: name it, one of {', '.join(FORMATS)}")
    return found


def _of_folder(path: Path) -> str:
    if (path / "corpus.jsonl").is_file() and (path / "queries.jsonl").is_file():
        first = next(read_json_lines(path / "corpus.jsonl"), {})
        return "beir" if "_id" in first else "plain"
    if is_smart(path):
        return "smart"
    if any(is_chroma(file) for file in path.glob("*.csv")):
        return "chroma"
    return "trec" if is_trec(path) else ""


def _of_file(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return "chroma" if is_chroma(path) else _of_row(next(read_csv(path), {}))
    if suffix == ".jsonl":
        return _of_row(next(read_json_lines(path), {}))
    if suffix == ".json":
        return _of_json(read_json(path))
    return "smart" if suffix in (".all", ".que", ".qry", ".rel") else ""


def _of_json(value: object) -> str:
    if is_ragchecker(value):
        return "ragchecker"
    if isinstance(value, dict):
        return "squad" if isinstance(value.get("data"), list) else _of_row(value)
    return _of_row(value[0]) if isinstance(value, list) and value else ""


def _of_row(row: object) -> str:
    return "ragas" if isinstance(row, dict) and is_ragas(row) else ""
