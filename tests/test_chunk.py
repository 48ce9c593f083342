import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunking.chunk import Chunking, chunk, count_words
from index.schema import Document, Section
from index.text.sentences import sentence_spans

TEXTS = st.lists(
    st.sampled_from(
        [
            "One two three. ",
            "Ünï cødé! ",
            "word ",
            "这是一句。",
            "שלום עולם. ",
            "😀👩‍👧 ",
            "é\u0301",
            "\n\n",
            "x" * 50,
            "\x00",
        ]
    ),
    max_size=60,
).map("".join) | st.text(max_size=200)


def document(text: str, *headings: int) -> Document:
    return Document("d", "t", "s", text, sections=tuple(Section(h, "heading", "") for h in headings))


@given(TEXTS, st.integers(1, 30))
def test_passages_are_exact_slices_that_lose_nothing_and_repeat_nothing(text: str, words: int) -> None:
    passages = chunk(document(text), Chunking(words))
    end = 0
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert passage.start >= end
        assert not text[end : passage.start].strip()
        end = passage.end
    assert not text[end:].strip()


@given(TEXTS, st.integers(5, 30))
def test_a_passage_is_never_longer_than_asked_and_cuts_only_overlong_sentences(text: str, words: int) -> None:
    overlong = [(a, b) for a, b in sentence_spans(text) if count_words(text[a:b]) > words]
    ends = {b for _, b in sentence_spans(text)}
    for passage in chunk(document(text), Chunking(words)):
        inside = any(a <= passage.start < b or a < passage.end <= b for a, b in overlong)
        assert count_words(passage.text) <= words or inside
        assert passage.end in ends or inside


def test_a_heading_begins_a_new_passage() -> None:
    text = "One two three four five. Six seven.\nHeading\nEight nine ten."
    passages = chunk(document(text, text.index("Heading")), Chunking(12))
    assert [p.text.startswith("Heading") for p in passages] == [False, True]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["a" * 10**7, "word " * 10**6, "." * 10**7, "e\u0301" * 10**6], ids=["a", "words", "dots", "marks"]
)
def test_one_ten_megabyte_sentence_is_cut_in_seconds(text: str) -> None:
    passages = chunk(document(text), Chunking())
    assert len(passages) > 1
    assert max(len(p.text) for p in passages) < 5_000


def test_a_visible_character_is_not_cut_in_two() -> None:
    text = "é\u0301" * 300
    assert not any(p.text.startswith("\u0301") for p in chunk(document(text), Chunking(10)))
