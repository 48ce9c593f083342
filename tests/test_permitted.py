"""What allows or forbids something is the answer to a question that asks leave for it."""

import pytest

from index.schema import Passage
from rag.question.spelling import correct_spelling
from rag.reading.headings import is_heading
from rag.reading.preferences.permitted import prefer_permission
from rag.reading.sentence_ranker import Quote

DOGS = "Dogs are not allowed except assistance dogs."


def first(question: str, *said: tuple[str, float]) -> str:
    quotes = [Quote(Passage(str(n), 0, len(text), text), 0, len(text), p, ()) for n, (text, p) in enumerate(said)]
    return prefer_permission(quotes, question)[0].text


@pytest.mark.parametrize("question", ["can i bring my dog", "Are dogs allowed?", "may we bring dogs?"])
def test_the_sentence_that_forbids_comes_first(question: str) -> None:
    assert first(question, ("My dog likes to bring sticks.", 0.2), (DOGS, 0.05)) == DOGS


@pytest.mark.parametrize("question", ["can i bring my cat", "Can I bring my dog to the sauna?", "how old is the dog"])
def test_a_rule_on_something_else_gains_nothing(question: str) -> None:
    other = "The cat and the dog use the sauna."
    assert first(question, (other, 0.2), (DOGS, 0.05)) == other


def test_a_numbered_heading_that_begins_a_line_is_no_answer() -> None:
    text = "3. Deposit. The tenant pays a deposit of £1,000."
    assert is_heading(text, 0, len("3. Deposit."))
    assert not is_heading(text, len("3. Deposit. "), len(text))


def test_a_form_of_a_common_word_is_not_misspelt() -> None:
    asked = "the thickest branch"
    assert correct_spelling(asked, lambda _: {"ticket": 3}, lambda _: "tickets") == asked


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        ("can i bring my cat", "Cats cannot be accommodated."),
        ("can my daughter wear earrings", "Jewellery is not allowed, except for stud earrings."),
        ("may my 12 year old son swim", "Children aged 8 and over may swim if they are able to."),
    ],
)
def test_leave_may_be_asked_for_somebody_and_refused_in_other_words(question: str, rule: str) -> None:
    assert first(question, ("The garden is lovely.", 0.2), (rule, 0.05)) == rule


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("whats the rate", "what is the rate"),
        ("what does it cost if i dont live here", "what does it cost if i don't live here"),
        ("my ticket doesnt work and i cant print", "my ticket doesn't work and i can't print"),
    ],
)
def test_a_contraction_without_its_apostrophe_is_read_as_one(asked: str, read: str) -> None:
    known = {"done": 9, "works": 4}
    assert correct_spelling(asked, lambda prefix: {w: n for w, n in known.items() if w[0] == prefix}, str) == read
