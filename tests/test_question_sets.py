"""The starter set and the speaker set: sound, resolved in their articles, and as large as promised."""

from functools import cache
from pathlib import Path

import pytest
from eval_fixtures import check_evidence, load_documents

from evals.datasets.cases import load_cases
from evals.schema import Case
from index.schema import Document

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = {name: load_cases(SEEDS / "evals" / f"{name}.jsonl") for name in ("article", "speakers")}


@cache
def documents_in(folder: str) -> dict[str, Document]:
    return load_documents((SEEDS / folder).glob("*.txt"))


@pytest.mark.parametrize(("name", "answerable", "unanswerable"), [("article", 22, 10), ("speakers", 60, 12)])
def test_there_are_enough_questions_of_both_kinds(name: str, answerable: int, unanswerable: int) -> None:
    cases = CASES[name]
    assert sum(case.answerable for case in cases) >= answerable
    assert sum(not case.answerable for case in cases) >= unanswerable
    assert len({case.question.lower() for case in cases}) == len(cases) >= answerable + unanswerable


@pytest.mark.parametrize(
    ("case", "folder"),
    [
        pytest.param(case, folder, id=case.id)
        for name, folder in (("article", "documents"), ("speakers", "news"))
        for case in CASES[name]
    ],
)
def test_evidence_stands_exactly_once_and_answers_have_it(case: Case, folder: str) -> None:
    check_evidence(case, documents_in(folder))
    assert ("unanswerable" in case.tags) == (not case.answerable)
