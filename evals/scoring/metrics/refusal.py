"""Metrics of refusing, and of how well confidence tells right answers from wrong ones.

These are metrics of a whole run: parallel sequences, one entry a case. Undefined ones are None.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class RefusalScores:
    """Refusing as a classifier whose positive class is "unanswerable"; counts, then scores in [0, 1].

    ``false_refusals`` is the share of answerable questions that were refused.
    """

    refused_unanswerable: int
    refused_answerable: int
    answered_unanswerable: int
    answered_answerable: int
    precision: float | None
    recall: float | None
    f1: float | None
    balanced_accuracy: float | None
    false_refusals: float | None


@dataclass(frozen=True, slots=True)
class RiskCoveragePoint:
    """Answering every case with at least ``threshold`` confidence answers ``coverage`` at ``risk``."""

    threshold: float
    coverage: float
    risk: float


def refusal_scores(refused: Sequence[bool], unanswerable: Sequence[bool]) -> RefusalScores:
    """Compute precision, recall and F1 of refusing, and balanced accuracy (mean recall of the two classes).

    Raises ValueError when the sequences differ in length.
    """
    pairs = list(zip(map(bool, refused), map(bool, unanswerable), strict=True))
    tp, fp = pairs.count((True, True)), pairs.count((True, False))
    fn, tn = pairs.count((False, True)), pairs.count((False, False))
    recall, kept = _share(tp, tp + fn), _share(tn, tn + fp)
    return RefusalScores(
        refused_unanswerable=tp,
        refused_answerable=fp,
        answered_unanswerable=fn,
        answered_answerable=tn,
        precision=_share(tp, tp + fp),
        recall=recall,
        f1=_share(2 * tp, 2 * tp + fp + fn),
        balanced_accuracy=None if recall is None or kept is None else (recall + kept) / 2,
        false_refusals=_share(fp, fp + tn),
    )


def risk_coverage(confidence: Sequence[float], correct: Sequence[float]) -> tuple[RiskCoveragePoint, ...]:
    """Compute the curve of selective risk, from the most confident cases to all of them.

    ``correct`` in [0, 1] is what the answer is worth were it given (0 on an unanswerable question); risk is
    the mean of ``1 - correct`` over what is answered. Cases of equal confidence are answered together, as no
    threshold separates them: one point per distinct confidence.

    Source: El-Yaniv & Wiener, JMLR 11, 2010; Geifman & El-Yaniv, NeurIPS 2017. Raises ValueError for lengths
    that differ, confidence that is NaN, or correctness outside [0, 1].
    """
    thresholds, sizes, losses = _by_confidence(confidence, correct)
    answered = np.cumsum(sizes)
    risks = np.cumsum(losses) / answered
    return tuple(
        RiskCoveragePoint(float(t), float(n / answered[-1]), float(risk))
        for t, n, risk in zip(thresholds, answered, risks, strict=True)
    )


def aurc(confidence: Sequence[float], correct: Sequence[float]) -> float | None:
    """Compute the area under the risk-coverage curve, the mean risk at coverages 1/n, 2/n, …, 1. Lower is better.

    Ties are averaged over every order they could have come in, so that the area depends on neither the order
    of the cases nor luck. None without cases. Source: Geifman, Uziel & El-Yaniv, ICLR 2019.
    """
    _, sizes, losses = _by_confidence(confidence, correct)
    if not len(sizes):
        return None
    before, lost = np.cumsum(sizes) - sizes, np.cumsum(losses) - losses
    position = np.arange(1, sizes.sum() + 1)
    in_tie = position - np.repeat(before, sizes)
    expected = np.repeat(lost, sizes) + np.repeat(losses / sizes, sizes) * in_tie
    return float(np.mean(expected / position))


def excess_aurc(confidence: Sequence[float], correct: Sequence[float]) -> float | None:
    """Compute ``aurc`` above that of the best possible confidence for the same answers; 0 is perfect ranking.

    The optimum is computed from the cases themselves rather than by the approximation r + (1 - r) ln(1 - r)
    of E-AURC (Geifman, Uziel & El-Yaniv 2019), so a perfect ranking scores 0 at any n.
    """
    area = aurc(confidence, correct)
    best = aurc(correct, correct)
    return None if area is None or best is None else max(0.0, area - best)


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the chance that a positive case scores above a negative one, a tie counting half; None without both.

    Computed from mid-ranks (Mann & Whitney 1947). Raises ValueError for lengths that differ or a NaN score.
    """
    values, labels = _checked(scores), np.asarray(positive, dtype=bool)
    if len(values) != len(labels):
        raise ValueError(f"{len(values)} scores for {len(labels)} labels")
    n, positives = len(labels), int(labels.sum())
    if positives in (0, n):
        return None
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    mid_ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    above = float(mid_ranks[labels].sum()) - positives * (positives + 1) / 2
    return above / (positives * (n - positives))


def _by_confidence(
    confidence: Sequence[float], correct: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.integer], NDArray[np.float64]]:
    """Group cases by confidence, highest first: the values, how many cases have each, and what they lose."""
    values, worth = _checked(confidence), _checked(correct)
    if len(values) != len(worth):
        raise ValueError(f"{len(values)} confidences for {len(worth)} answers")
    if np.any((worth < 0) | (worth > 1)):
        raise ValueError("correctness must lie in [0, 1]")
    negated, group, sizes = np.unique(-values, return_inverse=True, return_counts=True)
    losses = np.bincount(group, weights=1 - worth, minlength=len(negated))
    return -negated, sizes, losses.astype(np.float64)


def _checked(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if np.isnan(array).any():
        raise ValueError("a score is NaN")
    return array


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
