"""The plots of a report, each with its figures as a table."""

from collections.abc import Iterable, Sequence

from evals.report import run_figures
from evals.report.number_format import (
    MISSING,
    Unit,
    estimate_row,
    format_percent,
    format_score,
    format_seconds,
    unit_of,
)
from evals.report.page.markup import Html, details_element, element, html_table, join_html
from evals.report.plots.bars import Bar, interval_bars, percentile_bars
from evals.report.plots.curve import risk_coverage_plot
from evals.report.plots.figure import figure, legend
from evals.report.plots.scale import scale_for
from evals.report.run_figures import all_tags, describe_clustering, estimates_by_tag, run_names
from evals.runner.records import Run
from evals.stats.interval import Estimate
from index.text.plural import plural

_TAGS_SHOWN = 20
_AXIS = {
    "share": "mean, 95 % interval",
    "seconds": "mean, 95 % interval",
    "count": "mean count, 95 % interval",
}


def score_plots(runs: Sequence[Run]) -> Iterable[Html]:
    """Draw the headline metrics, with the others folded beneath; metrics in other units have axes of their own."""
    groups: dict[str, list[str]] = {}
    for metric in dict.fromkeys(name for run in runs for name in run.estimates):
        unit = _unit(runs, metric)
        groups.setdefault(metric if unit == "count" else unit, []).append(metric)
    for i, metrics in enumerate(groups.values()):
        first = [metric for metric in run_figures.headline_metrics(runs[0]) if metric in metrics] or metrics
        rest = [metric for metric in metrics if metric not in first]
        unit = _unit(runs, metrics[0])
        title = {"share": "Metrics", "seconds": "Time a case", "count": metrics[0]}[unit]
        below = (
            details_element(plural(len(rest), "more metric"), _bar_plot(f"more-{i}", title, runs, rest))
            if rest
            else Html()
        )
        note = f"n is the cases in the mean. {describe_clustering(runs[0])}" if i == 0 else ""
        image = _bar_plot(f"metrics-{i}", title, runs, first)
        yield figure(f"metrics-{i}-figure", title, image, below, note=note, legend=legend(run_names(runs)))


def _bar_plot(id_: str, title: str, runs: Sequence[Run], metrics: Sequence[str]) -> Html:
    unit = _unit(runs, metrics[0])
    values = [run.estimates[metric] for run in runs for metric in metrics if metric in run.estimates]
    scale = scale_for(unit, (figure for value in values for figure in (value.mean, value.high)))
    return interval_bars(id_, title, _bars(runs, metrics), scale, axis_label=_AXIS[unit])


def _bars(runs: Sequence[Run], metrics: Sequence[str]) -> dict[str, list[Bar]]:
    if len(runs) == 1:
        return {"": [Bar(metric, runs[0].estimates[metric]) for metric in metrics]}
    return {
        metric: [
            Bar(name, run.estimates[metric], series)
            for series, (name, run) in enumerate(zip(run_names(runs), runs, strict=True))
            if metric in run.estimates
        ]
        for metric in metrics
    }


def refusal_plots(runs: Sequence[Run]) -> Iterable[Html]:
    """Draw risk over coverage, for the runs that have it."""
    curves = [run_figures.risk_coverage(run) for run in runs]
    if not any(curves):
        return
    cut = run_figures.refusal_threshold(runs[0])
    chosen = run_figures.at_threshold(curves[0], cut) if cut is not None else None
    note = (
        "Answering only the more confident cases: how many, and how many of those wrong. A line that rises "
        "to the right means that confidence tells them apart."
    )
    if chosen is not None:
        note += f" The threshold shipped, {cut:g}, answers {format_percent(chosen[1])} at risk {chosen[2]:.3f}."
    rows = [
        (
            name,
            f"{share / 10:.0%}".replace("%", " %"),
            _risk_at(curve, share / 10),
            _threshold_at(curve, share / 10),
        )
        for name, curve in zip(run_names(runs), curves, strict=True)
        if curve
        for share in range(1, 11)
    ]
    figures_ = details_element(
        "Figures", html_table("Risk by coverage", ("run", "coverage", "risk", "threshold"), rows)
    )
    image = risk_coverage_plot("risk-coverage", curves, cut)
    yield figure(
        "risk-coverage-figure", "Risk and coverage", image, figures_, note=note, legend=legend(run_names(runs))
    )


