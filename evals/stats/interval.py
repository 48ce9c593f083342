"""A mean over cases, with how sure it is and what it leaves out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.stats.bootstrap import Clusters, bootstrap_interval, cluster, t_quantile


@dataclass(frozen=True, slots=True)
class CaseScore:
    """The score of one case on one metric.

    ``group`` is the cluster, the document that the case is about; empty, the case stands alone. ``value`` is
    None when the case is unscored: the metric does not apply, or a judge's reply could not be read.
    ``crashed`` is for a case whose answer never came although the metric would apply; its ``value`` is then
    not looked at.
    """

    case_id: str
    group: str
    value: float | None
    crashed: bool = False

    @property
    def cluster(self) -> tuple[str, str]:
        """The cluster of the case: its group, or itself."""
        return ("group", self.group) if self.group else ("case", self.case_id)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its interval. ``n`` cases are in the mean, ``crashed`` of them at the worst value.

    ``unscored`` cases are not in it. ``mean`` is None when n is 0; ``low`` and ``high`` when there are fewer
    than two clusters, since one document says nothing about others.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int
    crashed: int
    unscored: int


def estimate(
    scores: Iterable[CaseScore],
    *,
    level: float = 0.95,
    higher_is_better: bool = True,
    bounds: tuple[float, float] | None = (0.0, 1.0),
) -> Estimate:
    """Estimate the mean with a cluster-robust interval.

    The standard error is sqrt(C / (C - 1) · Σ_c (Σ_i (s_ic - mean))²) / n over C clusters: Miller 2024
    ("Adding Error Bars to Evals", arXiv 2411.00640, appendix A) with the finite-cluster factor of inspect_ai.
    The interval is mean ± t · SE with Student's t of C - 1 degrees of freedom rather than 1.96, wider for few
    clusters, and is cut at ``bounds`` (None for values without bounds). When every case scores the same, the
    standard error is 0 and says nothing; the bounds are then those of Clopper & Pearson 1934 with each
    cluster as one trial, so 20 of 20 reads [0.83, 1].

    A crashed case counts as the worst value: 0, or 1 when lower is better. Raises ValueError for values out
    of bounds or NaN, and for a case given twice.
    """
    given = list(scores)
    counted = counted_scores(given, higher_is_better=higher_is_better)
    values = [value for _, value in counted]
    _check(given, values, bounds)
    clusters = cluster(values, [score.cluster for score, _ in counted])
    low, high = _interval(values, clusters, level, bounds)
    return Estimate(
        mean=float(np.mean(values)) if values else None,
        low=low,
        high=high,
        n=len(values),
        clusters=clusters.count,
        crashed=sum(score.crashed for score in given),
        unscored=len(given) - len(counted),
    )


def bootstrap_estimate(
    scores: Iterable[CaseScore],
    *,
    level: float = 0.95,
    higher_is_better: bool = True,
    draws: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Estimate as ``estimate`` does, with the cluster bootstrap's interval: for skewed metrics over many documents."""
    given = list(scores)
    plain = estimate(given, level=level, higher_is_better=higher_is_better, bounds=None)
    counted = counted_scores(given, higher_is_better=higher_is_better)
    clusters = cluster([value for _, value in counted], [score.cluster for score, _ in counted])
    low, high = bootstrap_interval(clusters, level=level, draws=draws, seed=seed) or (None, None)
    return Estimate(plain.mean, low, high, plain.n, plain.clusters, plain.crashed, plain.unscored)


def counted_scores(scores: Iterable[CaseScore], *, higher_is_better: bool = True) -> list[tuple[CaseScore, float]]:
    """Return the scores that count and their values: unscored cases are left out, crashes have the worst value."""
    worst = 0.0 if higher_is_better else 1.0
    pairs = ((score, worst if score.crashed else score.value) for score in scores)
    return [(score, float(value)) for score, value in pairs if value is not None]


def clustered_stderr(clusters: Clusters) -> float | None:
    """Return standard error of the mean, clustered; see ``estimate``. None with fewer than two clusters."""
    if clusters.count < 2:  # noqa: PLR2004
        return None
    n = int(clusters.sizes.sum())
    deviations = clusters.sums - clusters.sums.sum() / n * clusters.sizes
    few = clusters.count / (clusters.count - 1)
    return float(np.sqrt(few * np.square(deviations).sum()) / n)


def _interval(
    values: Sequence[float], clusters: Clusters, level: float, bounds: tuple[float, float] | None
) -> tuple[float | None, float | None]:
    error = clustered_stderr(clusters)
    if error is None:
        return None, None
    mean = float(np.mean(values))
    lowest, highest = bounds or (-np.inf, np.inf)
    if min(values) == max(values) and bounds:
        kept = ((1 - level) / 2) ** (1 / clusters.count)
        return lowest + (mean - lowest) * kept, highest - (highest - mean) * kept
    half = t_quantile(level, clusters.count - 1) * error
    return max(lowest, mean - half), min(highest, mean + half)


def _check(given: Sequence[CaseScore], values: Sequence[float], bounds: tuple[float, float] | None) -> None:
    lowest, highest = bounds or (-np.inf, np.inf)
    if not all(lowest <= value <= highest for value in values):
        raise ValueError(f"a value is NaN or outside [{lowest}, {highest}]")
    if len({score.case_id for score in given}) < len(given):
        raise ValueError("a case is given twice")
