"""Reading citations out of what a model writes, however it writes them and however the reply is cut."""

import re
from itertools import takewhile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.text.sentences import Span, sentence_spans
from rag.answer.citation_parser import CitationParser, CitedSentence, clean_sentence, parse_reply
from rag.answer.markers import Marker, split_markers


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("The bridge opened in May [3].", [("The bridge opened in May.", (3,))]),
        ("The bridge opened in May. [3]", [("The bridge opened in May.", (3,))]),
        ("The bridge opened in May.[3] It is grey.[4]", [("The bridge opened in May.", (3,)), ("It is grey.", (4,))]),
        ("It opened [3,4], at last.", [("It opened, at last.", (3, 4))]),
        ("It opened 【3】.", [("It opened.", (3,))]),
        ("It opened 【3†source】.", [("It opened.", (3,))]),
        ("It opened [^3].", [("It opened.", (3,))]),
        ("It opened [3-5].", [("It opened.", (3, 4, 5))]),
        ("It opened [3–5; 9].", [("It opened.", (3, 4, 5, 9))]),
        ("It opened [3] [1][3].", [("It opened.", (3, 1))]),
        ("It opened [source 3 and 4].", [("It opened.", (3, 4))]),
        ("It opened [[3]].", [("It opened.", (3,))]),
        ("[3] It opened.\n[4] It is grey.", [("It opened.", (3,)), ("It is grey.", (4,))]),
        ("It opened.\n[3]\nIt is grey.", [("It opened.", (3,)), ("It is grey.", ())]),
        ("- It opened [3]\n- It is **grey** [4]", [("It opened", (3,)), ("It is grey", (4,))]),
        ("1. It opened. [3]\n2. It is grey.", [("It opened.", (3,)), ("It is grey.", ())]),
        ("It was opened\nby the mayor. [2]", [("It was opened by the mayor.", (2,))]),
        ("Mr. Smith of the U.S. said so [2].", [("Mr. Smith of the U.S. said so.", (2,))]),
        ("It opened. [3]\n\nSources:\n[3] The Times", [("It opened.", (3,))]),
        ("It opened. [^3]\n\n[^3]: The Times of May.", [("It opened.", (3,))]),
        ("He wrote [sic] that [he] left [in 1999].", [("He wrote [sic] that [he] left [in 1999].", ())]),
        ("It rose 3-5 points [2] and (4) more.", [("It rose 3-5 points and (4) more.", (2,))]),
        ("It opened [1-99999].", [("It opened [1-99999].", ())]),
        ("It opened [3-900].", [("It opened.", (3, 900))]),
        ("", []),
        ("[3]", []),
        ("***\n---", []),
    ],
)
def test_a_reply_is_read_as_sentences_with_their_numbers(
    reply: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(s.text, s.numbers) for s in parse_reply(reply)] == expected


_SHARDS = (
    "The |it is |Dr. |Sources:|\n\n|- |* |3. |. |! |? |U.S. |: |é|中。|12|a|[1]|[2, 3]|【4】|[^5]|[[6]]|[7-9]".split(
        "|"
    )
)
_PIECES = st.lists(st.sampled_from([*"[]【】［］^†,-– .\n", *_SHARDS, "word " * 14, "1, " * 40]), max_size=40).map(
    "".join
)


