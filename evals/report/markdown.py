"""A run in Markdown: for a pull request, a README, a message."""

from collections.abc import Iterable, Sequence

from evals.report import run_figures
from evals.report.number_format import estimate_row, format_percent, format_score, format_seconds, unit_of
from evals.report.outcomes import common_reasons, count_outcomes, failed, outcome, reason
from evals.report.run_figures import describe_clustering, estimates_by_tag, run_facts
from evals.runner.records import Run
from index.text.plural import plural

# Characters that Markdown, or HTML within it, would read as more than themselves.
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#~$&"})


def markdown_report(run: Run) -> str:
    """Write summary with intervals, refusals, latency, scores by tag, and every failed case with its reason."""
    parts = [
        f"# {escaped(run.set_name)} · {escaped(run.answerer)}",
        " · ".join(f"{name} {escaped(value)}" for name, value in run_facts(run)[2:]),
        _counts(run),
        "## Scores",
        f"{describe_clustering(run)} n cases are in the mean, crashed ones at the worst value; unscored ones are not.",
        markdown_table(
            ("metric", *_HEADER),
            ((name, *estimate_row(value, unit_of(name, value))) for name, value in run.estimates.items()),
        ),
        *_whole_run(run),
        *_by_tag(run),
        *_failures(run),
    ]
    return "\n\n".join(parts) + "\n"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Write a table; columns after the first ``words`` are aligned right."""
    rule = ["---" if i < words else "---:" for i in range(len(header))]
    lines = [header, rule, *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Escape text so that Markdown shows it as it is, on one line."""
    return " ".join(text.split()).translate(_SPECIAL)


_HEADER = ("mean", "95 % interval", "n", "crashed", "unscored")


def _counts(run: Run) -> str:
    counted = count_outcomes(run.results)
    state = "" if run.finished else "**Not finished**: figures over the cases asked so far. "
    share = f" ({format_percent(counted.failed / counted.n)})" if counted.n else ""
    return (
        f"{state}{plural(counted.n, 'case')}, {counted.failed:,} failed{share}, {counted.crashed:,} "
        f"crashed or timed out, {counted.refused:,} refused."
    )


def _whole_run(run: Run) -> Iterable[str]:
    named = {
        f"refusal {name}": value for name, value in run_figures.refusal_figures(run).items()
    } | run_figures.confidence_areas(run)
    if named:
        yield "## Refusals and confidence"
        yield markdown_table(("figure", "value"), ((name, format_score(value)) for name, value in named.items()))
    if stages := run_figures.latency_by_stage(run):
        yield "## Latency"
        rows = ((stage, format_seconds(p50), format_seconds(p95)) for stage, (p50, p95) in stages.items())
        yield markdown_table(("stage", "p50", "p95"), rows)


def _by_tag(run: Run) -> Iterable[str]:
    shown = run_figures.headline_metrics(run)
    found = {metric: tags for metric, tags in estimates_by_tag(run).items() if metric in shown}
    rows = [
        (tag, metric, *estimate_row(value, unit_of(metric, value)))
        for metric in shown
        for tag, value in found.get(metric, {}).items()
    ]
    if rows:
        yield "## Scores by tag"
        yield markdown_table(("tag", "metric", *_HEADER), sorted(rows), words=2)


def _failures(run: Run) -> Iterable[str]:
    failures = [result for result in run.results if failed(result)]
    yield "## Failed cases"
    if not failures:
        yield "None."
        return
    yield markdown_table(("kind of reason", "cases"), ((kind, f"{n:,}") for kind, n in common_reasons(run.results)))
    rows = ((r.case_id, str(r.case.get("question", "")), outcome(r), reason(r)) for r in failures)
    yield markdown_table(("case", "question", "outcome", "reason"), rows, words=4)
