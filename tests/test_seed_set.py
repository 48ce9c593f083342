"""The starter set: sound, resolved in the seed article, and as large as promised."""

from pathlib import Path

import pytest
from eval_fixtures import check_evidence, load_documents

from evals.datasets.cases import load_cases
from evals.schema import Case
from index.schema import Document

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = load_cases(SEEDS / "evals" / "article.jsonl")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return load_documents((SEEDS / "documents").glob("*.txt"))


def test_there_are_enough_questions_of_both_kinds() -> None:
    assert sum(case.answerable for case in CASES) >= 22
    assert sum(not case.answerable for case in CASES) >= 10
    assert len({case.question.lower() for case in CASES}) == len(CASES) >= 32


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_evidence_stands_exactly_once_and_answers_have_it(case: Case, documents: dict[str, Document]) -> None:
    check_evidence(case, documents)


def test_every_case_that_is_not_answerable_is_tagged_so() -> None:
    assert all(("unanswerable" in case.tags) == (not case.answerable) for case in CASES)


def test_the_question_of_the_readme_is_in_both_files() -> None:
    examples = (SEEDS / "questions.txt").read_text(encoding="utf-8").splitlines()
    assert len(examples) == 5
    assert set(examples) <= {case.question for case in CASES}
    assert examples[0] == "What did Hegseth say about Article 5?"
