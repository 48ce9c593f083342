"""BEIR folders (https://github.com/beir-cellar/beir): corpus.jsonl, queries.jsonl, qrels/*.tsv."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from evals.datasets.importers.corpus import Corpus
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet
from evals.datasets.importers.source_files import read_json_lines, read_text, require_field
from evals.schema import Case

# By query: grades by document, and the splits that judge it.
_Judgements = tuple[dict[str, dict[str, int]], dict[str, list[str]]]
_TREC_COLUMNS = 4


def read_beir(path: str | Path) -> ImportedSet:
    """Read title and text as the document, as BEIR searches them; leave out queries without a judgement above 0.

    Every split in ``qrels`` is read, and each case tagged with those that judge it. Raises ``DatasetImportError``.
    """
    path = Path(path)
    corpus = Corpus()
    for row in read_json_lines(path / "corpus.jsonl"):
        name = str(require_field(row, "_id", f"{path / 'corpus.jsonl'}"))
        title, text = str(row.get("title") or ""), str(row.get("text") or "")
        corpus.add(name, text if text.startswith(title) else f"{title}\n\n{text}", title)
    grades, splits = _judgements(path)
    counts: Counter[str] = Counter()
    cases = []
    for row in read_json_lines(path / "queries.jsonl"):
        name = str(require_field(row, "_id", f"{path / 'queries.jsonl'}"))
        case = _case(name, str(row.get("text") or ""), grades.get(name, {}), corpus, counts)
        if case.documents:
            cases.append(replace(case, tags=tuple(splits[name])))
        else:
            counts["queries without a judged document: left out"] += 1
    notes = tuple(f"{count} {what}" for what, count in counts.items())
    return ImportedSet(corpus.documents, tuple(cases), (*corpus.notes, *notes))


def _case(name: str, text: str, grades: dict[str, int], corpus: Corpus, counts: Counter[str]) -> Case:
    relevance: dict[str, int] = {}
    for key, grade in sorted(grades.items(), key=lambda item: -item[1]):
        document = corpus.find(key)
        if document is None:
            counts["judgements of documents that are not in the corpus: left out"] += 1
        elif grade > 0:
            relevance.setdefault(document.id, grade)
    graded = any(grade != 1 for grade in relevance.values())
    return Case(
        id=name,
        question=text.strip(),
        documents=tuple(relevance),
        relevance=relevance if graded else {},
        group=next(iter(relevance), ""),
    )


def _judgements(folder: Path) -> _Judgements:
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise DatasetImportError(f"{folder / 'qrels'}: no .tsv files: a BEIR folder keeps its judgements there")
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    splits: dict[str, list[str]] = defaultdict(list)
    for file in files:
        for query, document, grade in _rows(file):
            grades[query][document] = max(grade, grades[query].get(document, grade))
            if file.stem not in splits[query]:
                splits[query].append(file.stem)
    return grades, splits


def _rows(file: Path) -> Iterator[tuple[str, str, int]]:
    """Read query, document and grade: three columns with a heading, or TREC's four without one."""
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        cells = line.split("\t") if "\t" in line else line.split()
        if not cells or (number == 1 and not cells[-1].strip().lstrip("-").isdecimal()):
            continue
        if len(cells) == _TREC_COLUMNS:
            del cells[1]
        try:
            query, document, grade = (cell.strip() for cell in cells)
            yield query, document, int(grade)
        except ValueError:
            raise DatasetImportError(f"{file}:{number}: expected query, document and grade, got {line!r}") from None
