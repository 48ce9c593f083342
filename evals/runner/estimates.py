"""Means of a run's scores, each with its interval and what it leaves out."""

from collections.abc import Mapping, Sequence
from typing import Any

from evals.runner.records import Result
from evals.stats.interval import CaseScore, Estimate, estimate

HEADLINE = (
    "ndcg@10",
    "span_recall",
    "answer_contained",
    "evidence_covered",
    "citation_support",
    "refused_right",
)
"""The metrics that decide whether a run is a regression: one for each thing that can get worse."""


def estimate_metrics(results: Sequence[Result], metrics: Mapping[str, Mapping[str, Any]]) -> dict[str, Estimate]:
    """Estimate each metric over all results; ``metrics`` as in ``Run.conditions["metrics"]``."""
    return {
        name: estimate(
            case_scores(results, name),
            higher_is_better=higher_is_better(metrics, name),
            bounds=_bounds(metrics.get(name, {})),
        )
        for name in metric_names(results, metrics)
    }


def case_scores(results: Sequence[Result], metric: str) -> list[CaseScore]:
    """Return one metric's score of each case. A crash counts where the metric applies to the case."""
    return [
        CaseScore(
            result.case_id,
            result.group,
            value := result.scores.get(metric),
            crashed=result.status != "answered" and value is not None,
        )
        for result in results
    ]


def metric_names(results: Sequence[Result], metrics: Mapping[str, Any]) -> list[str]:
    """List the metrics of a run in their order, then any others that its results hold."""
    return list(dict.fromkeys([*metrics, *(name for result in results for name in result.scores)]))


def higher_is_better(metrics: Mapping[str, Mapping[str, Any]], name: str) -> bool:
    """Return whether more of the metric is better; it is when nothing else is recorded."""
    return bool(metrics.get(name, {}).get("higher_is_better", True))


def _bounds(metric: Mapping[str, Any]) -> tuple[float, float]:
    low, high = metric.get("bounds", (0.0, 1.0))
    return float(low), float(high)
