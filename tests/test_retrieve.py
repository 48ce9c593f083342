from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.terms import fold_word_spans, fold_words, terms
from rag.pipeline import Pipeline
from rag.retrieval.fusion import fuse

SCORES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1), max_size=8)
POSITIVE = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 30), max_size=8)


@given(SCORES, POSITIVE, st.floats(0, 1))
def test_fusion_keeps_every_id_and_stays_between_0_and_1(dense, keyword, weight) -> None:  # noqa: ANN001
    fused = fuse(dense, keyword, weight)
    assert fused.keys() == dense.keys() | keyword.keys()
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in fused.values())


@given(SCORES, POSITIVE, st.floats(0, 1), st.floats(0.5, 20), st.floats(-5, 5))
def test_fusion_does_not_care_about_the_scale_of_a_side(dense, keyword, weight, factor, shift) -> None:  # noqa: ANN001
    scaled = {id_: score * factor + shift for id_, score in dense.items()}
    once, twice = fuse(dense, keyword, weight), fuse(scaled, keyword, weight)
    if len({round(s, 3) for s in dense.values()}) == len(dense):
        assert once == pytest.approx(twice, abs=1e-3)


@given(SCORES, POSITIVE, st.floats(0.01, 0.99))
def test_what_is_better_on_both_sides_is_never_ranked_lower(dense, keyword, weight) -> None:  # noqa: ANN001
    fused = fuse(dense, keyword, weight)
    for a in dense.keys() & keyword.keys():
        for b in dense.keys() & keyword.keys():
            if dense[a] >= dense[b] and keyword[a] >= keyword[b]:
                assert fused[a] >= fused[b] - 1e-9


def test_terms_fold_case_accents_possessives_and_thousands() -> None:
    assert terms("Zelenskyy's café sold 1,000 CAFÉS") == ["zelenskyy", "cafe", "sold", "1000", "cafe"]
    assert terms("東京都") == ["東京", "京都"]


@given(st.text())
def test_folded_words_stand_where_their_spans_say(text: str) -> None:
    spans = fold_word_spans(text)
    assert [word for word, _, _ in spans] == fold_words(text)
    for word, start, end in spans:
        assert fold_words(text[start:end]) == [word]


def test_folded_keeps_function_words_and_drops_case_accents_and_thousands() -> None:
    assert fold_words("They did NOT sell 1,000 Cafés at 2.5%") == "they did not sell 1000 cafes at 2.5".split()
    assert fold_words("東京2025") == ["東", "京", "2025"]


def test_hits_say_why_they_are_here(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(cats="Cats purr at night.", dogs="Dogs bark at noon.", fish="Fish swim.")
    hits = pipeline.search("when do cats purr")
    assert hits[0].passage.text == "Cats purr at night."
    assert hits[0].ranks == {"dense": 1, "keyword": 1}
    assert "keyword" not in hits[-1].ranks
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)


def test_the_keyword_side_follows_the_store(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(cats="Cats purr at night.")
    assert "keyword" not in pipeline.search("zebras")[0].ranks
    pipeline = indexed(zebras="Zebras graze.")
    assert pipeline.search("zebras")[0].ranks["keyword"] == 1


def test_an_empty_index_finds_nothing(indexed: Callable[..., Pipeline]) -> None:
    assert indexed().search("anything") == ()
