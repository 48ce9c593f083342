"""A folder of corpus.jsonl and queries.jsonl with plain field names.

Documents: ``doc_id, title, text`` and optionally ``url, source, date``. Queries: ``qid, question, answers,
answerable, gold`` (document ids) and optionally ``history`` (``role, text``), ``date``, ``answerability``,
and ``selected_sentences`` or ``evidence`` (words of the gold documents). Other ``.json`` files in the folder
that hold a list of such queries are read too.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evals.datasets.importers.corpus import Corpus, locate_quote
from evals.datasets.importers.imported_set import ImportedSet, with_unique_ids
from evals.datasets.importers.ragas import last_question
from evals.datasets.importers.source_files import read_json_lines, read_text, require_field
from evals.schema import Case, Evidence
from rag.schema import Turn


def read_plain(path: str | Path) -> ImportedSet:
    """Read gold documents and, where quotes are given and found, evidence. Raises ``DatasetImportError``."""
    path = Path(path)
    corpus = Corpus()
    for row in read_json_lines(path / "corpus.jsonl"):
        name = str(require_field(row, "doc_id", f"{path / 'corpus.jsonl'}"))
        metadata = {"date": row.get("date"), "outlet": row.get("source"), "url": row.get("url")}
        text = str(row.get("text") or "")
        corpus.add(
            name,
            text,
            str(row.get("title") or ""),
            {key: str(value) for key, value in metadata.items() if value},
        )
    notes: list[str] = []
    cases = [_case(row, corpus, f"{path}: {row.get('qid')}", notes) for row in _queries(path)]
    return ImportedSet(corpus.documents, with_unique_ids(cases), (*corpus.notes, *notes))


def _queries(path: Path) -> Iterator[dict[str, Any]]:
    yield from read_json_lines(path / "queries.jsonl")
    for file in sorted(path.glob("*.json")):
        value = json.loads(read_text(file))
        if isinstance(value, list):
            yield from (row for row in value if isinstance(row, dict) and "question" in row)


def _case(row: dict[str, Any], corpus: Corpus, where: str, notes: list[str]) -> Case:
    answerable = bool(row.get("answerable", True))
    named = [str(name) for name in row.get("gold") or []]
    notes += [f"{where}: {name} is gold but not in the corpus: left out" for name in named if not corpus.find(name)]
    gold = tuple(dict.fromkeys(found.id for name in named if (found := corpus.find(name))))
    evidence = _evidence(row, named, corpus, where, notes) if answerable else ()
    name = str(row.get("qid") or "")
    conversation = name.partition("<::>")[0] if "<::>" in name else ""
    label = str(row.get("answerability") or "").lower()
    return Case(
        id=name,
        question=str(require_field(row, "question", where)).strip(),
        history=_history(row.get("history") or []),
        answers=tuple(str(answer) for answer in row.get("answers") or []) if answerable else (),
        evidence=evidence,
        answerable=answerable,
        tags=(label,) if label else (),
        as_of=str(row.get("date") or ""),
        documents=gold if answerable else (),
        group=conversation or (gold[0] if gold else name),
    )


def _history(said: list[dict[str, str]]) -> tuple[Turn, ...]:
    closing = [*((turn["role"], turn["text"]) for turn in said), ("user", "")]
    return last_question(closing)[1]


def _evidence(
    row: dict[str, Any], named: list[str], corpus: Corpus, where: str, notes: list[str]
) -> tuple[Evidence, ...]:
    quotes = row.get("selected_sentences") or row.get("evidence") or []
    found: list[Evidence] = []
    for quote in [quotes] if isinstance(quotes, str) else quotes:
        documents = [(document, corpus.raw[name]) for name in named if (document := corpus.find(name))]
        placed = next((each for doc, raw in documents if (each := locate_quote(doc, raw, str(quote)))), None)
        if placed:
            found.append(placed)
        else:
            notes.append(f"{where}: evidence does not stand exactly once in the gold documents: left out")
    return tuple(dict.fromkeys(found))
