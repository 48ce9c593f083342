"""A run in Markdown: for a pull request, a README, a message."""

from collections.abc import Iterable, Sequence

from evals.report import figures
from evals.report.by_tag import by_tag
from evals.report.facts import clustering, facts
from evals.report.outcome import common_reasons, failed, outcome, reason, tally
from evals.report.wording import percent, plural, estimate_row, score, seconds, unit_of
from evals.runner.models import Run

# Characters that Markdown, or HTML within it, would read as more than themselves.
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#~$&"})


def markdown_report(run: Run) -> str:
    """Summary with intervals, refusals and latency, scores by tag, and every failed case with its reason."""
    parts = [
        f"# {escaped(run.set_name)} · {escaped(run.answerer)}",
        " · ".join(f"{name} {escaped(value)}" for name, value in facts(run)[2:]),
        _counts(run),
        "## Scores",
        f"{clustering(run)} n cases are in the mean, crashed ones at the worst value; unscored ones are not.",
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
    """A table; columns after the first ``words`` are aligned right."""
    rule = ["---" if i < words else "---:" for i in range(len(header))]
    lines = [header, rule, *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return " ".join(text.split()).translate(_SPECIAL)


_HEADER = ("mean", "95 % interval", "n", "crashed", "unscored")


def _counts(run: Run) -> str:
    counted = tally(run.results)
    state = "" if run.finished else "**Not finished**: figures over the cases asked so far. "
    share = f" ({percent(counted.failed / counted.n)})" if counted.n else ""
    return (
        f"{state}{plural(counted.n, 'case')}, {counted.failed:,} failed{share}, {counted.crashed:,} "
        f"crashed or timed out, {counted.refused:,} refused."
    )


def _whole_run(run: Run) -> Iterable[str]:
    named = {f"refusal {name}": value for name, value in figures.refusal(run).items()} | figures.areas(run)
    if named:
        yield "## Refusals and confidence"
        yield markdown_table(("figure", "value"), ((name, score(value)) for name, value in named.items()))
    if stages := figures.latency(run):
        yield "## Latency"
        rows = ((stage, seconds(p50), seconds(p95)) for stage, (p50, p95) in stages.items())
        yield markdown_table(("stage", "p50", "p95"), rows)


def _by_tag(run: Run) -> Iterable[str]:
    shown = figures.headline(run)
    found = {metric: tags for metric, tags in by_tag(run).items() if metric in shown}
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
