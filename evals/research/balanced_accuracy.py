"""Balanced accuracy: the mean of how many of each of two classes are told right, whatever their sizes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from evals.stats.bootstrap import t_quantile

_DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Balanced:
    """The value with its interval, and F1 of the positive class."""

    value: float
    low: float
    high: float
    f1: float


def balanced_accuracy(
    said: Sequence[bool], true: Sequence[bool], groups: Sequence[Hashable], *, level: float = 0.95, seed: int = 0
) -> Balanced:
    """Of ``said`` against ``true``; the interval is the cluster bootstrap's over ``groups``, widened for few clusters.

    As ``evals.stats.bootstrap`` does for means. Raises ValueError unless both classes are there.
    """
    if len(set(true)) < 2:  # noqa: PLR2004
        raise ValueError("balanced accuracy needs cases of both classes")
    number: dict[Hashable, int] = {}
    index = np.array([number.setdefault(group, len(number)) for group in groups])
    hits, positive = np.array(said), np.array(true)
    parts = [positive & hits, positive, ~positive & ~hits, ~positive]
    counts = np.stack([np.bincount(index, weights=part, minlength=len(number)) for part in parts])
    drawn = np.random.default_rng(seed).integers(0, len(number), size=(_DRAWS, len(number)))
    tp, p, tn, n = counts[:, drawn].sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (tp / p + tn / n) / 2
    few = len(number) / max(1, len(number) - 1)
    tail = NormalDist().cdf(-(few**0.5) * t_quantile(level, max(1, len(number) - 1)))
    low, high = np.nanquantile(values, (tail, 1 - tail))
    right, all_p, right_n, all_n = counts.sum(axis=1)
    f1 = 2 * right / (all_p + hits.sum()) if all_p + hits.sum() else 0.0
    return Balanced(float(right / all_p + right_n / all_n) / 2, float(low), float(high), float(f1))
