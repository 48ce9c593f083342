"""RAGChecker JSON (https://github.com/amazon-science/RAGChecker).

``{"results": [{"query_id", "query", "gt_answer", "response", "retrieved_context": [{"doc_id", "text"}]}]}``;
before a system ran, the list is called ``input_data``.
"""

from pathlib import Path
from typing import Any

from evals.datasets.importers.corpus import Corpus
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet, with_unique_ids
from evals.datasets.importers.source_files import read_json, require_field
from evals.schema import Case

_LISTS = ("results", "input_data")


def read_ragchecker(path: str | Path) -> ImportedSet:
    """Read one case for each query; retrieved texts become documents to search, never evidence, as none is judged.

    Raises ``DatasetImportError``.
    """
    path = Path(path)
    corpus = Corpus()
    cases: list[Case] = []
    notes: list[str] = []
    for number, row in enumerate(_rows(read_json(path), path), start=1):
        where = f"{path}: query {number}"
        for n, context in enumerate(row.get("retrieved_context") or [], start=1):
            text = str(context["text"] if isinstance(context, dict) else context)
            name = str(context.get("doc_id") or "") if isinstance(context, dict) else ""
            # Chunks of one document share its id, so the id alone would name them all.
            corpus.add(f"{name or 'context'}-{number}-{n}", text, name)
        answer = str(row.get("gt_answer") or "").strip()
        if not answer:
            notes.append(f"{where}: no gt_answer, so neither right nor wrong can be told: left out")
            continue
        cases.append(
            Case(
                id=str(row.get("query_id") or ""),
                question=str(require_field(row, "query", where)).strip(),
                answers=(answer,),
            )
        )
    return ImportedSet(corpus.documents, with_unique_ids(cases), (*corpus.notes, *notes))


def is_ragchecker(value: object) -> bool:
    """Return whether this JSON has RAGChecker's fields."""
    rows = next((value[name] for name in _LISTS if name in value), None) if isinstance(value, dict) else None
    return isinstance(rows, list) and bool(rows) and isinstance(rows[0], dict) and "gt_answer" in rows[0]


def _rows(value: Any, path: Path) -> list[dict[str, Any]]:
    rows = next((value[name] for name in _LISTS if name in value), None) if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DatasetImportError(f"{path}: no list 'results' of queries: not RAGChecker JSON")
    return rows
