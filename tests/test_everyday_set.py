"""The everyday set: sound, resolved in its documents, of every kind, and in two halves that share no document."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest
from eval_fixtures import load_documents

from evals.datasets.cases import load_cases
from evals.datasets.resolve import find_document, resolve_evidence
from evals.research.everyday import mark
from evals.schema import Case
from index.schema import Document
from rag.schema import Answer

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = load_cases(SEEDS / "evals" / "everyday.jsonl")
HALVES = {"half:tune", "half:report"}
# The fewest cases of each kind.
KINDS = {
    "fact": 150,
    "who-is": 15,
    "said": 15,
    "overview": 20,
    "list": 30,
    "count": 25,
    "compare": 20,
    "yes-no": 30,
    "about-document": 15,
    "about-library": 10,
    "about-tool": 8,
    "smalltalk": 8,
    "followup": 40,
}


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return load_documents(path for folder in ("everyday", "news", "documents") for path in (SEEDS / folder).iterdir())


def test_there_are_enough_questions_of_every_kind_in_both_halves() -> None:
    kinds = Counter(case.tags[0] for case in CASES)
    assert kinds.keys() == KINDS.keys()
    assert all(kinds[kind] >= fewest for kind, fewest in KINDS.items()), kinds
    for half in HALVES:
        assert {case.tags[0] for case in CASES if half in case.tags} == KINDS.keys()
    assert 0.3 <= sum(not case.answerable for case in CASES) / len(CASES) <= 0.4
    assert len({(case.question.lower(), case.history) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_evidence_stands_exactly_once(case: Case, documents: dict[str, Document]) -> None:
    spans = resolve_evidence(case, documents)
    held = [documents[span.document_id].text[span.start : span.end] for span in spans]
    assert held == [item.quote for item in case.evidence]
    assert ("unanswerable" in case.tags) == (not case.answerable)
    assert case.history or case.tags[0] != "followup"


def test_a_document_belongs_to_one_half(documents: dict[str, Document]) -> None:
    halves: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        (half,) = HALVES & set(case.tags)
        if "library-wide" not in case.tags:
            for name in {*case.documents, *(item.document for item in case.evidence)}:
                halves[find_document(name, documents).id].add(half)
    assert halves.keys() == documents.keys()
    assert all(len(found) == 1 for found in halves.values())


def test_groups_do_not_cross_the_halves() -> None:
    halves: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        halves[case.group] |= HALVES & set(case.tags)
    assert {group for group, found in halves.items() if len(found) > 1} <= {"collection", "tool"}


@pytest.mark.parametrize(
    ("lead", "marked"),
    [("There are:\n- Ferry\n- Tram", "right"), ("There is:\n- Tram", "partly"), ("- Ferry\n- Tram\n- Quay", "partly"),
     ("Nothing.", "wrong")],
)  # fmt: skip
def test_a_list_of_documents_is_right_where_it_names_those_alone(lead: str, marked: str) -> None:
    case = Case("all", "list articles by Osei", documents=("ferry.txt", "tram.md"), tags=("list",))
    answer = Answer(case.question, case.question, (), (), refused=False, lead=lead, kind="about_library")
    assert mark(case, answer, {"ferry.txt": "Ferry", "tram.md": "Tram", "quay.txt": "Quay"}) == marked
