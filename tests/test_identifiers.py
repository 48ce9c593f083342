"""What a question names by a number is kept to."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.pipeline import Pipeline
from rag.question.identifiers import Identifier, identifiers, unmet


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What did Hegseth say about Article 5?", ["Article 5"]),
        ("what does section 4.2 of the lease say", ["section 4.2"]),
        ("status of order INV-2041", ["INV-2041"]),
        ("who is customer C10003", ["C10003"]),
        ("revenue in 2023", ["2023"]),
        ("What happened on the 3rd of May?", []),
        ("How many of the 32 members agreed?", []),
        ("a 10km run", []),
    ],
)
def test_identifiers_are_found(question: str, found: list[str]) -> None:
    assert [identifier.text for identifier in identifiers(question)] == found


@pytest.mark.parametrize(
    ("noun", "number", "text", "is_in"),
    [
        ("Article", "5", "the force should not have Article 5 protections", True),
        ("Article", "4", "the force should not have Article 5 protections", False),
        ("Article", "4", "Articles 3, 4 and 5 apply", True),
        ("Article", "5", "Article 51 applies", False),
        ("Article", "4", "Article 5 has 4 parts", False),
        ("Room", "12", "12 | Ground floor | Green", True),
        ("", "2023", "Sales rose in 2022.", False),
        ("", "C10003", "C10003; Meyer; Bonn", True),
        ("", "C1000", "C10003; Meyer; Bonn", False),
    ],
)
def test_a_text_speaks_of_an_identifier_only_by_its_own_number(noun: str, number: str, text: str, is_in: bool) -> None:
    assert Identifier(noun, number).is_in(text) is is_in


@given(st.integers(1, 999), st.integers(1, 999))
def test_another_number_of_the_same_noun_never_meets_it(one: int, other: int) -> None:
    wanted = identifiers(f"What is said about Article {one}?")
    assert bool(unmet(wanted, f"They signed Article {other}.")) is (one != other)


def test_a_question_about_another_article_is_not_answered(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(treaty="The treaty. Article 5 obliges every member to help. It was signed in 1949.")
    assert pipeline.ask("What does Article 5 oblige members to do?").refused is False
    other = pipeline.ask("What does Article 4 oblige members to do?")
    assert other.refused
    assert "Article 4" in other.text
    assert other.hits
