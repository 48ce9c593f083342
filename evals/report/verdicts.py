"""What may be said of each metric of a comparison, as ``evals.runner.compare`` says it."""

from collections.abc import Mapping
from dataclasses import dataclass

from evals.report import figures
from evals.runner.compare import Verdict, holm
from evals.runner.estimates import higher_is_better
from evals.runner.models import Run
from evals.stats.paired import Comparison

_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on B, and the p-value it rests on: Holm's, over the metrics that differ in any case."""

    verdict: Verdict
    adjusted_p_value: float | None


def judged(comparisons: Mapping[str, Comparison], a: Run, b: Run) -> dict[str, Judged]:
    """The verdict of each metric: better or worse only if surely so, same if no case differs."""
    differing = {metric: found for metric, found in comparisons.items() if found.wins or found.losses}
    adjusted = holm({metric: _p_value(found) for metric, found in differing.items()})
    return {
        metric: Judged(_verdict(found, adjusted.get(metric), more_is_better(metric, a, b)), adjusted.get(metric))
        for metric, found in comparisons.items()
    }


def more_is_better(metric: str, a: Run, b: Run) -> bool:
    """Whether more of the metric is better, as either run records it."""
    return higher_is_better({**figures.metrics(a), **figures.metrics(b)}, metric)


def _p_value(found: Comparison) -> float:
    return max(found.p_value or 0.0, found.clustered_p_value or 0.0)


def _verdict(found: Comparison, adjusted: float | None, more: bool) -> Verdict:
    if found.difference is None or adjusted is None:
        return "same"
    apart = found.low is not None and found.high is not None and not found.low <= 0 <= found.high
    if adjusted >= _ALPHA or not apart:
        return "no difference shown"
    return "better" if (found.difference > 0) == more else "worse"
