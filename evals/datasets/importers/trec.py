"""TREC collections: texts in ``<DOC>``, topics in ``<top>``, judgements in four columns.

https://trec.nist.gov/data/qrels_eng/ and the formats named there.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from evals.datasets.importers.corpus import Corpus
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet
from evals.datasets.importers.source_files import read_text
from evals.schema import Case

_DOC = re.compile(r"<DOC>(.*?)</DOC>", re.DOTALL | re.IGNORECASE)
_TOP = re.compile(r"<top>(.*?)</top>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]+>")
_QREL = re.compile(r"(?P<topic>\S+)\s+\S+\s+(?P<document>\S+)\s+(?P<grade>-?\d+)\s*")


def read_trec(path: str | Path) -> ImportedSet:
    """Read every judged topic as a case: its description is the question, or else its title.

    ``path`` is a folder; its files are recognised as texts, topics or judgements by their content.
    Raises ``DatasetImportError``.
    """
    corpus = Corpus()
    topics: dict[str, str] = {}
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    for file in sorted(file for file in Path(path).rglob("*") if file.is_file()):
        text = read_text(file)
        for body in _DOC.findall(text):
            name = _inner(body, "DOCNO").strip()
            title = " ".join(_plain(_inner(body, "HEADLINE") or _inner(body, "TITLE")).split())
            corpus.add(name, _plain(_inner(body, "TEXT") or re.sub(r"(?is)<DOCNO>.*?</DOCNO>", "", body)), title)
        topics.update(_topic(body) for body in _TOP.findall(text))
        for row in _qrels(text):
            grades[row["topic"].lstrip("0") or "0"][row["document"]] = int(row["grade"])
    if not corpus.documents or not topics or not grades:
        raise DatasetImportError(f"{path}: texts in <DOC>, topics in <top> and judgements are needed: one is not there")
    notes: list[str] = []
    cases = tuple(_cases(topics, grades, corpus, notes))
    return ImportedSet(corpus.documents, cases, (*corpus.notes, *notes))


def is_trec(folder: Path) -> bool:
    """Return whether a file directly in the folder begins like TREC texts or topics."""
    files = sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    return any(re.match(rb"(?i)\s*<(doc|top)>", file.read_bytes()[:200]) for file in files)


def _cases(
    topics: dict[str, str], grades: dict[str, dict[str, int]], corpus: Corpus, notes: list[str]
) -> Iterator[Case]:
    for name, question in topics.items():
        relevance: dict[str, int] = {}
        for key, grade in sorted(grades.get(name, {}).items(), key=lambda item: -item[1]):
            document = corpus.find(key)
            if grade > 0 and document:
                relevance.setdefault(document.id, grade)
            elif grade > 0:
                notes.append(f"topic {name}: {key} is judged but not there: left out")
        if not relevance:
            notes.append(f"topic {name}: nothing is judged relevant: left out")
            continue
        graded = any(grade != 1 for grade in relevance.values())
        yield Case(
            id=name,
            question=question,
            documents=tuple(relevance),
            relevance=relevance if graded else {},
            group=next(iter(relevance)),
        )


def _topic(body: str) -> tuple[str, str]:
    """Parse number and question. Topics leave their tags open, so each part ends where the next tag begins."""
    parts = dict(re.findall(r"<(num|title|desc)>([^<]*)", body, flags=re.IGNORECASE))
    number = re.sub(r"(?i)number:", "", parts.get("num", "")).strip().lstrip("0")
    words = re.sub(r"(?i)^\s*description:", "", parts.get("desc", "")).strip() or parts.get("title", "")
    return number or "0", " ".join(words.split())


def _inner(body: str, tag: str) -> str:
    return "\n".join(re.findall(rf"<{tag}>(.*?)</{tag}>", body, flags=re.DOTALL | re.IGNORECASE))


def _plain(markup: str) -> str:
    return unescape(_TAG.sub(" ", markup))


def _qrels(text: str) -> Iterator[re.Match[str]]:
    rows = [_QREL.fullmatch(line) for line in text.splitlines() if line.strip()]
    if rows and all(rows):
        yield from (row for row in rows if row)