def simply(reply: str) -> list[tuple[str, tuple[int, ...]]]:
    """The same, read all at once: each line's sentences, and each marker's numbers given to one of them."""
    text, marks = split_markers(reply)
    spans: list[Span] = []
    breaks = [m.span() for m in re.finditer(r"\s*\n\s*", text)]
    ends = [(a, b) for a, b in breaks if text.count("\n", a, b) > 1 or not text[b : b + 1].islower()]
    for start, end in zip([0, *(b for _, b in ends)], [*(a for a, _ in ends), len(text)], strict=True):
        if re.fullmatch(r"(?i)[*_#\s]*(source|reference|citation|footnote)s?[*_\s]*:?[*_\s,;.]*", text[start:end]):
            marks = list(takewhile(lambda mark, start=start: mark.at < start, marks))
            marks = [mark for mark in marks if not (spans and opens_line(text, mark, spans[-1][1], start))]
            break
        if text[start : start + 1] == ":" and any(mark.at == start and mark.footnote for mark in marks):
            marks = [mark for mark in marks if not start <= mark.at <= end]
        else:
            line = text[start:end].replace("\n", " ")
            spans += [(start + first, start + last) for first, last in sentence_spans(line)]
    numbers: list[dict[int, None]] = [{} for _ in spans]
    for mark in marks if spans else ():
        n = max((n for n, (start, _) in enumerate(spans) if start < mark.at), default=-1)
        later = n < 0 or (n + 1 < len(spans) and opens_line(text, mark, spans[n][1], spans[n + 1][0]))
        numbers[n + 1 if later else n].update(dict.fromkeys(mark.numbers))
    said = [(clean_sentence(text[a:b]), tuple(held)) for (a, b), held in zip(spans, numbers, strict=True)]
    return [(sentence, held) for sentence, held in said if any(map(str.isalnum, sentence))]


def opens_line(text: str, mark: Marker, end: int, following: int) -> bool:
    return mark.at > end and "\n" in text[end : mark.at] and "\n" not in text[mark.at : following]


@settings(max_examples=600, deadline=None)
@given(_PIECES)
@example("It opened.\n[3] Sources:\n[3] The Times")
@example("A " + "." * 70 + ". 12. Then it [3] closed. " + "word " * 40 + ". It is.")
def test_a_reply_is_read_as_it_would_be_all_at_once(reply: str) -> None:
    assert [(s.text, s.numbers) for s in parse_reply(reply)] == simply(reply)


@settings(max_examples=600, deadline=None)
@given(_PIECES, st.data())
def test_however_a_reply_is_cut_its_sentences_are_the_same(reply: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(reply)), max_size=12)))
    parser = CitationParser()
    given_so_far: list[CitedSentence] = []
    for start, end in zip([0, *cuts], [*cuts, len(reply)], strict=True):
        given_so_far += parser.feed(reply[start:end])
    assert (*given_so_far, *parser.close()) == parse_reply(reply)


@settings(max_examples=100, deadline=None)
@given(_PIECES)
def test_a_reply_in_single_characters_is_the_same_too(reply: str) -> None:
    parser = CitationParser()
    found = [s for character in reply for s in parser.feed(character)]
    assert (*found, *parser.close()) == parse_reply(reply)


@given(_PIECES)
def test_no_marker_is_left_in_the_text(reply: str) -> None:
    for sentence in parse_reply(reply):
        assert not split_markers(sentence.text)[1]
        assert len(set(sentence.numbers)) == len(sentence.numbers)


@given(st.lists(st.lists(st.integers(1, 40), min_size=0, max_size=4), min_size=1, max_size=6))
def test_each_sentence_keeps_its_own_numbers(cited: list[list[int]]) -> None:
    reply = " ".join(
        f"Sentence number {'abcdef'[n]} ends here{''.join(f' [{i}]' for i in ids)}." for n, ids in enumerate(cited)
    )
    assert [s.numbers for s in parse_reply(reply)] == [tuple(dict.fromkeys(ids)) for ids in cited]


def test_sentences_come_before_the_reply_is_over() -> None:
    parser = CitationParser()
    early = parser.feed(
        "The bridge opened in May [3]. It is painted grey, which not everybody in the town who saw it has liked [4]."
    )
    assert early == (CitedSentence("The bridge opened in May.", (3,)),)
    assert parser.draft.startswith("It is painted grey")
    assert parser.close()[0].numbers == (4,)
    assert parser.draft == ""


def test_a_long_reply_takes_no_longer_than_it_must() -> None:
    assert len(parse_reply("It is so [1]. " * 5_000)) == 5_000
