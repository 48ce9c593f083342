from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

from evals.scoring.metrics.refusal import aurc, auroc, excess_aurc, refusal_scores, risk_coverage

decisions = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30)
confident = st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.9]), st.booleans()), min_size=1, max_size=6)


@given(decisions)
def test_scores_agree_with_scikit_learn_where_it_defines_them(cases: list[tuple[bool, bool]]) -> None:
    refused, unanswerable = zip(*cases, strict=True)
    scores = refusal_scores(refused, unanswerable)
    references = {
        "precision": (precision_score, any(refused)),
        "recall": (recall_score, any(unanswerable)),
        "f1": (f1_score, any(refused) or any(unanswerable)),
        "balanced_accuracy": (balanced_accuracy_score, len(set(unanswerable)) == 2),
    }
    for name, (reference, defined) in references.items():
        expected = pytest.approx(reference(unanswerable, refused)) if defined else None
        assert getattr(scores, name) == expected, name


def test_counts_and_false_refusals() -> None:
    scores = refusal_scores([True, True, False, False, False], [True, False, True, False, False])
    assert (scores.refused_unanswerable, scores.refused_answerable) == (1, 1)
    assert (scores.answered_unanswerable, scores.answered_answerable) == (1, 2)
    assert scores.false_refusals == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="shorter"):
        refusal_scores([True, False], [True])


def test_the_curve_answers_equal_confidence_together() -> None:
    points = risk_coverage([0.9, 0.5, 0.5, 0.1], [1, 0, 1, 0])
    assert [(p.threshold, p.coverage, p.risk) for p in points] == [
        (0.9, 0.25, 0.0),
        (0.5, 0.75, pytest.approx(1 / 3)),
        (0.1, 1.0, 0.5),
    ]
    assert risk_coverage([], []) == ()


@given(confident)
def test_area_is_the_mean_over_every_order_of_ties(cases: list[tuple[float, bool]]) -> None:
    areas = []
    for order in permutations(cases):
        if all(a[0] >= b[0] for a, b in pairwise(order)):
            losses = [1 - correct for _, correct in order]
            areas.append(np.mean([np.mean(losses[:i]) for i in range(1, len(losses) + 1)]))
    confidence, correct = zip(*cases, strict=True)
    assert aurc(confidence, correct) == pytest.approx(np.mean(areas))


@given(confident)
def test_excess_area_is_over_the_best_order(cases: list[tuple[float, bool]]) -> None:
    confidence, correct = zip(*cases, strict=True)
    n = len(correct)
    best = min(aurc(order, correct) for order in permutations(range(n)))
    assert excess_aurc(confidence, correct) == pytest.approx(aurc(confidence, correct) - best, abs=1e-12)


def test_area_follows_graded_correctness_and_rejects_nonsense() -> None:
    assert aurc([2, 1], [0.5, 1.0]) == pytest.approx((0.5 + 0.25) / 2)
    assert excess_aurc([1, 2], [0.5, 1.0]) == 0
    assert aurc([], []) is None
    assert excess_aurc([], []) is None
    for bad in ([0.5, float("nan")], [0.5]):
        with pytest.raises(ValueError, match=r"NaN|for 2"):
            aurc(bad, [1, 0])
    with pytest.raises(ValueError, match="correctness"):
        aurc([1.0], [2.0])


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=25))
def test_auroc_counts_pairs_with_ties_as_half(cases: list[tuple[int, bool]]) -> None:
    high = [score for score, positive in cases if positive]
    low = [score for score, positive in cases if not positive]
    value = auroc([score for score, _ in cases], [positive for _, positive in cases])
    if not high or not low:
        assert value is None
        return
    assert value == pytest.approx(np.mean([(h > other) + 0.5 * (h == other) for h in high for other in low]))
    assert value == pytest.approx(roc_auc_score([p for _, p in cases], [s for s, _ in cases]))
