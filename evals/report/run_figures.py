"""Figures and facts of a run for every report: refusals, confidence, latency, tags, conditions, names."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from evals.runner.estimates import HEADLINE, estimate_metrics, higher_is_better
from evals.runner.records import Result, Run
from evals.stats.interval import Estimate

_LEAD = "answer_contained"

CurvePoint = tuple[float, float, float]
"""Threshold, coverage and risk."""


def refusal_figures(run: Run) -> dict[str, float]:
    """Return precision, recall and F1 of refusing, those that are defined."""
    return _numbers(run.summary.get("refusal"), ("precision", "recall", "f1"))


def confidence_areas(run: Run) -> dict[str, float]:
    """Return ``aurc`` and ``auroc`` of the confidence, those that are defined."""
    return _numbers(run.summary.get("risk_coverage"), ("aurc", "auroc"))


def risk_coverage(run: Run) -> list[CurvePoint]:
    """Return the points of the curve, from the most confident cases to all that were answered."""
    points = (run.summary.get("risk_coverage") or {}).get("points", ())
    found = ((float(p["threshold"]), float(p["coverage"]), float(p["risk"])) for p in points)
    return sorted(found, key=lambda point: point[1])


def latency_by_stage(run: Run) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile in seconds by stage."""
    stages = run.summary.get("latency") or {}
    return {
        stage: (float(spread["p50"]), float(spread["p95"]))
        for stage, spread in stages.items()
        if _number(spread.get("p50")) and _number(spread.get("p95"))
    }


def refusal_threshold(run: Run) -> float | None:
    """Return the confidence below which this run's answerer refuses, when the run recorded it."""
    value = find_condition(run, "refuse_below")
    return float(value) if _number(value) else None


def at_threshold(points: list[CurvePoint], cut: float) -> CurvePoint | None:
    """Return the point of the curve where cases with at least ``cut`` confidence are answered; None for no case."""
    return max((point for point in points if point[0] >= cut), key=lambda point: point[1], default=None)


def find_condition(run: Run, name: str) -> Any:
    """Return the first condition of that name, however deep it lies; None when it was not recorded."""
    return next((value for path, value in flat_conditions(run) if path.rsplit(".", 1)[-1] == name), None)


def flat_conditions(run: Run) -> Iterator[tuple[str, Any]]:
    """Yield every recorded condition with its dotted name, except the descriptions of metrics."""
    yield from _leaves({name: value for name, value in run.conditions.items() if name != "metrics"}, "")


def metric_descriptions(run: Run) -> Mapping[str, Mapping[str, Any]]:
    """Return what the run records of each metric, by name."""
    found: Mapping[str, Mapping[str, Any]] = run.conditions.get("metrics", {})
    return found


def describe_metric(run: Run, metric: str) -> str:
    """Say what a metric measures, in the run's own words."""
    words = str(metric_descriptions(run).get(metric, {}).get("about", ""))
    return words if higher_is_better(metric_descriptions(run), metric) else f"{words} (less is better)".strip()


def headline_metrics(run: Run) -> list[str]:
    """List the metrics to look at first: those that decide on regressions, or all where none of these is scored."""
    scored = [name for name, value in run.estimates.items() if value.mean is not None]
    return [name for name in HEADLINE if name in scored] or scored


def lead_metric(run: Run) -> str | None:
    """Return the one metric that stands for the run: whether the answers are right, or the first headline metric."""
    first = headline_metrics(run)
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


def all_tags(results: Iterable[Result]) -> list[str]:
    """List every tag, the most frequent first, then by name."""
    counted = Counter(tag for result in results for tag in dict.fromkeys(result.tags))
    return sorted(counted, key=lambda tag: (-counted[tag], tag))


def estimates_by_tag(run: Run) -> dict[str, dict[str, Estimate]]:
    """Estimate each metric over the cases of each tag; tags without a scored case are left out.

    A case counts under each of its tags.
    """
    tagged = {tag: [result for result in run.results if tag in result.tags] for tag in all_tags(run.results)}
    found = {tag: estimate_metrics(results, metric_descriptions(run)) for tag, results in tagged.items()}
    return {
        metric: {tag: values[metric] for tag, values in found.items() if metric in values and values[metric].n}
        for metric in run.estimates
    }


def run_facts(run: Run) -> list[tuple[str, str]]:
    """List set, answerer, run, its times and commit, those that are known."""
    told = {
        "set": run.set_name,
        "answerer": run.answerer,
        "run": run.id,
        "started": run.started,
        "finished": run.finished or "not yet",
        "commit": _commit(run),
    }
    return [(name, value) for name, value in told.items() if value]


def describe_clustering(run: Run) -> str:
    """Say what the intervals are clustered by."""
    alone = all(value.clusters == value.n for value in run.estimates.values())
    return f"95 % intervals, {'each case standing alone' if alone else 'clustered by document'}."


def run_names(runs: Sequence[Run]) -> list[str]:
    """Name each run by its answerer, with the run's id where two share one."""
    answerers = [run.answerer for run in runs]
    return [run.answerer if answerers.count(run.answerer) == 1 else f"{run.answerer} ({run.id})" for run in runs]


def _commit(run: Run) -> str:
    full = str(find_condition(run, "commit") or "")
    return full[:12] + ("+" if full.endswith("+") and len(full) > 12 else "")  # noqa: PLR2004
