"""Two runs over the same cases compared, metric by metric, with a verdict on each."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from evals.runner.estimates import HEADLINE, case_scores, higher_is_better, metric_names
from evals.runner.records import Run
from evals.runner.store import RunError
from evals.stats.paired import ALPHA, Comparison, compare, is_certain, smallest_p_value

Verdict = Literal["better", "worse", "same", "no difference shown"]


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """Run B against run A on one metric.

    ``adjusted_p_value`` is the larger of the comparison's p-values after Holm's correction over the metrics
    that differ anywhere. ``verdict`` is "better" or "worse" only when it is below 0.05 and the interval of
    the difference leaves out 0; "same" when no case differs.
    """

    comparison: Comparison
    adjusted_p_value: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Run B against run A, the baseline. ``notes`` say in what the runs differ besides their answers."""

    a: str
    b: str
    metrics: Mapping[str, MetricComparison]
    notes: tuple[str, ...] = ()


def compare_runs(a: Run, b: Run) -> RunComparison:
    """Compare every metric that both runs have, on the cases they share.

    Raises ``RunError`` when they share no case, or when a shared case was put differently in them.

    >>> compare_runs(run, replace(run, id="again")).metrics["answer_contained"].verdict
    'same'
    """
    asked_a, asked_b = _asked(a), _asked(b)
    common = [case for case in asked_a if case in asked_b]
    if not common:
        raise RunError(f"The runs {a.id!r} and {b.id!r} have no case in common: compare runs of the same set.")
    changed = [case for case in common if asked_a[case] != asked_b[case]]
    if changed:
        raise RunError(
            f"{len(changed)} of the {len(common)} common cases were changed between the runs {a.id!r} and "
            f"{b.id!r} ({', '.join(changed[:3])}): run the set again with either answerer."
        )
    metrics: Mapping[str, Mapping[str, Any]] = {
        **a.conditions.get("metrics", {}),
        **b.conditions.get("metrics", {}),
    }
    in_b = set(metric_names(b.results, b.conditions.get("metrics", {})))
    names = [name for name in metric_names(a.results, a.conditions.get("metrics", {})) if name in in_b]
    compared = {name: _compared(a, b, name, more_is_better=higher_is_better(metrics, name)) for name in names}
    return RunComparison(a.id, b.id, add_verdicts(compared, metrics), tuple(_notes(a, b)))


def add_verdicts(
    comparisons: Mapping[str, Comparison], metrics: Mapping[str, Mapping[str, Any]]
) -> dict[str, MetricComparison]:
    """Judge the comparison of each metric, with Holm's correction over those on which any case differs.

    ``metrics`` describes each metric, as in ``Run.conditions["metrics"]``.
    """
    differing = {name: found for name, found in comparisons.items() if found.wins or found.losses}
    adjusted = holm({name: _p_value(found) for name, found in differing.items()})
    return {
        name: MetricComparison(
            found,
            adjusted.get(name),
            _verdict(found, adjusted.get(name), more_is_better=higher_is_better(metrics, name)),
        )
        for name, found in comparisons.items()
    }


def regressions(comparison: RunComparison, metrics: Sequence[str] = HEADLINE) -> tuple[str, ...]:
    """List the headline metrics on which run B is certainly worse, corrected for all metrics that differ."""
    return tuple(
        name for name in metrics if (found := comparison.metrics.get(name)) is not None and found.verdict == "worse"
    )


def undecided(comparison: RunComparison, metrics: Sequence[str] = HEADLINE) -> tuple[str, ...]:
    """List the headline metrics whose cases are of so few documents that no difference could be certain.

    Those on which no case differs are judged.
    """
    found = {name: comparison.metrics[name] for name in metrics if name in comparison.metrics}
    differ = sum(metric.adjusted_p_value is not None for metric in comparison.metrics.values())
    return tuple(
        name
        for name, metric in found.items()
        if metric.verdict == "no difference shown" and smallest_p_value(metric.comparison.clusters) * differ >= ALPHA
    )


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p-values for their number, so that none is below 0.05 by chance more than 1 time in 20.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".
    """
    adjusted: dict[str, float] = {}
    highest = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        highest = max(highest, min(1.0, p_values[name] * (len(p_values) - rank)))
        adjusted[name] = highest
    return adjusted


def comparison_to_dict(comparison: RunComparison) -> dict[str, Any]:
    """Return the comparison as plain data, for JSON."""
    return asdict(comparison)


def _compared(a: Run, b: Run, metric: str, *, more_is_better: bool) -> Comparison:
    return compare(case_scores(a.results, metric), case_scores(b.results, metric), higher_is_better=more_is_better)


def _asked(run: Run) -> dict[str, tuple[Any, ...]]:
    """Return what each case asked; scores of a case that was changed are not of the same thing."""
    return {
        r.case_id: (
            r.case.get("question"),
            r.case.get("history", []),
            r.case.get("answers", []),
            list(r.gold),
        )
        for r in run.results
    }


def _p_value(found: Comparison) -> float:
    return max(found.p_value or 0.0, found.clustered_p_value or 0.0)


def _verdict(found: Comparison, adjusted: float | None, *, more_is_better: bool) -> Verdict:
    if found.difference is None or not (found.wins or found.losses):
        return "same"
    if not is_certain(found.low, found.high, adjusted):
        return "no difference shown"
    return "better" if (found.difference > 0) == more_is_better else "worse"


def _notes(a: Run, b: Run) -> list[str]:
    notes = []
    if a.set_sha256 != b.set_sha256:
        notes.append(f"The set is not the same file: {a.set_name} and {b.set_name}; common cases are compared.")
    if a.conditions.get("index") != b.conditions.get("index"):
        notes.append("The index is not the same.")
    old, new = a.conditions.get("settings", {}), b.conditions.get("settings", {})
    differing = [
        f"{name} {old.get(name)} → {new.get(name)}"
        for name in {**old, **new}
        if old.get(name) != new.get(name) and name != "batch_size"
    ]
    notes += [f"Settings differ: {', '.join(differing)}."] if differing else []
    notes += [f"{run.id} is not finished." for run in (a, b) if not run.finished]
    return notes
