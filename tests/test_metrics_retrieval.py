from __future__ import annotations

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, Success, nDCG

from evals.scoring.metrics import retrieval

IDS = [f"d{i}" for i in range(12)]
rankings = st.lists(st.sampled_from(IDS), unique=True, max_size=12)
judgements = st.dictionaries(st.sampled_from(IDS), st.integers(0, 3), max_size=12)
OURS = {
    Success: retrieval.hit,
    R: retrieval.recall,
    P: retrieval.precision,
    RR: retrieval.reciprocal_rank,
    nDCG: retrieval.ndcg,
    AP: retrieval.average_precision,
}


def reference(measure: object, ranking: list[str], relevance: dict[str, int]) -> float:
    """trec_eval's value by ir-measures; scores fall strictly, so that its order is the ranking's."""
    qrels = [ir_measures.Qrel("q", doc, grade) for doc, grade in relevance.items()]
    # An unjudged document far below the cut-off keeps an empty ranking from being left out.
    run = [ir_measures.ScoredDoc("q", doc, -float(i)) for i, doc in enumerate([*ranking, "pad"])]
    return ir_measures.calc_aggregate([measure], qrels, run)[measure]


@given(rankings, judgements, st.integers(1, 14))
def test_every_metric_agrees_with_trec_eval_at_a_cutoff(ranking: list[str], relevance: dict[str, int], k: int) -> None:
    if not any(relevance.values()):
        assert all(ours(ranking, relevance, k) is None for ours in OURS.values())
        return
    for family, ours in OURS.items():
        assert ours(ranking, relevance, k) == pytest.approx(reference(family @ k, ranking, relevance))


@given(rankings, judgements)
def test_metrics_without_cutoff_agree_with_trec_eval(ranking: list[str], relevance: dict[str, int]) -> None:
    if any(relevance.values()):
        for family in (RR, nDCG, AP):
            assert OURS[family](ranking, relevance) == pytest.approx(reference(family, ranking, relevance))


def test_an_empty_ranking_scores_zero_and_no_relevant_id_scores_nothing() -> None:
    for metric in OURS.values():
        assert metric([], {"d1": 1}, 5) == 0.0
        assert metric(["d1"], {}, 5) is None
        assert metric(["d1"], {"d1": 0}, 5) is None


def test_gain_is_linear_in_the_grade() -> None:
    # (1/1 + 3/log2 3) / (3/1 + 1/log2 3), where exponential gain would give 0.71
    assert retrieval.ndcg(["low", "high"], {"low": 1, "high": 3}) == pytest.approx(0.79671, abs=1e-5)


def test_a_repeated_id_earns_credit_once_and_keeps_its_rank() -> None:
    ranking, relevance = ["a", "a", "b"], {"a": 1, "b": 1}
    assert retrieval.precision(ranking, relevance, 2) == 0.5
    assert retrieval.average_precision(ranking, relevance) == pytest.approx((1 + 2 / 3) / 2)
    assert retrieval.distinct(ranking) == ("a", "b")


@given(st.lists(st.sampled_from(IDS), max_size=20), judgements, st.integers(1, 14))
def test_values_stay_between_zero_and_one_even_with_repeats(
    ranking: list[str], relevance: dict[str, int], k: int
) -> None:
    for metric in OURS.values():
        value = metric(ranking, relevance, k)
        assert value is None or 0 <= value <= 1 + 1e-12


def test_a_cutoff_below_one_is_refused() -> None:
    for metric in OURS.values():
        with pytest.raises(ValueError, match="at least 1"):
            metric(["a"], {"a": 1}, 0)
