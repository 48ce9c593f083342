"""The set of follow-ups: sound, resolved in the articles, and as large and varied as promised."""

from pathlib import Path

import pytest
from eval_fixtures import check_evidence

from evals.datasets.cases import load_cases
from evals.research.followups import SEEDS as FOLDERS
from evals.schema import Case
from index.reading.load import load
from index.schema import Document
from rag.question.standalone.condense import condense

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = load_cases(SEEDS / "evals" / "followups.jsonl")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    paths = [path for folder in FOLDERS for path in sorted((SEEDS.parent / folder).glob("*.txt"))]
    return {document.id: document for document in map(load, paths)}


def test_there_are_enough_conversations_of_every_kind() -> None:
    assert sum(bool(case.history) for case in CASES) >= 40
    assert max(len(case.history) for case in CASES) >= 2
    tags = (
        "pronoun",
        "ellipsis",
        "speaker",
        "role",
        "topic-change",
        "why",
        "short",
        "definite",
        "courtesy",
        "topic-kept",
    )
    for tag in tags:
        assert sum(tag in case.tags for case in CASES) >= 3, tag
    for tag in ("date", "correction", "first-turn", "unanswerable"):
        assert any(tag in case.tags for case in CASES), tag


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_evidence_stands_exactly_once_and_answers_have_it(case: Case, documents: dict[str, Document]) -> None:
    check_evidence(case, documents)
    assert ("unanswerable" in case.tags) == (not case.answerable)
    assert ("first-turn" in case.tags) == (not case.history)


def test_no_change_of_topic_and_no_first_turn_is_touched() -> None:
    for case in CASES:
        if {"topic-change", "first-turn"} & set(case.tags):
            assert condense(case.question, case.history).question == case.question, case.id
