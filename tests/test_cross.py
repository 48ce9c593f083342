from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedding.token_codes import Floats
from index.errors import ModelMissingError
from index.schema import Hit, Passage, Section
from rag.config import RagConfig
from rag.pipeline import Pipeline
from rag.retrieval.cross_encoder import (
    DEFAULT_RERANKER,
    NO_RERANKER,
    CachedCrossEncoder,
    OnnxCrossEncoder,
    make_cross_encoder,
)
from rag.retrieval.rerank import in_context, rerank

QUESTION = "What did Hegseth say about Article 5?"


class Counting:
    """Scores a text by how often it says "yes", and counts what it has read."""

    name = "counting"

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        del question
        self.read += texts
        return np.array([text.count("yes") for text in texts], dtype=np.float32)


def hit(number: int, text: str, score: float) -> Hit:
    return Hit(Passage(f"d{number}", 0, len(text), text), score, {"dense": number})


def test_the_packaged_model_knows_an_answer_from_a_mention() -> None:
    packaged = make_cross_encoder(DEFAULT_RERANKER)
    assert packaged is not None
    texts = ["The bridge was opened in 1932.", "The bridge is painted grey every year.", "Apples are red.", ""]
    scores = packaged.scores("When was the bridge opened?", texts)
    assert scores.shape == (4,)
    assert scores[0] > scores[1] > scores[2]


def test_padding_and_order_do_not_change_a_score() -> None:
    packaged = make_cross_encoder(DEFAULT_RERANKER)
    assert isinstance(packaged, CachedCrossEncoder)
    inner = packaged._inner
    texts = ["Short.", "The bridge was opened in 1932 by the mayor. " * 3, "The bridge " * 300]
    together = inner.scores("Who opened the bridge?", texts)
    alone = [float(inner.scores("Who opened the bridge?", [text])[0]) for text in texts]
    assert np.allclose(together, alone, atol=1.0)  # activations are quantised by batch
    assert np.argmax(together) == np.argmax(alone) == 1


def test_pairs_are_read_once() -> None:
    counting = Counting()
    remembering = CachedCrossEncoder(counting)
    first = remembering.scores("q", ["yes", "no", "yes"])
    again = remembering.scores("q", ["no", "yes yes"])
    assert counting.read == ["yes", "no", "yes yes"]
    assert (first.tolist(), again.tolist()) == ([1, 0, 1], [0, 2])
    remembering.scores("another", ["no"])
    assert counting.read[-1] == "no"


def test_none_is_none() -> None:
    assert make_cross_encoder(NO_RERANKER) is None


@pytest.mark.parametrize("name", ["/no/such/folder", "./nowhere", "~/nowhere-at-all"])
def test_a_folder_that_is_not_there_is_named_with_the_way_out(name: str) -> None:
    with pytest.raises(ModelMissingError, match=r'There is no reranker folder .*"none"'):
        make_cross_encoder(name)


def test_a_broken_model_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    broken = make_cross_encoder(str(tmp_path))
    assert broken is not None
    with pytest.raises(ModelMissingError, match="could not be loaded"):
        broken.scores("q", ["text"])


def test_a_model_file_that_was_exchanged_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelMissingError, match="not the one that was checked"):
        OnnxCrossEncoder("x", tmp_path, "0" * 64).scores("q", ["text"])


def test_a_better_read_passage_rises_and_scores_keep_their_range() -> None:
    hits = [hit(1, "no", 1.0), hit(2, "yes yes", 0.8), hit(3, "yes", 0.2)]
    again = rerank("q", hits, {}, Counting(), 0.9)
    assert [h.passage.document_id for h in again] == ["d2", "d3", "d1"]
    assert [dict(h.ranks)["cross"] for h in again] == [1, 2, 3]
    assert max(h.score for h in again) <= 1.0
    assert min(h.score for h in again) >= 0.2


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=8), st.floats(0, 1))
def test_reranking_keeps_every_hit_and_orders_them(given_hits: list[tuple[int, float]], weight: float) -> None:
    hits = [hit(n, "yes " * count or "no", score) for n, (count, score) in enumerate(given_hits)]
    again = rerank("q", hits, {}, Counting(), weight)
    assert {h.passage.id for h in again} == {h.passage.id for h in hits}
    assert [h.score for h in again] == sorted((h.score for h in again), reverse=True)


def test_a_sentence_is_read_under_its_title_once() -> None:
    passage = Passage("d", 0, 30, "It opened in 1932. It is grey.", title="Harbour bridge")
    assert in_context(passage, 0, 18) == "Harbour bridge. It opened in 1932."
    named = Passage("d", 0, 20, "Harbour bridge opens", title="Harbour bridge")
    assert in_context(named, 0, 20) == "Harbour bridge opens"
    under = replace(passage, headings=(Section(-9, "heading", "History", 1),))
    assert in_context(under, 19, 30) == "Harbour bridge. History. It is grey."


def test_the_pipeline_says_what_it_read_closely(seed_pipeline: Pipeline) -> None:
    hits = seed_pipeline.search(QUESTION)
    assert all("cross" in h.ranks for h in hits)
    quotes = seed_pipeline.ranker.rank(QUESTION, hits, seed_pipeline.store.keyword.idf)
    closely = [q.kind in ("cross", "reader") for q in quotes]
    assert closely == sorted(closely, reverse=True)
    assert sum(closely) == min(RagConfig().read_closely, len(quotes))
    assert [q.probability for q in quotes] == sorted((q.probability for q in quotes), reverse=True)
