import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.sentences import sentence_spans

TEXTS = st.text(st.sampled_from("aB1 .!?\n\t\"'”)。！؟é\u0301😀\u200dשم中#-|"), max_size=120) | st.text(max_size=80)


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


@given(TEXTS)
def test_spans_are_ordered_trimmed_and_hold_every_visible_character(text: str) -> None:
    spans = sentence_spans(text)
    assert all(a < b and not text[a].isspace() and not text[b - 1].isspace() for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    inside = "".join(text[a:b] for a, b in spans)
    assert "".join(inside.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Smith left. He ran.", ["Mr. Smith left.", "He ran."]),
        ("The U.S. Army moved. It won.", ["The U.S. Army moved.", "It won."]),
        ("He lives in the U.S. The rest left.", ["He lives in the U.S.", "The rest left."]),
        ('"Stop!" she cried. They ran.', ['"Stop!" she cried.', "They ran."]),
        ("It cost $3.5 bn. Why?", ["It cost $3.5 bn.", "Why?"]),
        ("On Jan. 5 it fell. So it goes.", ["On Jan. 5 it fell.", "So it goes."]),
        ("这是第一句。这是第二句！", ["这是第一句。", "这是第二句！"]),
        ("مرحبا؟ نعم.", ["مرحبا؟", "نعم."]),
        ("A title\n\nThe text follows. It ends.", ["A title", "The text follows.", "It ends."]),
        ("1. First thing\n2. Second thing", ["1. First thing", "2. Second thing"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert split(text) == expected


PROSE = "Nobody knew then that the road went on over the hills, past a mill and two farms, to the sea."


@given(st.integers(30, 100))
def test_wrapping_a_sentence_does_not_end_it(width: int) -> None:
    assert len(split(textwrap.fill(PROSE, width))) == 1


def test_a_short_line_ends_what_it_says() -> None:
    headline, paragraph = "A headline", "A much longer first paragraph that needs no stop before it to begin"
    assert split(f"{headline}\n{paragraph}") == [headline, paragraph]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["a" * 10**7, "." * 10**7, '."' * 10**6, "x\n" * 10**6], ids=["a", "dots", "quotes", "lines"]
)
def test_ten_megabytes_take_seconds_whatever_they_hold(text: str) -> None:
    assert sentence_spans(text)
