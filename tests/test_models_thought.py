"""What a model thinks aloud is left out, however the reply is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.llm.think_filter import ThinkFilter

PARTS = st.sampled_from(
    ["<think>", "</think>", "<thi", "nk>", "</th", "ink>", "<", ">", "/", " ", "\n", "think", "é", "Yes. "]
)
TEXTS = st.lists(PARTS, max_size=12).map("".join)


def filtered(pieces: list[str]) -> str:
    thought = ThinkFilter()
    return "".join([thought.feed(piece) for piece in pieces] + [thought.finish()])


def by_the_whole(text: str) -> str:
    """The same, said of a whole reply."""
    if not text.lstrip().startswith("<think>"):
        return text
    while text.lstrip().startswith("<think>"):
        _, closed, rest = text.partition("</think>")
        text = rest.lstrip() if closed else ""
    return text


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("The gate is grey.", "The gate is grey."),
        ("<think>Grey or blue?</think>\n\nThe gate is grey.", "The gate is grey."),
        ("\n<think>\n</think>\nGrey.", "Grey."),
        ("<think>a</think> <think>b</think> Grey.", "Grey."),
        ("<think>never done", ""),
        ("  Grey.  ", "  Grey.  "),
        ("It says <think>so</think>.", "It says <think>so</think>."),
        ("<thin ice>", "<thin ice>"),
        ("<thi", "<thi"),
        ("<think>a </thin b</think>Grey.", "Grey."),
    ],
)
def test_only_a_thought_at_the_start_is_left_out(reply: str, shown: str) -> None:
    assert filtered([reply]) == shown
    assert filtered(list(reply)) == shown


@given(TEXTS, st.data())
def test_pieces_do_not_matter(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert filtered(pieces) == by_the_whole(text)


@given(TEXTS.filter(lambda text: "<" not in text and text.strip() != ""))
def test_a_reply_without_thoughts_is_shown_as_soon_as_it_comes(text: str) -> None:
    assert ThinkFilter().feed(text) == text


def test_a_long_thought_is_not_kept() -> None:
    thought = ThinkFilter()
    thought.feed("<think>")
    for _ in range(1000):
        thought.feed("hm " * 100)
    assert len(thought._held) < 10
    assert thought.feed("</think>Grey.") == "Grey."
