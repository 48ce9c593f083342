import random
from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.token_codes import TokenCodes
from index.schema import Hit, Passage
from index.text.terms import STOPWORDS, fold_word_spans
from rag.retrieval.collapse_duplicates import collapse_duplicates
from rag.retrieval.dedupe import dedupe
from rag.retrieval.word_positions import may_be_copies

NAMES = random.Random(0).choices([f"{a}{b}" for a in ("ba", "kori", "u", "tessal") for b in ("n", "mir", "dovan")], k=9)
LONG = [
    " ".join(random.Random(n).choices(("the", "of", "bridge", "harbour", "minister", "a", "said", *NAMES), k=120))
    for n in range(4)
]


def codes_of(text: str) -> TokenCodes:
    starts = [start for word, start, _ in fold_word_spans(text) if word not in STOPWORDS]
    return TokenCodes(np.zeros((len(starts), 1), np.uint8), np.array(starts, np.int32))


class Library:
    """Texts by id, and how many of them have been read."""

    def __init__(self, texts: Sequence[tuple[str, str]], gone: frozenset[int] = frozenset()) -> None:
        self.passages = {
            p.id: p
            for n, (text, date) in enumerate(texts)
            for p in [Passage(f"{n:02}", 0, len(text), text, metadata={"date": date})]
        }
        self.gone = {id_ for n, id_ in enumerate(self.passages) if n in gone}
        self.codes = {id_: codes_of(p.text) for id_, p in self.passages.items()}
        self.times = 0

    def read(self, ids: Sequence[str]) -> dict[str, Passage]:
        self.times += len(ids)
        return {id_: self.passages[id_] for id_ in ids if id_ not in self.gone}


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    words = draw(st.sampled_from(LONG)).split()
    for place in draw(st.lists(st.integers(0, len(words) - 1), max_size=40)):
        words[place] = draw(st.sampled_from(("another", "the", "1932", "1933", "harbour")))
    text = " ".join(words[draw(st.sampled_from((0, 0, 10, 40, 110))) :])
    return text, draw(st.sampled_from(("", "2022-01-01", "2022-01-02")))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(edited(), max_size=14),
    st.lists(st.sampled_from((0.1, 0.5, 0.9)), min_size=14, max_size=14),
    st.integers(1, 6),
    st.frozensets(st.integers(0, 13), max_size=3),
)
def test_what_is_found_is_what_comparing_all_texts_finds(
    texts: list[tuple[str, str]], drawn: list[float], k: int, gone: frozenset[int]
) -> None:
    library = Library(texts, gone)
    scores = dict(zip(library.passages, drawn, strict=False))
    best = sorted(scores, key=lambda id_: (-scores[id_], id_))
    every = collapse_duplicates((Hit(library.passages[id_], scores[id_]) for id_ in best if id_ not in library.gone), k)
    assert dedupe(scores, k, library.read, library.codes) == every


def test_of_texts_that_share_nothing_only_the_wanted_are_read() -> None:
    words = [f"{a}{b}" for a in NAMES for b in ("", "s", "ing", "ation")]
    texts = [(" ".join(random.Random(n).choices(words, k=80)), "") for n in range(30)]
    library = Library(texts)
    scores = {id_: 1 - n / 100 for n, id_ in enumerate(library.passages)}
    found = dedupe(scores, 4, library.read, library.codes)
    assert [hit.passage.document_id for hit in found] == ["00", "01", "02", "03"]
    assert library.times == 4


def test_without_codes_all_are_read_and_copies_found() -> None:
    library = Library([(LONG[0], ""), (LONG[1], ""), (LONG[0], "")])
    scores = {id_: 1 - n / 10 for n, id_ in enumerate(library.passages)}
    first, second = dedupe(scores, 2, library.read, {})
    assert [p.document_id for p in first.copies] == ["02"]
    assert second.passage.document_id == "01"


def test_a_text_that_the_model_cut_off_may_always_repeat() -> None:
    starts = codes_of(LONG[0]).starts
    other = codes_of(LONG[1]).starts
    assert not may_be_copies([starts, other], [len(LONG[0]), len(LONG[1])]).any()
    assert may_be_copies([starts[:40], other], [len(LONG[0]), len(LONG[1])]).tolist() == [[False, True], [True, False]]


def test_a_text_alone_repeats_nothing() -> None:
    assert not may_be_copies([codes_of(LONG[0]).starts], [len(LONG[0])]).any()