def _risk_at(curve: Sequence[run_figures.CurvePoint], share: float) -> str:
    return next((format_score(risk) for _, coverage, risk in curve if coverage >= share - 1e-9), MISSING)


def _threshold_at(curve: Sequence[run_figures.CurvePoint], share: float) -> str:
    return next((format_score(threshold) for threshold, coverage, _ in curve if coverage >= share - 1e-9), MISSING)


def latency_plots(run: Run) -> Iterable[Html]:
    """Draw median and 95th percentile of each stage."""
    stages = run_figures.latency_by_stage(run)
    if not stages:
        return
    scale = scale_for("seconds", (p95 for _, p95 in stages.values()))
    image = percentile_bars("latency", "Latency by stage", stages, scale)
    rows = [(stage, format_seconds(p50), format_seconds(p95)) for stage, (p50, p95) in stages.items()]
    key = element(
        "ul",
        element("li", element("i", class_="key s0"), "p50: half the cases took less"),
        element("li", element("i", class_="key pale"), "p95: 19 of 20 took less"),
        class_="legend",
    )
    below = details_element("Figures", html_table("Latency by stage", ("stage", "p50", "p95"), rows))
    yield figure("latency-figure", "Latency by stage", image, below, legend=key)


def tag_plots(run: Run) -> Iterable[Html]:
    """Draw the scores of each tag, one plot for each metric; a script lets the reader choose the metric."""
    shown = all_tags(run.results)
    if not shown:
        return
    every = {metric: found for metric, found in estimates_by_tag(run).items() if found}
    if not every:
        return
    lead = run_figures.lead_metric(run)
    first = lead if lead in every else next(iter(every))
    options = (element("option", name, value=name, selected=name == first) for name in every)
    chooser = element("label", "Metric ", element("select", *options, id="tag-metric"), class_="quiet", hidden=True)
    plots = (
        element("div", _tag_plot(run, metric, found, i), data_tag_metric=metric, hidden=metric != first)
        for i, (metric, found) in enumerate(every.items())
    )
    rows = [
        (tag, metric, *estimate_row(found[tag], unit_of(metric, run.estimates[metric])))
        for tag in shown
        for metric, found in every.items()
        if tag in found
    ]
    header = ("tag", "metric", "mean", "95 % interval", "n", "crashed", "unscored")
    below = details_element("Figures of every tag and metric", html_table("Scores by tag", header, rows, words=2))
    more = f" The {_TAGS_SHOWN} most frequent of {len(shown)} tags." if len(shown) > _TAGS_SHOWN else ""
    note = f"The cases that carry a tag; a case may carry several. The orange mark is the mean of all.{more}"
    yield figure("tags-figure", "Score by tag", join_html(*plots), below, note=note, legend=chooser)


def _tag_plot(run: Run, metric: str, found: dict[str, Estimate], i: int) -> Html:
    overall = run.estimates[metric]
    unit = unit_of(metric, overall)
    shown = dict(list(found.items())[:_TAGS_SHOWN])
    scale = scale_for(unit, (v for value in shown.values() for v in (value.mean, value.high)))
    bars = {"": [Bar(tag, value) for tag, value in shown.items()]}
    label = f"{metric}: {_AXIS[unit]}"
    return interval_bars(f"tags-{i}", f"{metric} by tag", bars, scale, axis_label=label, reference=overall.mean)


def _unit(runs: Sequence[Run], metric: str) -> Unit:
    units = {unit_of(metric, run.estimates[metric]) for run in runs if metric in run.estimates}
    return "count" if "count" in units else units.pop()
