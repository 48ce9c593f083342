"""The set of changed questions: in pairs, one answered and one not, each resolved and in the half of its document."""

from collections import Counter
from pathlib import Path

import pytest
from eval_fixtures import check_evidence, load_documents

from evals.datasets.cases import load_cases
from evals.schema import Case
from index.schema import Document

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = load_cases(SEEDS / "evals" / "changed.jsonl")
EVERYDAY = load_cases(SEEDS / "evals" / "everyday.jsonl")
ANSWERED = [case for case in CASES if case.answerable]


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return load_documents(path for folder in ("everyday", "news", "documents") for path in (SEEDS / folder).iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_the_original_asks_stands_once_in_its_document(case: Case, documents: dict[str, Document]) -> None:
    check_evidence(case, documents)


def test_every_question_has_its_changed_one() -> None:
    by_id = {case.id: case for case in CASES}
    assert len(by_id) == len(CASES) == 2 * len(ANSWERED)
    for case in ANSWERED:
        other = by_id[f"{case.id}-changed"]
        assert not other.answerable
        assert other.question.casefold() != case.question.casefold()
        assert other.group == case.group
        assert [tag.replace("changed:", "original:") for tag in other.tags] == list(case.tags)


def test_there_are_enough_of_each_kind_of_change() -> None:
    kinds = Counter(case.tags[2].removeprefix("original:") for case in ANSWERED)
    assert kinds.keys() == {"number", "name", "date", "unit", "opposite", "role"}
    assert min(kinds.values()) >= 14
    assert len(ANSWERED) >= 100


def test_a_document_is_in_the_half_that_it_is_in_elsewhere() -> None:
    halves = {case.group: case.tags[1] for case in EVERYDAY if len(case.tags) > 1 and "library-wide" not in case.tags}
    assert all(halves[case.group] == case.tags[1] for case in CASES)
