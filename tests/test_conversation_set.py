"""The set of conversations: each resolved, in the half of its document, and as large as promised."""

from collections import Counter
from pathlib import Path

import pytest
from eval_fixtures import check_evidence, load_documents

from evals.datasets.cases import load_cases
from evals.schema import Case
from index.schema import Document

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = load_cases(SEEDS / "evals" / "conversations.jsonl")
EVERYDAY = load_cases(SEEDS / "evals" / "everyday.jsonl")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return load_documents(path for folder in ("everyday", "news", "documents") for path in (SEEDS / folder).iterdir())


@pytest.mark.parametrize("case", [case for case in CASES if case.answerable], ids=lambda case: case.id)
def test_what_is_asked_stands_in_its_document(case: Case, documents: dict[str, Document]) -> None:
    check_evidence(case, documents)


def test_there_are_enough_turns_of_each_kind() -> None:
    kinds = Counter((case.tags[2], case.answerable) for case in CASES)
    assert kinds["turn:follow-up", True] >= 80
    assert kinds["turn:new", True] >= 70
    assert kinds["turn:follow-up", False] + kinds["turn:new", False] >= 24
    assert all(case.history for case in CASES)
    assert sum(len(case.history) > 1 for case in CASES) >= 40


def test_a_document_is_in_the_half_that_it_is_in_elsewhere() -> None:
    halves = {
        item.document: case.tags[1] for case in EVERYDAY if "library-wide" not in case.tags for item in case.evidence
    }
    assert all(halves[item.document] == case.tags[1] for case in CASES for item in case.evidence)
