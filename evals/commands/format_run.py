"""The figures of a run, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from evals.commands.text_table import text_table
from evals.report.number_format import format_interval, format_score, format_seconds
from evals.runner.records import Run

_HEADER = ("metric", "mean", "95 % interval", "n", "crashed", "unscored")


def format_run(run: Run) -> str:
    """Write every mean with its interval and what it leaves out, then the figures that are no means."""
    rows = [
        (
            name,
            format_score(found.mean),
            format_interval(found.low, found.high),
            str(found.n),
            str(found.crashed),
            str(found.unscored),
        )
        for name, found in run.estimates.items()
        if found.n
    ]
    without = [name for name, found in run.estimates.items() if not found.n]
    lines = [_title(run), "", text_table(_HEADER, rows), "", *_without(without), *_below(run.summary), _clusters(run)]
    return "\n".join(lines)


def _without(metrics: Sequence[str]) -> list[str]:
    return [f"Without a value in any case: {', '.join(metrics)}"] if metrics else []


def _title(run: Run) -> str:
    cases: Mapping[str, int] = run.summary["cases"]
    parts = [f"{cases['total']} cases", f"{cases['answered']} answered", f"{cases['refused']} refused"]
    parts += [f"{cases[name]} {name.replace('_', ' ')}" for name in ("crashed", "timed_out") if cases[name]]
    return f"{run.set_name} · {run.answerer}: {', '.join(parts)}; {cases['failed']} failed"


def _below(summary: Mapping[str, Any]) -> list[str]:
    refusal, risk = summary["refusal"], summary["risk_coverage"]
    right, wrong = refusal["refused_unanswerable"], refusal["refused_answerable"]
    lines = [
        f"Refusals: precision {format_score(refusal['precision'])}, recall {format_score(refusal['recall'])}, "
        f"F1 {format_score(refusal['f1'])}; {right} of {right + refusal['answered_unanswerable']} unanswerable "
        f"cases and {wrong} of {wrong + refusal['answered_answerable']} answerable ones were refused",
        f"Confidence: area under risk–coverage {format_score(risk['aurc'])} over {risk['n']} answers; AUROC for "
        f"answerable {format_score(risk['auroc'])}",
    ]
    lines += [_latency(summary["latency"])] if summary["latency"] else []
    if "passages" in summary["reading"]:
        passages, characters = summary["reading"]["passages"], summary["reading"]["characters"]
        lines.append(
            f"Read: {passages['p50']:g} passages a case at the median, {characters['p50']:,.0f} characters; "
            "retrieval is scored over these passages"
        )
    for judged in summary.get("judge", ()):
        agree, kappa = judged["agree"], judged["kappa"]
        share = f"{format_score(agree)} of {judged['n']}, kappa {format_score(kappa)}"
        lines.append(f"Judge: agrees with {judged['with']} on {share}")
    return lines


def _latency(latency: Mapping[str, Any]) -> str:
    total = latency["total"]
    steps = [f"{name} {format_seconds(found['p50'])}" for name, found in latency.items() if name != "total"]
    by_step = f" (at the median: {', '.join(steps)})" if steps else ""
    return f"Latency: p50 {format_seconds(total['p50'])}, p95 {format_seconds(total['p95'])}{by_step}"


def _clusters(run: Run) -> str:
    grouped = len({result.group for result in run.results if result.group})
    if grouped:
        return f"Intervals: clustered by document ({grouped} groups)"
    return "Intervals: by question, as the cases are not of several documents"
