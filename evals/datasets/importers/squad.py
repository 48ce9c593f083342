"""SQuAD 1.1 and 2.0 JSON (https://rajpurkar.github.io/SQuAD-explorer/).

``{"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question", "answers": [{"text",
"answer_start"}], "is_impossible"}]}]}]}``; offsets count characters of the context.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.datasets.importers.corpus import Corpus, locate_quote
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet, with_unique_ids
from evals.datasets.importers.source_files import read_json, require_field
from evals.schema import Case, Evidence
from index.schema import Document


def read_squad(path: str | Path) -> ImportedSet:
    """Read each paragraph as a document titled by its article, which is also the group of its cases.

    Answers of several annotators are alternatives; the evidence is the span most of them chose, the first
    on a tie. Raises ``DatasetImportError``.
    """
    path = Path(path)
    corpus = Corpus()
    cases: list[Case] = []
    notes: list[str] = []
    data = read_json(path)
    articles = data.get("data") if isinstance(data, dict) else None
    if not isinstance(articles, list):
        raise DatasetImportError(f"{path}: no list 'data': not SQuAD JSON")
    for number, article in enumerate(articles, start=1):
        title = str(article.get("title") or f"article {number}")
        for n, paragraph in enumerate(require_field(article, "paragraphs", f"{path}: {title}"), start=1):
            where = f"{path}: {title}, paragraph {n}"
            document = corpus.add(f"{title}-{n:03d}", str(require_field(paragraph, "context", where)), title)
            if document is not None:
                cases += _cases(paragraph, document, title, where, notes)
    return ImportedSet(corpus.documents, with_unique_ids(cases), (*corpus.notes, *notes))


def _cases(paragraph: dict[str, Any], document: Document, title: str, where: str, notes: list[str]) -> Iterator[Case]:
    for qa in require_field(paragraph, "qas", where):
        answers = qa.get("answers") or []
        answerable = not qa.get("is_impossible", False) and bool(answers)
        evidence = _evidence(document, paragraph["context"], answers) if answerable else None
        if answerable and evidence is None:
            notes.append(f"case {qa.get('id')}: no answer stands in its paragraph: kept without evidence")
        yield Case(
            id=str(qa.get("id") or ""),
            question=str(require_field(qa, "question", where)).strip(),
            answers=tuple(dict.fromkeys(str(answer["text"]) for answer in answers)) if answerable else (),
            evidence=(evidence,) if evidence else (),
            answerable=answerable,
            documents=(document.id,) if answerable else (),
            group=title,
        )


def _evidence(document: Document, raw: str, answers: list[dict[str, Any]]) -> Evidence | None:
    votes = Counter((str(answer["text"]), answer.get("answer_start")) for answer in answers)
    placed = (locate_quote(document, raw, text, start) for (text, start), _ in votes.most_common())
    return next((evidence for evidence in placed if evidence), None)
