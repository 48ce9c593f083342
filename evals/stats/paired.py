"""A paired comparison of two runs on the same cases: the difference, its interval, and p-values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.stats.bootstrap import Clusters, bootstrap_interval, cluster
from evals.stats.interval import CaseScore, counted_scores

ALPHA = 0.05
"""The level at which a difference is called certain."""

_EXACT_UP_TO = 14
_SAME = 1e-9
_PASS = 0.5
_CELLS = 1 << 22


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run B against run A, the baseline, on one metric.

    ``n`` cases scored in both runs, of ``clusters`` documents. ``difference`` is B's mean minus A's, with its
    interval; ``wins`` are cases where B is the better. ``p_value`` belongs to the named ``test``:
    ``"mcnemar"`` for yes/no metrics, ``"sign-flip"`` for graded ones. ``clustered_p_value`` is always the
    sign-flip test by document: where it is the larger one, questions about one document moved together.
    ``flipped`` cases went from one side of one half to the other. Cases that could not be compared are named:
    ``missing_*`` are not in that run, ``unscored_*`` have no value there. Without a common case the means,
    the difference and the p-values are None; with fewer than two clusters the interval is.
    """

    n: int
    clusters: int
    wins: int
    ties: int
    losses: int
    mean_a: float | None
    mean_b: float | None
    difference: float | None
    low: float | None
    high: float | None
    test: str
    p_value: float | None
    clustered_p_value: float | None
    flipped: tuple[str, ...]
    missing_in_a: tuple[str, ...]
    missing_in_b: tuple[str, ...]
    unscored_in_a: tuple[str, ...]
    unscored_in_b: tuple[str, ...]


def compare(
    a: Iterable[CaseScore],
    b: Iterable[CaseScore],
    *,
    higher_is_better: bool = True,
    level: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> Comparison:
    """Compare run B with run A, case by case.

    Crashes count as in ``evals.stats.interval.estimate``. The interval is ``bootstrap_interval`` of the paired
    differences, by document (A's groups are used). The p-value is two-sided, for "the runs are equally good".
    Raises ValueError for a case given twice.
    """
    run_a, run_b = _by_id(a), _by_id(b)
    values_a = _values(run_a, higher_is_better=higher_is_better)
    values_b = _values(run_b, higher_is_better=higher_is_better)
    common = [case for case in run_a if case in values_a and case in values_b]
    before = np.array([values_a[case] for case in common], dtype=np.float64)
    after = np.array([values_b[case] for case in common], dtype=np.float64)
    difference = after - before
    difference[np.abs(difference) < _SAME] = 0.0
    clusters = cluster(difference.tolist(), [run_a[case].cluster for case in common])
    wins, losses = int((difference > 0).sum()), int((difference < 0).sum())
    yes_no = bool(np.isin(before, (0, 1)).all() and np.isin(after, (0, 1)).all())
    clustered_p = sign_flip_p_value(clusters, draws=draws, seed=seed) if common else None
    plain_p = mcnemar_p_value(wins, losses) if yes_no and common else clustered_p
    low, high = bootstrap_interval(clusters, level=level, draws=draws, seed=seed) or (None, None)
    return Comparison(
        n=len(common),
        clusters=clusters.count,
        wins=wins if higher_is_better else losses,
        ties=len(common) - wins - losses,
        losses=losses if higher_is_better else wins,
        mean_a=float(before.mean()) if common else None,
        mean_b=float(after.mean()) if common else None,
        difference=float(difference.mean()) if common else None,
        low=low,
        high=high,
        test="mcnemar" if yes_no else "sign-flip",
        p_value=plain_p,
        clustered_p_value=clustered_p,
        flipped=_named(common, (before >= _PASS) != (after >= _PASS)),
        missing_in_a=tuple(case for case in run_b if case not in run_a),
        missing_in_b=tuple(case for case in run_a if case not in run_b),
        unscored_in_a=tuple(case for case in run_a if case not in values_a),
        unscored_in_b=tuple(case for case in run_b if case not in values_b),
    )


def is_certain(low: float | None, high: float | None, p_value: float | None) -> bool:
    """Return whether a difference is certain: its interval leaves out 0 and its p-value is below ``ALPHA``."""
    if low is None or high is None or p_value is None:
        return False
    return (low > 0 or high < 0) and p_value < ALPHA


def mcnemar_p_value(wins: int, losses: int) -> float:
    """Compute the exact two-sided McNemar test: discordant cases go either way as a fair coin does.

    Source: McNemar 1947 in its exact binomial form. 1 when no case is discordant. Cases are taken as
    independent.
    """
    discordant = wins + losses
    ways = tail = 1
    for chosen in range(1, min(wins, losses) + 1):
        ways = ways * (discordant - chosen + 1) // chosen
        tail += ways
    return min(1.0, 2 * tail / (1 << discordant))


def sign_flip_p_value(differences: Clusters, *, draws: int = 10_000, seed: int = 0) -> float:
    """Compute the two-sided randomisation test of paired differences, whole clusters keeping or flipping their sign.

    If the runs are equally good their names may be swapped within any document, and the mean difference is
    one of those so obtained (Fisher 1935; for evaluation, Smucker, Allan & Carterette 2007). Chosen over
    Wilcoxon's signed ranks because it tests the mean that is reported, takes ties as they are, and keeps
    clusters whole. Up to 14 clusters with a difference all flips are tried; above, ``draws`` random ones,
    with p = (1 + as extreme) / (1 + draws), never 0 (Phipson & Smyth 2010).
    """
    sums = differences.sums[np.abs(differences.sums) >= _SAME]
    if not len(sums):
        return 1.0
    # Rounding must not decide whether a flip is as extreme as what was seen.
    observed = abs(float(sums.sum())) - _SAME
    if len(sums) <= _EXACT_UP_TO:
        every = np.arange(1 << len(sums))[:, None] >> np.arange(len(sums)) & 1
        return float((np.abs(_flipped_totals(every, sums)) >= observed).mean())
    extreme = sum(
        int((np.abs(_flipped_totals(flips, sums)) >= observed).sum()) for flips in _random_flips(len(sums), draws, seed)
    )
    return (1 + extreme) / (1 + draws)


def smallest_p_value(clusters: int) -> float:
    """Return the smallest p-value that ``sign_flip_p_value`` can give for so many clusters."""
    return min(1.0, 2.0 ** (1 - clusters))


def _flipped_totals(flips: NDArray[np.integer], sums: NDArray[np.float64]) -> NDArray[np.float64]:
    totals: NDArray[np.float64] = sums.sum() - 2 * (flips.astype(np.float64) @ sums)
    return totals


def _random_flips(count: int, draws: int, seed: int) -> Iterable[NDArray[np.uint8]]:
    rng = np.random.default_rng(seed)
    rows = max(1, _CELLS // count)
    for first in range(0, draws, rows):
        height = min(rows, draws - first)
        packed = rng.integers(0, 256, size=(height, -(-count // 8)), dtype=np.uint8)
        yield np.unpackbits(packed, axis=1, count=count)


def _by_id(scores: Iterable[CaseScore]) -> dict[str, CaseScore]:
    given = list(scores)
    run = {score.case_id: score for score in given}
    if len(run) < len(given):
        raise ValueError("a case is given twice")
    return run


def _values(run: dict[str, CaseScore], *, higher_is_better: bool) -> dict[str, float]:
    counted = counted_scores(run.values(), higher_is_better=higher_is_better)
    return {score.case_id: value for score, value in counted}


def _named(cases: Sequence[str], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(case for case, yes in zip(cases, chosen, strict=True) if yes)
