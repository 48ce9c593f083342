from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scoring.metrics.answers import (
    all_evidence_covered,
    contains,
    evidence_covered,
    exact_match,
    squad_normalised,
    token_f1,
)

phrases = st.lists(st.sampled_from(["the", "a", "cat", "Cat,", "sat", "mat.", "--", "U.S."]), max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Cat, sat.", "cat sat"),
        ("An apple a day", "apple day"),
        ("U.S.", "us"),
        ("1990-1995", "19901995"),
        ("theatre", "theatre"),
        ("the-a", "thea"),  # punctuation goes first, so these articles are no longer words
        ("“the”", "“ ”"),  # only ASCII punctuation is deleted
        ("...", ""),
    ],
)
def test_normalisation_is_that_of_the_official_script(text: str, expected: str) -> None:
    assert squad_normalised(text) == expected


@pytest.mark.parametrize(
    ("prediction", "references", "exact", "f1"),
    [
        ("the Normans", ["Normans"], 1, 1),
        ("in the 10th century", ["10th century", "10th and 11th centuries"], 0, 0.8),
        ("cat cat", ["cat"], 0, 2 / 3),
        ("dog", ["cat"], 0, 0),
        ("", [], 1, 1),  # refused, unanswerable
        ("anything", [], 0, 0),  # answered, unanswerable
        ("", ["cat"], 0, 0),  # refused, answerable
        ("", ["the"], 1, 1),  # a reference without a token is dropped: unanswerable
        ("the", [], 1, 1),  # an answer without a token is no answer
        ("", ["the", "cat"], 0, 0),
    ],
)
def test_values_of_the_official_script(prediction: str, references: list[str], exact: float, f1: float) -> None:
    assert exact_match(prediction, references) == exact
    assert token_f1(prediction, references) == pytest.approx(f1)


@given(phrases, st.lists(phrases, max_size=3))
def test_f1_is_bounded_by_exact_match_and_best_over_references(said: str, references: list[str]) -> None:
    f1 = token_f1(said, references)
    assert exact_match(said, references) <= f1 <= 1
    usable = [r for r in references if squad_normalised(r)]
    if usable:
        assert f1 == max(token_f1(said, [r]) for r in usable)


@pytest.mark.parametrize(
    ("answer", "references", "expected"),
    [
        ("It was signed in the U.S. in 1990.", ["US"], 1),
        ("It fell in 1990-1995.", ["1990"], 1),
        ("Kyiv's mayor said so.", ["Kyiv"], 1),
        ("Kyiv’s mayor said so.", ["Kyiv"], 1),
        ("A New York-based firm", ["New York"], 1),
        ("It rose by 5.3 percent.", ["3"], 0),
        ("It cost $1,200.", ["1200"], 1),
        ("It cost $1,200.", ["200"], 0),
        ("a catalogue", ["cat"], 0),
        ("of the President of France", ["President France"], 0),
        ("first second", ["no", "second"], 1),
        ("", ["cat"], 0),
    ],
)
def test_an_answer_contains_a_reference_as_whole_words(answer: str, references: list[str], expected: float) -> None:
    assert contains(answer, references) == expected


def test_contained_does_not_apply_without_a_reference() -> None:
    assert contains("anything", []) is None
    assert contains("anything", ["the"]) is None


def test_evidence_is_covered_by_the_union_of_what_is_cited() -> None:
    gold = [("d", 0, 10), ("e", 5, 15)]
    cited = [("d", 0, 6), ("d", 4, 10), ("e", 0, 10)]
    assert evidence_covered(cited, gold) == 15 / 20
    assert all_evidence_covered(cited, gold) == 0
    assert all_evidence_covered([*cited, ("e", 10, 99)], gold) == 1
    assert evidence_covered(cited, []) is None
    assert all_evidence_covered(cited, []) is None
