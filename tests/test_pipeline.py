import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import QuestionError
from index.schema import Hit, Passage
from rag.answer.citations import cite_quotes, matches_document
from rag.pipeline import Pipeline
from rag.prompts import is_refusal
from rag.question.validate import MAX_LENGTH, validate_question
from rag.reading.sentence_ranker import Quote
from rag.schema import Claim, Turn
from rag.serialize import to_dict
from rag.verify.verifier import verify_verbatim

QUESTION = "What did Hegseth say about Article 5?"


def test_the_starter_question_is_answered_in_the_articles_words(seed_pipeline: Pipeline) -> None:
    answer = seed_pipeline.ask(QUESTION)
    assert not answer.refused
    assert "the force should not have Article 5 protections" in answer.text
    assert all(claim.verdict == "supported" and claim.citations for claim in answer.claims)


def test_questions_about_something_else_are_refused(seed_pipeline: Pipeline) -> None:
    for foreign in (
        "How do I bake sourdough bread?",
        "who won the 1998 world cup final",
        "What is the boiling point of lead?",
    ):
        answer = seed_pipeline.ask(foreign)
        assert answer.refused, foreign
        assert is_refusal(answer.text)
        assert answer.hits


def test_an_answer_grows_claim_by_claim_and_ends_done(seed_pipeline: Pipeline) -> None:
    steps = list(seed_pipeline.stream("What did Hegseth say about NATO membership for Ukraine?"))
    assert [s.done for s in steps] == [False] * (len(steps) - 1) + [True]
    assert [len(s.claims) for s in steps[:-1]] == list(range(1, len(steps)))
    assert steps[-1].timings.keys() == {"retrieve", "quote", "verify"}


def test_the_same_sentence_in_two_documents_is_quoted_once(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(
        one="The bridge opened in 1932. It was painted grey.", two="Red boats pass. The bridge opened in 1932."
    )
    answer = replace(pipeline, config=replace(pipeline.config, refuse_below=0.0)).ask("When was the bridge opened?")
    assert [c.text for c in answer.claims].count("The bridge opened in 1932.") == 1


def test_a_headline_that_repeats_the_question_is_not_the_answer(seed_pipeline: Pipeline) -> None:
    text = "Harbour bridge to close\n\nThe harbour bridge will close on 3 March, the mayor said."
    hit = Hit(Passage("d", 0, len(text), text, "Harbour bridge to close"), 1.0, {"dense": 1})
    quotes = seed_pipeline.ranker.rank("When will the harbour bridge close?", [hit], lambda _: 1.0)
    assert quotes[0].text == "The harbour bridge will close on 3 March, the mayor said."


def test_nothing_indexed_is_said_so(indexed: Callable[..., Pipeline]) -> None:
    answer = indexed().ask("Is anybody there?")
    assert answer.refused
    assert "no documents" in answer.text


@pytest.mark.parametrize("question", ["", "   ", "?!", "\x00\n", "x" * 100_000])
def test_what_is_no_question_is_refused_in_one_line(question: str) -> None:
    with pytest.raises(QuestionError) as caught:
        validate_question(question)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=MAX_LENGTH))
def test_a_checked_question_is_one_clean_line(question: str) -> None:
    try:
        line = validate_question(question)
    except QuestionError:
        return
    assert line == " ".join(line.split())
    assert line.isprintable()
    assert validate_question(line) == line


PASSAGE = Passage("d", 10, 40, "Alpha is one. Beta is two. Ok.")
PLACES = st.tuples(st.integers(10, 38), st.integers(1, 10)).map(lambda p: (p[0], min(40, p[0] + p[1])))


@given(st.lists(PLACES, max_size=12))
def test_markers_count_up_by_first_use_and_the_same_words_share_one(places: list[tuple[int, int]]) -> None:
    claims = cite_quotes([Quote(PASSAGE, start, end, 1.0, ()) for start, end in places])
    markers = [c.marker for claim in claims for c in claim.citations]
    first_uses = list(dict.fromkeys(markers))
    assert first_uses == list(range(1, len(set(places)) + 1))
    for place, marker in zip(places, markers, strict=True):
        assert markers[places.index(place)] == marker


