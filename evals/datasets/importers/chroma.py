"""Chroma's chunking evaluation (https://github.com/brandonstarxel/chunking_evaluation).

A CSV with question, references (JSON ``[{content, start_index, end_index}]``) and corpus_id; the texts lie
beside it, or in ``corpora/``, as ``<corpus_id>.md`` or ``.txt``. Offsets count characters of those.
"""

import ast
import json
from pathlib import Path
from typing import Any

from evals.datasets.importers.corpus import Corpus, locate_quote
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet, with_unique_ids
from evals.datasets.importers.source_files import read_csv, read_text, require_field
from evals.schema import Case, Evidence
from index.schema import Document

_COLUMNS = {"question", "references", "corpus_id"}


def read_chroma(path: str | Path) -> ImportedSet:
    """Read one document for each corpus, which is also the group of its cases. ``path`` is the CSV or its folder.

    Raises ``DatasetImportError``.
    """
    file = _questions(Path(path))
    corpus = Corpus()
    cases: list[Case] = []
    notes: list[str] = []
    for number, row in enumerate(read_csv(file), start=1):
        where = f"{file}: question {number}"
        name = str(require_field(row, "corpus_id", where))
        document = corpus.find(name) or _add(corpus, name, file)
        evidence = _evidence(row, document, corpus.raw[name], where, notes)
        if not evidence:
            notes.append(f"{where}: no reference found in {name}: left out")
            continue
        cases.append(
            Case(
                id=f"{Path(name).stem}-{number:04d}",
                question=str(require_field(row, "question", where)).strip(),
                evidence=evidence,
                documents=(document.id,),
                group=Path(name).stem,
            )
        )
    return ImportedSet(corpus.documents, with_unique_ids(cases), (*corpus.notes, *notes))


def is_chroma(path: Path) -> bool:
    """Return whether ``path`` is such a CSV."""
    return path.suffix.lower() == ".csv" and set(next(read_csv(path), {})) >= _COLUMNS


def _questions(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = [file for file in sorted(path.glob("*.csv")) if is_chroma(file)]
    if len(found) != 1:
        raise DatasetImportError(
            f"{path}: {len(found)} CSV files with {', '.join(sorted(_COLUMNS))}: name the one meant"
        )
    return found[0]


def _add(corpus: Corpus, name: str, questions: Path) -> Document:
    folders = (questions.parent, questions.parent / "corpora", questions.parent.parent / "corpora")
    for folder in folders:
        for suffix in ("", ".md", ".txt"):
            if (folder / (name + suffix)).is_file():
                added = corpus.add(name, read_text(folder / (name + suffix)), Path(name).stem)
                if added is not None:
                    return added
    raise DatasetImportError(f"{questions}: no text {name}.md or {name}.txt beside it or in corpora/: put it there")


def _evidence(row: dict[str, Any], document: Document, raw: str, where: str, notes: list[str]) -> tuple[Evidence, ...]:
    placed = []
    for reference in _references(str(require_field(row, "references", where)), where):
        found = locate_quote(document, raw, str(reference.get("content") or ""), reference.get("start_index"))
        if found is None:
            notes.append(f"{where}: a reference is not in {row['corpus_id']}: left out")
        else:
            placed.append(found)
    return tuple(placed)


def _references(cell: str, where: str) -> list[dict[str, Any]]:
    try:
        references = json.loads(cell)
    except json.JSONDecodeError:
        # Older files hold the list as Python wrote it.
        try:
            references = ast.literal_eval(cell)
        except (ValueError, SyntaxError):
            references = None
    if not isinstance(references, list) or not all(isinstance(item, dict) for item in references):
        raise DatasetImportError(f"{where}: references is not a list of {{content, start_index, end_index}}")
    return references
