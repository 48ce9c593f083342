"""What is asked of an earlier answer: to say it shorter, or about the document that it cited."""

from collections.abc import Callable

import pytest

from rag.answer.earlier_turns import earlier_turn_to_shorten
from rag.pipeline import Pipeline
from rag.schema import Turn

FILES = {
    "tram": "Tram\n\nThe tram opens in May. The tram costs nine million crowns. Varga praised the tram.",
    "harbour": "Harbour\n\nThe harbour is dredged in June. Fishermen fear silt. The harbour has two quays.",
}
ASKED = Turn("When is the harbour dredged?", "The harbour is dredged in June. [1]")


@pytest.mark.parametrize(
    "question",
    ["shorter", "Shorter, please!", "in one sentence", "can you make it shorter", "give me that in one sentence"],
)
def test_a_wish_for_less_is_about_the_last_turn_that_asked_something(question: str) -> None:
    history = [ASKED, Turn("thanks", ""), Turn("shorter", "June.")]
    assert earlier_turn_to_shorten(question, history) == 0
    assert earlier_turn_to_shorten(question, []) is None


@pytest.mark.parametrize("question", ["is the harbour shorter than the quay", "a shorter route", "how brief was it"])
def test_a_question_about_what_is_short_is_none(question: str) -> None:
    assert earlier_turn_to_shorten(question, [ASKED]) is None


def test_the_answer_before_is_given_again_in_one_sentence(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(**FILES)
    long = pipeline.ask("what is this about")
    short = pipeline.ask("shorter", [Turn("what is this about", long.text)])
    assert len(long.claims) > 1
    assert [claim.text for claim in short.claims] == [long.claims[0].text]
    assert short.question == "shorter"


@pytest.mark.parametrize("question", ["summarise this article", "what is that document about", "summarise it"])
def test_this_article_is_the_one_last_cited(indexed: Callable[..., Pipeline], question: str) -> None:
    pipeline = indexed(**FILES)
    answer = pipeline.ask(question, [Turn("When does the tram open?", "The tram opens in May. [1]"), ASKED])
    assert {citation.passage.title for citation in answer.citations} == {"Harbour"}
    everything = pipeline.ask(question)
    assert {citation.passage.title for citation in everything.citations} == {"Harbour", "Tram"}
