"""An answer survives being written down and read again."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web_fixtures import answer_to

from index.schema import Hit, Passage
from rag.pipeline import Pipeline
from rag.question.scope import Scope
from rag.schema import Answer, Citation, Claim, Turn
from rag.serialize import AnswerRecordError, from_dict, to_dict

TEXT = st.text(max_size=12)
DAYS = st.none() | st.dates(min_value=date(1, 1, 1))
SHARE = st.floats(0, 1).map(lambda share: round(share, 4))


@st.composite
def passages(draw: Any) -> Passage:
    text = draw(st.text(min_size=1, max_size=30))
    start = draw(st.integers(0, 1_000))
    document = draw(st.sampled_from(["a", "b", "c"]))
    # One document has one title, and one place of it one text.
    metadata = {"outlet": document.upper(), "date": "2025-01-01"}
    return Passage(f"{document}-{start}-{text}", start, start + len(text), text, document, f"/{document}.txt", metadata)


@st.composite
def answers(draw: Any) -> Answer:
    hits = tuple(
        Hit(p, draw(SHARE), {"dense": draw(st.integers(1, 50))}, tuple(draw(st.lists(passages(), max_size=2))))
        for p in draw(st.lists(passages(), max_size=3))
    )
    held = [passage for hit in hits for passage in (hit.passage, *hit.copies)]
    citations = []
    for marker in range(1, draw(st.integers(0, 4)) + 1):
        passage = draw(st.sampled_from(held) if held and draw(st.booleans()) else passages())
        start = draw(st.integers(passage.start, passage.end - 1))
        also_in = tuple(draw(st.lists(passages(), max_size=2)))
        end = draw(st.integers(start + 1, passage.end))
        answer = draw(st.none() | st.tuples(st.integers(start, end - 1), st.just(end)))
        citations.append(Citation(marker, passage, start, end, draw(TEXT), "direct", also_in, answer))
    claims = tuple(
        Claim(
            draw(TEXT), (c, *citations[:n]), draw(st.sampled_from(["supported", "partly", "unsupported"])), draw(TEXT)
        )
        for n, c in enumerate(citations)
    )
    return Answer(
        question=draw(TEXT),
        query=draw(TEXT),
        claims=claims,
        hits=hits,
        refused=not claims,
        reason="" if claims else draw(TEXT),
        confidence=draw(SHARE),
        answerer=draw(TEXT),
        timings={"retrieve": draw(SHARE)},
        scope=Scope(draw(DAYS), draw(DAYS), ("Wire",), tuple(draw(st.lists(TEXT, max_size=2))), draw(DAYS)),
        note=draw(TEXT),
    )


@given(answers())
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert from_dict(json.loads(json.dumps(to_dict(answer)))) == answer


def test_a_real_answer_and_a_refusal_come_back(seed_pipeline: Pipeline) -> None:
    for question in ("What did Hegseth say about Article 5?", "Who won the chess match in Lisbon?"):
        answer = seed_pipeline.ask(question, [Turn("Hello", "")])
        again = from_dict(json.loads(json.dumps(to_dict(answer))))
        assert (again.claims, again.refused, again.text, again.scope) == (
            answer.claims,
            answer.refused,
            answer.text,
            answer.scope,
        )
        assert [hit.passage for hit in again.hits] == [hit.passage for hit in answer.hits]
        assert to_dict(again) == to_dict(answer)


def test_a_passage_is_written_once_where_a_hit_holds_it() -> None:
    answer = answer_to("article 5")
    (held, *_) = to_dict(answer)["citations"]
    assert "text" not in held["passage"]
    (alone, *_) = to_dict(replace(answer, hits=()))["citations"]
    assert alone["passage"]["text"] == answer.citations[0].passage.text


@pytest.mark.parametrize("broken", [{}, {"question": "x"}, [], "x", None])
def test_what_is_no_answer_is_refused_by_name(broken: Any) -> None:
    with pytest.raises(AnswerRecordError):
        from_dict(broken)


def test_a_citation_of_nothing_found_is_no_answer() -> None:
    record = to_dict(answer_to("article 5"))
    record["hits"] = []
    with pytest.raises(AnswerRecordError):
        from_dict(record)
