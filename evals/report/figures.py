"""What a run says beyond its means: refusals, risk and coverage, latency, and under which conditions."""

from collections.abc import Iterator, Mapping
from typing import Any

from evals.runner.estimates import HEADLINE, higher_is_better
from evals.runner.models import Run

_LEAD = "answer_contained"

Point = tuple[float, float, float]
"""Threshold, coverage and risk."""


def refusal(run: Run) -> dict[str, float]:
    """Precision, recall and F1 of refusing, those that are defined."""
    return _numbers(run.summary.get("refusal"), ("precision", "recall", "f1"))


def areas(run: Run) -> dict[str, float]:
    """``aurc`` and ``auroc`` of the confidence, those that are defined."""
    return _numbers(run.summary.get("risk_coverage"), ("aurc", "auroc"))


def risk_coverage(run: Run) -> list[Point]:
    """The points of the curve, from the most confident cases to all that were answered."""
    points = (run.summary.get("risk_coverage") or {}).get("points", ())
    found = ((float(p["threshold"]), float(p["coverage"]), float(p["risk"])) for p in points)
    return sorted(found, key=lambda point: point[1])


def latency(run: Run) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile in seconds by stage."""
    stages = run.summary.get("latency") or {}
    return {
        stage: (float(spread["p50"]), float(spread["p95"]))
        for stage, spread in stages.items()
        if _number(spread.get("p50")) and _number(spread.get("p95"))
    }


def threshold(run: Run) -> float | None:
    """The confidence below which this run's answerer refuses, when the run recorded it."""
    value = condition(run, "refuse_below")
    return float(value) if _number(value) else None


def at_threshold(points: list[Point], cut: float) -> Point | None:
    """The point of the curve where cases with at least ``cut`` confidence are answered; None for no case."""
    return max((point for point in points if point[0] >= cut), key=lambda point: point[1], default=None)


def condition(run: Run, name: str) -> Any:
    """The first condition of that name, however deep it lies; None when it was not recorded."""
    return next((value for path, value in conditions(run) if path.rsplit(".", 1)[-1] == name), None)


def conditions(run: Run) -> Iterator[tuple[str, Any]]:
    """Every recorded condition with its dotted name, but for what the metrics are (``about``)."""
    yield from _leaves({name: value for name, value in run.conditions.items() if name != "metrics"}, "")


def metrics(run: Run) -> Mapping[str, Mapping[str, Any]]:
    """What the run records of each metric."""
    found: Mapping[str, Mapping[str, Any]] = run.conditions.get("metrics", {})
    return found


def about(run: Run, metric: str) -> str:
    """What a metric measures, in the words of the run."""
    words = str(metrics(run).get(metric, {}).get("about", ""))
    return words if higher_is_better(metrics(run), metric) else f"{words} (less is better)".strip()


def headline(run: Run) -> list[str]:
    """The metrics to look at first: those that decide on regressions; without any of them, all."""
    scored = [name for name, value in run.estimates.items() if value.mean is not None]
    return [name for name in HEADLINE if name in scored] or scored


def lead(run: Run) -> str | None:
    """The one metric that stands for the run: whether the answers are right, or what comes first."""
    first = headline(run)
    return _LEAD if _LEAD in first else next(iter(first), None)


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        yield path, value
        return
    for name, inner in value.items():
        yield from _leaves(inner, f"{path}.{name}" if path else str(name))


def _numbers(part: Mapping[str, Any] | None, names: tuple[str, ...]) -> dict[str, float]:
    return {name: float(part[name]) for name in names if _number(part.get(name))} if part else {}


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
