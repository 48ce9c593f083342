"""Who is introduced, what is a heading, and how a word was meant to be spelt."""

from collections.abc import Callable

import pytest

from index.schema import Passage
from rag.pipeline import Pipeline
from rag.question.spelling import correct_spelling
from rag.reading.headings import is_heading
from rag.reading.preferences.introduced import prefer_introduction
from rag.reading.sentence_ranker import Quote


def quotes(*sentences: str) -> list[Quote]:
    text = " ".join(sentences)
    passage = Passage("d", 0, len(text), text)
    starts = [text.index(sentence) for sentence in sentences]
    return [
        Quote(passage, a, a + len(s), 0.3 - 0.1 * n, ()) for n, (a, s) in enumerate(zip(starts, sentences, strict=True))
    ]


@pytest.mark.parametrize(
    ("question", "introduces"),
    [
        ("Who is the manager?", "The manager, Priya Nandakumar, was pleased."),
        ("who is the manager of the pool?", "Priya Nandakumar, the manager, was pleased."),
        ("Who's the mayor", "Mayor Ines Varga spoke last."),
        ("Who was the founder?", "Edith Brennick was its founder."),
        ("Who is Priya Nandakumar?", "The pool manager Priya Nandakumar said so."),
        ("who is priya nandakumar", "Priya Nandakumar, the manager, was pleased."),
    ],
)
def test_the_sentence_that_introduces_somebody_comes_first(question: str, introduces: str) -> None:
    assert (
        prefer_introduction(quotes("The pool opens at six in the morning.", introduces), question)[0].text == introduces
    )


def test_other_questions_keep_their_order() -> None:
    found = quotes("The pool opens at six.", "The manager, Priya Nandakumar, was pleased.")
    assert list(prefer_introduction(found, "When does the pool open?")) == found


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("Opening hours\nWe open at six on all days of the week.", True),
        ("By Lena Osei\n\nThe tunnel has flooded.", True),
        ("Tunnel floods again\n\nBy Lena Osei, Bay Courier\n\nIt has flooded.", True),
        ("- 3 leeks\n- 200 g barley", False),
        ("Anna Holt\nBert Moll\nCleo Nash", False),
        ("Phone: 12 34\nWe answer all day long.", False),
        ("a | b | c\nWe answer all day long.", False),
        ("We open at six.", False),
    ],
)
def test_a_heading_is_told_from_what_may_be_quoted(text: str, heading: bool) -> None:
    assert is_heading(text, 0, len(text.split("\n", maxsplit=1)[0])) is heading


WORDS = {"polici": ("policy", 4), "heater": ("heaters", 2), "articl": ("article", 9), "read": ("read", 3)}


def spelled(question: str) -> str:
    def known(prefix: str) -> dict[str, int]:
        return {term: count for term, (_, count) in WORDS.items() if term.startswith(prefix)}

    return correct_spelling(question, known, lambda term: WORDS[term][0])


def test_a_misspelt_word_becomes_one_of_the_documents() -> None:
    assert spelled("the leave polcy") == "the leave policy"
    assert spelled("how many heters") == "how many heaters"
    assert spelled("sumarise the artcle") == "summarise the article"


@pytest.mark.parametrize("question", ["how do I bake bread?", "unicorn policies", "RAED", "Vessa", "is it so"])
def test_words_that_are_right_elsewhere_are_left_alone(question: str) -> None:
    assert spelled(question) == question


@pytest.mark.parametrize("question", ["Can I bring my dog?", "can i bring my dog"])
def test_a_question_is_not_answered_by_itself(question: str, indexed: Callable[..., Pipeline]) -> None:
    result = indexed(ferry="Can I bring my dog?\n\nDogs may travel on the lower deck. The ferry sails at nine.").ask(
        question
    )
    assert result.text.startswith("Dogs may travel on the lower deck.")
