"""The speaker set: its questions are of every kind, its articles say where they are from, its labels fit its cases."""

from pathlib import Path

import pytest
from eval_fixtures import load_documents

from evals.datasets.cases import load_cases
from evals.research.speakers import load_labels
from index.schema import Document

SEEDS = Path(__file__).parents[1] / "seeds"
CASES = load_cases(SEEDS / "evals" / "speakers.jsonl")
LABELS = load_labels(SEEDS / "labels" / "news.jsonl")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return load_documents((SEEDS / "news").glob("*.txt"))


def test_there_are_enough_questions_of_every_kind() -> None:
    for tag in ("direct", "reported", "pronoun", "role", "who-said"):
        assert sum(tag in case.tags for case in CASES) >= 5, tag


def test_every_article_says_its_outlet_its_date_and_its_author(documents: dict[str, Document]) -> None:
    assert len(documents) == 10
    assert all({"outlet", "date", "author"} <= d.metadata.keys() and d.title for d in documents.values())
    assert len({d.metadata["date"] for d in documents.values()}) == 10
    assert all(150 <= len(d.text.split()) <= 400 for d in documents.values())


def test_labels_stand_exactly_once_and_agree_with_the_cases(documents: dict[str, Document]) -> None:
    by_name = {Path(d.source).name: d.text for d in documents.values()}
    manners = {(label.document, label.quote): label.manner for label in LABELS}
    assert all(by_name[label.document].count(label.quote) == 1 for label in LABELS)
    assert sum(bool(label.manner) for label in LABELS) >= 60
    for case in CASES:
        for item in case.evidence:
            assert manners[item.document, item.quote] in case.tags, case.id