def test_a_claim_that_says_more_than_its_source_is_not_supported(seed_pipeline: Pipeline) -> None:
    claim = seed_pipeline.ask(QUESTION).claims[0]
    read = seed_pipeline.store.document
    assert verify_verbatim(claim, read).verdict == "supported"
    assert verify_verbatim(replace(claim, text=claim.text.replace("not ", "")), read).verdict == "unsupported"
    assert verify_verbatim(Claim("Said out of nowhere.", (), "supported", ""), read).verdict == "unsupported"


def test_a_citation_shifted_by_one_does_not_stand(seed_pipeline: Pipeline) -> None:
    citation = seed_pipeline.ask(QUESTION).citations[0]
    read = seed_pipeline.store.document
    assert matches_document(citation, read)
    shifted = replace(citation.passage, start=citation.passage.start + 1, end=citation.passage.end + 1)
    assert not matches_document(
        replace(citation, passage=shifted, start=citation.start + 1, end=citation.end + 1), read
    )
    assert not matches_document(replace(citation, end=citation.passage.end + 5), read)


def test_the_record_holds_the_offsets(seed_pipeline: Pipeline) -> None:
    record = json.loads(json.dumps(to_dict(seed_pipeline.ask(QUESTION))))
    cited = record["citations"][0]
    text = seed_pipeline.store.document(cited["document"]).text
    assert text[cited["start"] : cited["end"]] == cited["text"]
    assert record["claims"][0]["citations"] == [1]


WINNER = "Ola Berg won the chess championship in Oslo."
SPORT = {
    "ferry": "The ferries run every ten minutes in summer. The ferries carry bicycles.",
    "chess": f"{WINNER} The prize was a silver cup.",
}


def test_words_dragged_along_from_another_topic_do_not_lose_an_answer(indexed: Callable[..., Pipeline]) -> None:
    answer = indexed(**SPORT).ask("How often will ferries run?", [Turn("Who won the chess championship?", WINNER)])
    assert not answer.refused and "every ten minutes" in answer.text


STOVE = (
    "The Karvo stove holds eight kilos of pellets. Empty the ash pan once a week. Store the ash in a metal bucket with a "
    "lid, because it glows for a day. Keep curtains at least 80 cm from the front of the stove."
)
OTHERS = {
    "museum": "Put your coat in a locker. The museum opens at ten. The guided tour starts at eleven.",
    "ferry": "The crossing takes forty minutes. The present ferry was built in 1987 and burns 3,000 litres a day.",
}


def answering(pipeline: Pipeline) -> Pipeline:
    """Lower the threshold: without the reader and the reranker all evidence is weak."""
    return replace(pipeline, config=replace(pipeline.config, refuse_below=0.02))


def test_a_follow_up_is_answered_from_the_document_just_cited(indexed: Callable[..., Pipeline]) -> None:
    pipeline = answering(indexed(stove=STOVE, **OTHERS))
    before = Turn("how often do i empty the ash pan", "Empty the ash pan once a week. [1]")
    answer = pipeline.ask("where do i put it then", [before])
    assert "metal bucket" in answer.text


def test_words_from_an_earlier_turn_do_not_make_its_answer_one_again(indexed: Callable[..., Pipeline]) -> None:
    pipeline = answering(indexed(stove=STOVE, **OTHERS))
    before = Turn(
        "how far away do the curtains have to be", "Keep curtains at least 80 cm from the front of the stove. [1]"
    )
    answer = pipeline.ask("what does it weigh", [before])
    assert "curtains" not in answer.text


def test_a_short_question_on_another_document_is_answered_as_it_was_asked(indexed: Callable[..., Pipeline]) -> None:
    pipeline = answering(indexed(stove=STOVE, **OTHERS))
    before = Turn("how often do i empty the ash pan", "Empty the ash pan once a week. [1]")
    answer = pipeline.ask("when does the museum open", [before])
    assert answer.query == "when does the museum open"
    assert "The museum opens at ten." in answer.text
