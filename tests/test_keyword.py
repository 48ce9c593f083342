"""Keyword search: against a reference, changed little by little against made at once, and what is told apart."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import bm25s
import numpy as np
import pytest
from conftest import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunking.chunk import Chunking, chunk
from index.keyword.bm25 import Bm25Index, KeywordIndexError
from index.reading.load import find_files, load
from index.schema import Passage
from index.text.terms import terms

WORDS = ["grey", "bridge", "river", "stone", "toll"]


def passage(document: str, text: str, start: int = 0) -> Passage:
    return Passage(document, start, start + len(text), text)


def index_of(*passages: Passage) -> Bm25Index:
    index = Bm25Index()
    held: dict[str, list[Passage]] = {}
    for one in passages:
        held.setdefault(one.document_id, []).append(one)
    index.replace(held)
    return index


def test_numbers_and_acronyms_are_found() -> None:
    one, other = passage("d1", "Article 5 binds the U.S. and others."), passage("d2", "It binds us to 15 articles.")
    index = index_of(one, other)
    assert list(index.search("article 5", 9)) == [one.id, other.id]
    assert list(index.search("5", 9)) == [one.id]
    assert list(index.search("US", 9)) == [one.id]


@pytest.mark.parametrize("query", ["the of and", "!!!", "", "zebra", "\ufdfa"])
def test_what_no_passage_holds_finds_nothing(query: str) -> None:
    assert index_of(passage("d", "Grey stone.")).search(query, 9) == {}
    assert index_of().search(query, 9) == {}


def test_a_letter_that_folds_to_several_words_is_found_by_itself() -> None:
    assert index_of(passage("d", "\ufdfa")).search("\ufdfa", 9)


def test_a_title_counts_as_the_text_does() -> None:
    titled = Passage("d", 0, 5, "Stone", title="The grey bridge")
    assert list(index_of(titled, passage("e", "Stone")).search("bridge", 9)) == [titled.id]


def test_equals_are_taken_by_id_also_at_the_cut() -> None:
    passages = [passage(f"{n:03}", "Grey stone.") for n in np.random.default_rng(0).permutation(300)]
    best = index_of(*passages).search("stone", 7)
    assert list(best) == sorted(p.id for p in passages)[:7]
    assert len(set(best.values())) == 1


@pytest.fixture(scope="module")
def news() -> Sequence[Passage]:
    return [
        passage
        for path in find_files([SEEDS / "news", SEEDS / "documents"])
        for passage in chunk(load(path), Chunking())
    ]


def test_scores_are_those_of_the_reference_up_to_the_rounding_of_lengths(news: Sequence[Passage]) -> None:
    corpus = [terms(f"{p.title}\n{p.text}") for p in news]
    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index(corpus, show_progress=False)
    index = index_of(*news)
    shared = []
    for asked in news[:: max(1, len(news) // 40)]:
        query = " ".join(asked.text.split()[3:11])
        known = [term for term in terms(query) if term in reference.vocab_dict]
        scores = dict(zip((p.id for p in news), 2.2 * reference.get_scores(known), strict=True))
        best = index.search(query, 10)
        for id_, score in best.items():
            assert score == pytest.approx(scores[id_], rel=0.06)
        expected = sorted((id_ for id_ in scores if scores[id_]), key=lambda id_: (-scores[id_], id_))[:10]
        assert next(iter(best)) == expected[0]
        shared.append(len(best.keys() & set(expected)) / len(expected))
    assert len(shared) >= 20
    assert np.mean(shared) > 0.95


def test_within_documents_the_best_are_those_of_the_whole_ranking(news: Sequence[Passage]) -> None:
    index = index_of(*news)
    for n, asked in enumerate(news[::7]):
        query = " ".join(asked.text.split()[:6])
        within = frozenset(sorted({p.document_id for p in news})[n % 3 :: 3])
        whole = [id_ for id_ in index.search(query, len(news)) if id_.rsplit(":", 1)[0] in within]
        assert list(index.search(query, 5, within)) == whole[:5]
    assert index.search("the president said", 5, frozenset()) == {}


TEXTS = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join), max_size=3)
CHANGES = st.lists(st.dictionaries(st.sampled_from("abcd"), TEXTS, min_size=1), min_size=1, max_size=6)


def cut(document: str, texts: Sequence[str]) -> list[Passage]:
    return [passage(document, text, 100 * n) for n, text in enumerate(texts)]


@settings(max_examples=40, deadline=None)
@given(CHANGES)
def test_changed_little_by_little_it_is_as_if_made_at_once(changes: list[dict[str, list[str]]]) -> None:
    index, held = Bm25Index(), {}
    for change in changes:
        index.replace({document: cut(document, texts) for document, texts in change.items()})
        held |= change
    fresh = Bm25Index()
    fresh.replace({document: cut(document, texts) for document, texts in held.items()})
    assert index.passage_counts() == fresh.passage_counts() == {d: len(t) for d, t in held.items() if t}
    assert len(index) == len(fresh)
    for word in [*WORDS, "unseen"]:
        assert index.idf(word) == fresh.idf(word)
        assert index.search(word, 99).keys() == fresh.search(word, 99).keys()


@settings(max_examples=25, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6), st.permutations(range(6)), st.lists(st.sampled_from(WORDS), min_size=1))
def test_the_order_of_adding_changes_nothing(texts: list[list[str]], order: list[int], asked: list[str]) -> None:
    documents = {f"d{n}": cut(f"d{n}", found) for n, found in enumerate(texts)}
    at_once, one_by_one = Bm25Index(), Bm25Index()
    at_once.replace(documents)
    for n in order:
        if f"d{n}" in documents:
            one_by_one.replace({f"d{n}": documents[f"d{n}"]})
    query = " ".join(asked)
    assert list(at_once.search(query, 4).items()) == list(one_by_one.search(query, 4).items())


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Path]:
    Bm25Index(tmp_path / "k").replace({"d": [passage("d", "Grey stone.")]})
    yield tmp_path / "k"


def test_it_is_there_when_opened_again(on_disk: Path) -> None:
    again = Bm25Index(on_disk)
    assert again.passage_counts() == {"d": 1}
    assert list(again.search("stone", 3)) == ["d:0-11"]


def test_damage_is_told_by_one_kind_of_error(on_disk: Path) -> None:
    (on_disk / "meta.json").write_text("{")
    with pytest.raises(KeywordIndexError, match="failed"):
        Bm25Index(on_disk)
