"""The sentences that tell what a document says."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading.load import load
from index.schema import Document, Section
from index.text.sentences import sentence_spans
from rag.answer.kinds.key_sentences import is_prose, key_sentences

NEWS = sorted(Path("seeds/news").glob("*.txt"))


def even(_: str) -> float:
    return 1.0


def of(text: str, *headings: str) -> Document:
    return Document("d", "T", "d.txt", text, {}, tuple(Section(text.index(h), "heading", h) for h in headings))


@pytest.mark.parametrize("file", NEWS, ids=lambda file: file.stem)
def test_an_article_is_told_in_three_to_seven_whole_sentences_that_begin_with_its_first(file: Path) -> None:
    document = load(file)
    spans = key_sentences(document, even)
    assert 3 <= len(spans) <= 7
    assert spans[0] == next(span for span in sentence_spans(document.text) if is_prose(document.text[slice(*span)]))
    assert set(spans) <= set(sentence_spans(document.text))
    assert all(is_prose(document.text[a:b]) for a, b in spans)


@given(
    st.lists(
        st.sampled_from("The town will close the old mill next year.|He said so.|But it rained on all days.".split("|"))
    )
)
def test_spans_are_in_order_and_apart_and_no_more_than_asked_for(parts: list[str]) -> None:
    spans = key_sentences(of(" ".join(parts)), even, most=2)
    assert len(spans) <= 2
    assert list(spans) == sorted(spans)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_the_same_is_not_said_twice() -> None:
    text = "The town will close the old mill next year. " * 6
    assert len(key_sentences(of(text), even)) == 1


def test_each_part_of_a_long_text_has_a_say() -> None:
    def sentence(part: str, n: int) -> str:
        return f"Flat {part} {part}{n}one {part}{n}two {part}{n}three {part}{n}four {part}{n}five."

    text = "\n\n".join(" ".join(sentence(part, n) for n in range(9)) for part in "bcde")
    chosen = [text[a:b] for a, b in key_sentences(of(text), even)]
    assert {sentence.split()[1] for sentence in chosen} == set("bcde")


def test_what_cannot_be_understood_alone_comes_last() -> None:
    text = (
        "Rents in the harbour quarter rise by four per cent in May. He called that harbour rent rise a harbour disgrace. "
        "Tenants of the quarter plan a march on Saturday morning."
    )
    assert [text[a:b] for a, b in key_sentences(of(text), even, most=2)] == [
        "Rents in the harbour quarter rise by four per cent in May.",
        "Tenants of the quarter plan a march on Saturday morning.",
    ]


def test_a_label_or_thanks_do_not_lead() -> None:
    text = (
        "Thanks a lot for turning this round so quickly. Present: Helen Brough, Tomasz Wolny and Aisha Karim. "
        "The committee approved the budget of the society. The gate stays closed on every Sunday."
    )
    chosen = [text[a:b] for a, b in key_sentences(of(text), even, most=1)]
    assert chosen == ["The committee approved the budget of the society."]


def test_a_sentence_on_the_subject_is_preferred() -> None:
    text = (
        "The council met on Monday for its last session of the year. It rained. "
        "Members of the council spoke at length on the budget of the council for roads. "
        "Moorings will cost twice as much from the coming spring."
    )
    spans = key_sentences(of(text), even, most=2, subject={"moor"})
    assert "Moorings" in text[slice(*spans[-1])]


@pytest.mark.parametrize(
    "line", ["By Lena Osei", "Date: 2025-06-17", "| a | b | c | d | e | f |", "Opening hours and prices", "Yes.", ""]
)
def test_headings_and_by_lines_are_no_prose(line: str) -> None:
    assert not is_prose(line)
    assert key_sentences(of(line), even) == ()
