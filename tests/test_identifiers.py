"""What a question names by a number is kept to."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.schema import Document, Passage, Section
from rag.pipeline import Pipeline
from rag.question.identifiers import Identifier, identifiers, unmet
from rag.reading.preferences.identified import is_numbered, prefer_identified
from rag.reading.sentence_ranker import Quote


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
        ("trip", "31", "the first trip to one of the 31 other nations", False),
        ("trip", "31", "No.: 31; Employee: Ines", True),
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


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("E3 error", ["E3"]),
        ("error e2", ["E2"]),
        ("what does e4 mean", ["E4"]),
        ("is a 1 enough", []),
        ("b2 or not", []),
    ],
)
def test_a_code_of_one_letter_and_one_digit_counts_where_it_is_meant_as_one(question: str, found: list[str]) -> None:
    assert [identifier.text for identifier in identifiers(question)] == found


def test_a_code_that_is_not_there_is_named_in_the_refusal(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(manual="Error codes. E2: the sensor is dirty. E4: the device is too hot.")
    assert pipeline.ask("what does error e3 mean").text == "Nothing here about E3."
    assert pipeline.ask("what does article 9 say").text == "Nothing here about Article 9."


@pytest.mark.parametrize(
    ("text", "is_it"), [("4 Mileage is paid.", True), ("Section 4. Cars are paid.", True), ("Version 4 is old.", False)]
)
def test_a_section_begins_with_its_own_number(text: str, is_it: bool) -> None:
    quote = Quote(Passage("d", 0, len(text), text), 0, len(text), 0.5, ())
    assert is_numbered(quote, identifiers("what does section 4 say")) is is_it


def test_what_stands_under_the_heading_of_the_number_is_meant() -> None:
    text = "4 Mileage\nCars are paid."
    quote = Quote(
        Passage("d", 0, len(text), text, headings=(Section(0, "heading", "4 Mileage", 1),)), 10, len(text), 0.5, ()
    )
    assert is_numbered(quote, identifiers("what does section 4 say"))


def test_a_mere_number_gives_way_to_the_one_with_its_noun() -> None:
    said = ("Folded leaflet; Delivery: 5; Note: two folds", "The force has no Article 5 protection.")
    quotes = [Quote(Passage(str(n), 0, len(text), text), 0, len(text), 0.5, ()) for n, text in enumerate(said)]
    ordered, lacking = prefer_identified(quotes, "hegseth article 5", lambda _: Document("", "", "", ""))
    assert ordered[0].text == said[1]
    assert not lacking
