"""What a run has to reach: a least mean, or no less than an earlier run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.runner.compare import compare_runs, regressions, undecided
from evals.runner.estimates import HEADLINE, higher_is_better
from evals.runner.records import Run
from evals.runner.store import find_run, list_runs, read_run
from evals.stats.paired import Comparison
from index.errors import OnrecordError

_REFUSAL = ("refusal.precision", "refusal.recall", "refusal.f1", "refusal.balanced_accuracy")


class BoundError(OnrecordError):
    """A bound is not written as metric=value, or names no metric."""


@dataclass(frozen=True, slots=True)
class MetricBound:
    """The worst value a figure may have."""

    metric: str
    value: float


def parse_bound(text: str, metrics: Sequence[str]) -> MetricBound:
    """Parse ``metric=value``; figures such as ``refusal.f1`` are allowed too. Raises ``BoundError``."""
    metric, equals, value = text.partition("=")
    known = (*metrics, *_REFUSAL)
    if metric not in known:
        raise BoundError(f"--fail-under {text}: there is no metric {metric!r}. Metrics: {', '.join(known)}.")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not equals or math.isnan(number):
        raise BoundError(f"--fail-under {text}: write it as {metric}=0.8")
    return MetricBound(metric, number)


def explain_miss(bound: MetricBound, run: Run) -> str:
    """Say how a run misses a bound; empty when it keeps it. A figure without cases misses every bound."""
    value = _value(bound.metric, run)
    if value is None:
        return f"{bound.metric} has no value in this run; at least {bound.value:g} was asked for."
    more_is_better = higher_is_better(run.conditions.get("metrics", {}), bound.metric)
    kept = value >= bound.value if more_is_better else value <= bound.value
    side = "at least" if more_is_better else "at most"
    return "" if kept else f"{bound.metric} is {value:.4g}; {side} {bound.value:g} was asked for."


def find_baseline(name: str, run: Run, runs_folder: Path) -> Run | None:
    """Find the run to be no worse than: the named one, or for ``last`` the last finished run of set and answerer.

    None when there is no last one. Raises ``RunError`` for a named run that is not there.
    """
    if name != "last":
        return read_run(find_run(runs_folder, name))
    for info in list_runs(runs_folder):
        same = (info.run.set_sha256, info.run.answerer) == (run.set_sha256, run.answerer)
        if same and info.run.finished and info.run.conditions.get("limit") == run.conditions.get("limit"):
            return read_run(info.folder)
    return None


@dataclass(frozen=True, slots=True)
class RegressionCheck:
    """Sentences about each headline metric that is certainly worse, and about each that cannot be decided."""

    worse: tuple[str, ...]
    undecided: tuple[str, ...]


def check_regressions(before: Run, run: Run) -> RegressionCheck:
    """Check ``run`` against ``before`` by the rule that ``onrecord eval compare`` prints."""
    compared = compare_runs(before, run)
    see = f"see `onrecord eval compare {before.id} {run.id}`."
    worse = []
    for metric in regressions(compared):
        found = compared.metrics[metric].comparison
        worse.append(
            f"{metric} is worse than in {before.id}: {found.mean_a:.3f} → {found.mean_b:.3f}, "
            f"difference [{found.low:.3f}, {found.high:.3f}]; {see}"
        )
    unclear = [
        _explain_undecided(metric, compared.metrics[metric].comparison, before.id, see)
        for metric in undecided(compared)
    ]
    if not any(metric in compared.metrics and compared.metrics[metric].comparison.n for metric in HEADLINE):
        unclear.append(f"cannot tell whether it is worse than {before.id}: no case is scored in both runs; {see}")
    return RegressionCheck(tuple(worse), tuple(unclear))


def _explain_undecided(metric: str, found: Comparison, before: str, see: str) -> str:
    groups = "one group" if found.clusters == 1 else f"{found.clusters} groups"
    return (
        f"cannot tell whether {metric} is worse than in {before}: its cases ({found.n}) are of {groups}, "
        f"which is too few for any difference to be certain ({found.mean_a:.3f} → {found.mean_b:.3f}). "
        f"Add cases about other documents; {see}"
    )


def _value(metric: str, run: Run) -> float | None:
    topic, _, name = metric.partition(".")
    if topic == "refusal" and name:
        value: float | None = run.summary.get("refusal", {}).get(name)
        return value
    found = run.estimates.get(metric)
    return found.mean if found else None
