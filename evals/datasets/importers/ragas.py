"""ragas datasets (https://docs.ragas.io): JSON, JSON lines or CSV.

Columns of now: ``user_input``, ``reference``, ``reference_contexts``, ``retrieved_contexts``; of before 0.2:
``question``, ``ground_truth`` or ``ground_truths``, ``contexts``.
"""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evals.datasets.importers.corpus import Corpus
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet, with_unique_ids
from evals.datasets.importers.source_files import read_csv, read_json, read_json_lines
from evals.schema import Case, Evidence
from rag.schema import Turn

_QUESTION = ("user_input", "question")
_ANSWERS = ("reference", "ground_truth", "ground_truths")
_RETRIEVED = ("retrieved_contexts", "contexts")
_GOLD = "reference_contexts"
_TAGS = ("synthesizer_name", "evolution_type")


def read_ragas(path: str | Path) -> ImportedSet:
    """Read one case for each row.

    Every context becomes a document. A reference context is evidence as a whole; what a system retrieved is only there
    to be searched.

    A conversation becomes its last question with what came before as history. Raises ``DatasetImportError``.
    """
    path = Path(path)
    corpus = Corpus()
    cases: list[Case] = []
    notes: list[str] = []
    for number, row in enumerate(_rows(path), start=1):
        for n, text in enumerate(_texts(_first(row, _RETRIEVED)), start=1):
            corpus.add(f"retrieved-{number:04d}-{n}", text)
        evidence = []
        for n, text in enumerate(_texts(row.get(_GOLD)), start=1):
            document = corpus.add(f"reference-{number:04d}-{n}", text)
            if document:
                evidence.append(Evidence(document.id, start=0, end=len(document.text)))
        question, history = _asked(_first(row, _QUESTION))
        answers = tuple(_texts(_first(row, _ANSWERS)))
        if not question or not (answers or evidence):
            lacks = "neither reference nor reference_contexts" if question else "no question"
            notes.append(f"{path}: row {number}: {lacks}: left out")
            continue
        cases.append(
            Case(
                id=str(row.get("id") or ""),
                question=question,
                history=history,
                answers=answers,
                evidence=tuple(dict.fromkeys(evidence)),
                tags=tuple(str(row[name]) for name in _TAGS if row.get(name)),
                documents=tuple(dict.fromkeys(item.document for item in evidence)),
                group=evidence[0].document if evidence else "",
            )
        )
    return ImportedSet(corpus.documents, with_unique_ids(cases), (*corpus.notes, *notes))


def is_ragas(row: Mapping[str, Any]) -> bool:
    """Return whether this row, or table of columns, has ragas's columns."""
    columns = {*_ANSWERS, *_RETRIEVED, _GOLD}
    return "user_input" in row or ("question" in row and bool(columns & set(row)))


def _rows(path: Path) -> list[dict[str, Any]]:
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return list(read_csv(path))
    if suffix == ".jsonl":
        return list(read_json_lines(path))
    value = read_json(path)
    if isinstance(value, dict) and is_ragas(value):
        columns = {
            name: list(column.values()) if isinstance(column, dict) else column for name, column in value.items()
        }
        return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise DatasetImportError(f"{path}: neither a list of rows nor a table of columns: not a ragas dataset")
    return value


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name)), None)


def _texts(value: object) -> list[str]:
    """List the texts of a list, of a list written as JSON or Python in a cell, or of a single text."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _literal(value)
    if isinstance(value, (list, tuple)):
        return [str(item).strip() for item in value if item is not None and str(item).strip()]
    return [value.strip()] if isinstance(value, str) and value.strip() else []


def _literal(cell: str) -> object:
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(cell)
        except (ValueError, SyntaxError):
            continue
    return cell


def _asked(value: object) -> tuple[str, tuple[Turn, ...]]:
    """Return the last question and the turns before it, from ``[{"content", "type": "human" | "ai"}]``."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _literal(value)
    if not isinstance(value, list):
        return str(value or "").strip(), ()
    roles = (str(message.get("type") or message.get("role")) for message in value)
    texts = (str(message.get("content") or "") for message in value)
    return last_question(list(zip(roles, texts, strict=True)))


def last_question(said: list[tuple[str, str]]) -> tuple[str, tuple[Turn, ...]]:
    """Return the last thing a person said and the exchanges before it, from ``(role, text)`` pairs in order."""
    turns: list[Turn] = []
    for role, text in said:
        if role in ("human", "user"):
            turns.append(Turn(text.strip(), ""))
        elif turns and role in ("ai", "assistant", "agent"):
            turns[-1] = Turn(turns[-1].question, f"{turns[-1].answer}\n{text}".strip())
    return (turns[-1].question, tuple(turns[:-1])) if turns else ("", ())
