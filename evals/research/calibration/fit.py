"""The two models of evidence, fitted on questions asked of small corpora."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evals.research.calibration.corpora import Observation, SentenceFeatures
from evals.research.logistic import fit_logistic, weight_bounds
from rag.reading.evidence_model import EvidenceKind, probability
from rag.reading.features import FEATURES

Floats = NDArray[np.float64]

_AGAINST = ("names_missing", "numbers_missing", "wrong_kind", "fragment")
_UNUSED: Mapping[EvidenceKind, Collection[str]] = {
    "tokens": ("cross", "sentence_cosine", "answered", "here"),
    "cosine": ("cross", "late", "late_weakest", "passage_late", "answered", "here"),
    "cross": ("sentence_cosine", "answered", "here"),
    "reader": ("sentence_cosine",),
}
_WEIGHT = {"answerable": 1.0, "foreign": 1.0, "elsewhere": 1.0, "adversarial": 0.5}


def fit_sentence(asked: Sequence[Observation], kind: EvidenceKind) -> dict[str, float]:
    """Fit the model of a sentence holding the answer; every set, and every question of a set, weighs the same."""
    share = _share(asked, lambda one: one.kind == "answerable" and any(s.holds for s in one.sentences))
    kept = [one for one in asked if share(one)]
    rows = np.array([s.values for one in kept for s in one.sentences])
    labels = np.array([float(s.holds) for one in kept for s in one.sentences])
    weights = np.array([share(one) / len(one.sentences) for one in kept for _ in one.sentences])
    return _fit(rows, labels, 10_000 * weights, kind)


def fit_answerable(
    asked: Sequence[Observation], sentence: Mapping[str, float], kind: EvidenceKind, *, threshold: float, refused: float
) -> dict[str, float]:
    """Fit the model of there being an answer, over the best sentence's features.

    Its bias is set so that the share ``refused`` of the answerable questions falls below ``threshold``.
    """
    share = _share(asked, lambda one: bool(one.sentences))
    kept = [one for one in asked if one.sentences]
    rows = np.array([best_sentence(one, sentence).values for one in kept])
    labels = np.array([float(one.kind == "answerable") for one in kept])
    weights = np.array([share(one) * _WEIGHT[one.kind] for one in kept])
    model = _fit(rows, labels, 2_000 * weights, kind)
    positive = labels > 0
    at = _logit(np.array([probability(model, row) for row in rows[positive]]))
    low = _weighted_quantile(at, np.array([share(one) for one in kept])[positive], refused)
    return {**model, "bias": round(model["bias"] + float(_logit(np.array(threshold)) - low), 4)}


def best_sentence(one: Observation, sentence: Mapping[str, float]) -> SentenceFeatures:
    """Return the sentence that the model puts first."""
    return max(one.sentences, key=lambda s: probability(sentence, s.values))


def _fit(rows: Floats, labels: Floats, weights: Floats, kind: EvidenceKind) -> dict[str, float]:
    return fit_logistic(rows, labels, weights, FEATURES, weight_bounds(FEATURES, _AGAINST, _UNUSED[kind]))


def _share(asked: Sequence[Observation], counts: Callable[[Observation], bool]) -> Callable[[Observation], float]:
    """Return the weight of each question: sets and kinds weigh the same; 0 for a question that does not count."""
    sizes = Counter((one.set_name, one.kind) for one in asked if counts(one))
    return lambda one: 1 / (len(sizes) * sizes[one.set_name, one.kind]) if counts(one) else 0.0


def _weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, share)])


def _logit(p: Floats) -> Floats:
    return np.asarray(np.log(p / (1 - p)))
