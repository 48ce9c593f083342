import numpy as np
from conftest import TokenWordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.token_codes import TokenCodes, encode_tokens, random_rotation
from index.text.sentences import sentence_spans
from rag.retrieval.fusion import blend
from rag.retrieval.late_interaction import match_tokens
from rag.retrieval.query import make_query_encoder

EMBEDDER = TokenWordEmbedder()
ROTATION = random_rotation(256)


def codes_of(text: str) -> TokenCodes:
    return encode_tokens(EMBEDDER.embed_tokens([text])[1][0], ROTATION)


def test_the_text_that_has_a_word_for_each_of_the_question_s_is_nearest() -> None:
    query = make_query_encoder(EMBEDDER, lambda _: ROTATION)("grey harbour bridge")
    assert query.tokens is not None
    full, half, none = match_tokens(
        query.tokens, [codes_of(t) for t in ("a grey harbour bridge", "a grey cat", "red apples")]
    )
    assert full.score > half.score > none.score
    assert full.score > 0.7


def test_a_sentence_is_met_by_its_own_words_alone() -> None:
    text = "The bridge is grey. Apples are red. Nothing here."
    query = make_query_encoder(EMBEDDER, lambda _: ROTATION)("red apples")
    assert query.tokens is not None
    best = match_tokens(query.tokens, [codes_of(text)])[0].best_by_sentence(sentence_spans(text))
    assert best.shape == (3, 2)
    assert best.mean(axis=1).argmax() == 1


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Grey bridge. ", "Red apples fall. ", "1932! "]), min_size=1, max_size=6))
def test_no_sentence_is_nearer_than_its_passage_and_the_nearest_words_are_in_one(parts: list[str]) -> None:
    text = "".join(parts).strip()
    query = make_query_encoder(EMBEDDER, lambda _: ROTATION)("red bridge 1932")
    assert query.tokens is not None
    met = match_tokens(query.tokens, [codes_of(text)])[0]
    best = met.best_by_sentence(sentence_spans(text))
    assert np.allclose(best.max(axis=0), met.similarities.max(axis=1), atol=1e-6)
    assert (best.mean(axis=1) <= met.score + 1e-6).all()


def test_a_span_without_tokens_matches_nothing() -> None:
    query = make_query_encoder(EMBEDDER, lambda _: ROTATION)("bridge")
    assert query.tokens is not None
    met = match_tokens(query.tokens, [codes_of("bridge")])[0]
    assert met.best_by_sentence([(0, 6), (7, 9)])[1].tolist() == [0.0]
    assert met.best_by_sentence([]).shape == (0, 1)


def test_a_question_has_no_tokens_where_the_index_has_none() -> None:
    query = make_query_encoder(EMBEDDER, lambda _: None)("grey bridge")
    assert query.tokens is None
    assert np.allclose(query.vector, EMBEDDER.embed_query("grey bridge"))


SCORES = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), max_size=6)


@given(SCORES, SCORES, st.floats(0, 1))
def test_blending_keeps_every_candidate_and_stays_between_0_and_1(
    fused: dict[str, float], late: dict[str, float], weight: float
) -> None:
    known = {id_: score for id_, score in late.items() if id_ in fused}
    blended = blend(fused, known, weight)
    assert blended.keys() == fused.keys()
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in blended.values())
