"""Questions to go on with: drawn from what was cited and found, and each of them answered by the documents."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import SEEDS, real_pipeline
from web_fixtures import answer_to

from rag.answer.followups import followup_candidates, suggest_followups
from rag.pipeline import Pipeline
from rag.question.scope import EVERYTHING
from rag.schema import Answer, Turn
from rag.speech.reported_speech import Speech


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    documents = [SEEDS / "documents", *sorted((SEEDS / "news").glob("*.txt"))]
    with real_pipeline(tmp_path_factory.mktemp("news"), documents) as made:
        yield made


QUESTIONS = (
    "What did Hegseth say about NATO membership for Ukraine?",
    "Why will the tram line be closed?",
    "What did the mayor say about the tram?",
)


def test_every_suggestion_is_answered_with_something_new(news: Pipeline) -> None:
    ask, given = cache(news.ask), 0  # what was tried is not asked again to look at its answer
    for question in QUESTIONS:
        answer = ask(question)
        history = (Turn(question, answer.text),)
        found = suggest_followups(ask, news.speeches.of_document, answer, history)
        assert len(found) <= 3
        given += len(found)
        cited = {(c.passage.document_id, c.start) for c in answer.citations}
        for one in found:
            again = ask(one, history, EVERYTHING)
            assert not again.refused
            assert {(c.passage.document_id, c.start) for c in again.citations} - cited
    assert given >= 2


def speaking(document: str) -> tuple[Speech, ...]:
    return tuple(Speech(name, "reported", 0, 1) for name in ("Ana Ruiz", "Pete Hegseth", "the mayor", "Kim", ""))


def test_others_who_speak_and_the_subject_of_the_question_are_named() -> None:
    answer = replace(answer_to("article 5"), query="What did Hegseth say about NATO membership for Ukraine?")
    assert [c.question for c in followup_candidates(answer, speaking)] == [
        "What did Ana Ruiz say about NATO membership for Ukraine?"
    ]


def test_what_is_refused_or_says_nothing_new_is_not_offered() -> None:
    answer = replace(answer_to("article 5"), query="What did Hegseth say about NATO membership for Ukraine?")

    def refuse(question: str, *rest: object) -> Answer:
        return answer_to("weather")

    def repeat(question: str, *rest: object) -> Answer:
        return replace(answer, query=question)

    assert suggest_followups(refuse, speaking, answer) == ()
    assert suggest_followups(repeat, speaking, answer) == ()


def test_further_sections_of_a_cited_document_are_offered(indexed: Callable[..., Pipeline], folder: Path) -> None:
    text = (
        "# Shop guide\n\n## Opening hours\n\nThe shop opens at ten on Tuesdays.\n\n"
        "## 2. Returns\n\nLamps may be returned within thirty days.\n\n"
        "## How long does delivery take?\n\nDelivery takes five working days.\n"
    )
    (folder / "guide.md").write_text(text, encoding="utf-8")
    pipeline = indexed()
    answer = pipeline.ask("when does the shop open on Tuesdays")
    assert suggest_followups(pipeline.ask, pipeline.speeches.of_document, answer) == (
        "Summarise the section “Returns”",
        "How long does delivery take?",
    )


def test_nothing_is_tried_once_the_reader_went_on() -> None:
    answer, stop = replace(answer_to("article 5"), query="What did Hegseth say about NATO?"), threading.Event()
    stop.set()

    def never(question: str, *rest: object) -> Answer:
        raise AssertionError(question)

    assert followup_candidates(answer, speaking)
    assert suggest_followups(never, speaking, answer, stop=stop) == ()
