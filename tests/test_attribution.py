"""Whose words are preferred, and how a citation says whose they are."""

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import IndexMissingError
from index.schema import Document, Passage
from index.text.sentences import sentence_spans
from rag.answer.citations import cite_quotes, describe_speaker
from rag.pipeline import Pipeline
from rag.reading.attribution import adjust_confidence, prefer_asked_speaker
from rag.reading.sentence_ranker import Quote
from rag.reading.speech_lookup import SpeechLookup
from rag.serialize import to_dict

TEXT = (
    "Mayor Ana Ruiz said the bridge would close in May. She added that the ferry would run longer.\n"
    "Tom Bell, an engineer, said the bridge was sound. “The bridge will outlive us all,” he said.\n"
    "The bridge was built in 1932."
)
DOCUMENT = Document("d", "Bridge", "bridge.txt", TEXT)


def read(document_id: str) -> Document:
    if document_id != "d":
        raise IndexMissingError("gone")
    return DOCUMENT


def quotes(*chances: float) -> tuple[Quote, ...]:
    """The sentences of the text, all as likely unless told otherwise, best first."""
    passage = Passage("d", 0, len(TEXT), TEXT)
    spans = sentence_spans(TEXT)
    likely = (*chances, *([0.5] * (len(spans) - len(chances))))
    found = [Quote(passage, a, b, chance, ()) for (a, b), chance in zip(spans, likely, strict=True)]
    return tuple(sorted(found, key=lambda quote: -quote.probability))


def best(question: str, *chances: float) -> str:
    return prefer_asked_speaker(quotes(*chances), question, SpeechLookup(read))[0].text


def test_the_asked_speakers_words_come_first() -> None:
    assert "outlive" in best("What did Bell say about the bridge?", 0.9)
    assert best("What did Ruiz say about the bridge?", 0.2, 0.2, 0.9).startswith("Mayor Ana Ruiz said the bridge")
    assert best("what did the engineer say about outliving us", 0.9).startswith("“The bridge will outlive")
    assert best("According to the mayor, how long will the ferry run?", 0.6).startswith("She added that the ferry")


def test_who_said_it_wants_a_sentence_that_says_who() -> None:
    assert best("Who said the bridge was sound?", 0.4, 0.4, 0.5, 0.5, 0.6) != "The bridge was built in 1932."


@pytest.mark.parametrize("question", ["When was the bridge built?", "What did he say about the bridge?", "bridge"])
def test_nothing_changes_when_nobody_is_asked_for(question: str) -> None:
    assert prefer_asked_speaker(quotes(0.9, 0.1), question, SpeechLookup(read)) == quotes(0.9, 0.1)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=5), st.sampled_from(["Ruiz", "Bell", "Nobody", "the mayor"]))
def test_chances_stay_chances_and_no_quote_is_lost(chances: list[float], who: str) -> None:
    before = quotes(*chances)
    after = prefer_asked_speaker(before, f"What did {who} say about the bridge?", SpeechLookup(read))
    assert sorted((q.start, q.end) for q in after) == sorted((q.start, q.end) for q in before)
    assert all(0 <= q.probability <= 1 for q in after)
    assert [q.probability for q in after] == sorted((q.probability for q in after), reverse=True)
    assert 0 <= adjust_confidence(0.5, before, after) <= 1


def test_confidence_follows_whose_words_the_best_quote_reports() -> None:
    def confidence(question: str, *chances: float) -> float:
        before = quotes(*chances)
        return adjust_confidence(0.5, before, prefer_asked_speaker(before, question, SpeechLookup(read)))

    assert confidence("What did Ruiz say about the ferry?") > 0.5
    assert confidence("What did Ruiz say about 1932?", 0.01, 0.01, 0.01, 0.01, 0.9) < 0.5
    assert confidence("When was the bridge built?") == 0.5
    assert adjust_confidence(0.5, (), ()) == 0.5


def test_a_document_that_is_gone_or_a_book_reports_nothing() -> None:
    assert SpeechLookup(read).of_document("gone") == ()
    book = Document("d", "", "", "Ana Ruiz said no. " * 20_000)
    assert SpeechLookup(lambda _: book).of_document("d") == ()


def test_a_document_is_read_once_for_many_threads_and_questions() -> None:
    reads: list[str] = []

    def counted(document_id: str) -> Document:
        reads.append(document_id)
        return read(document_id)

    speeches = SpeechLookup(counted)
    first = speeches.of_document("d")
    threads = [threading.Thread(target=speeches.of_document, args=("d",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert speeches.of_document("d") == first
    assert reads == ["d"]


def test_a_citation_says_whose_words_it_holds_and_how() -> None:
    labels = [
        describe_speaker(c.citations[0])
        for c in cite_quotes(quotes(0.9, 0.8, 0.7, 0.6, 0.5), SpeechLookup(read).of_quote)
    ]
    assert labels == [
        "Ana Ruiz, reported",
        "Ana Ruiz, reported",
        "Tom Bell, reported",
        "Tom Bell, quoted directly",
        "",
    ]
    assert describe_speaker(replace(cite_quotes(quotes())[0].citations[0], manner="reported")) == "reported"


def test_the_pipeline_prefers_and_labels_the_asked_speaker(indexed: Callable[..., Pipeline]) -> None:
    made = indexed(bridge=TEXT)
    pipeline = replace(made, config=replace(made.config, refuse_below=0.0, max_sentences=1))
    ruiz = pipeline.ask("What did Ruiz say about the bridge?")
    bell = pipeline.ask("What did Bell say about the bridge?")
    assert [c.speaker for c in ruiz.citations] == ["Ana Ruiz"]
    assert [c.speaker for c in bell.citations] == ["Tom Bell"]
    assert to_dict(ruiz)["citations"][0]["speaker"] == "Ana Ruiz"
    assert to_dict(ruiz)["citations"][0]["manner"] == "reported"
    built = pipeline.ask("When was the bridge built in 1932?")
    assert to_dict(built)["citations"][0]["manner"] == ""
