"""Two runs side by side: what differs, how sure that is, and which cases flipped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evals.report import run_figures
from evals.report.comparison_text import COLUMNS, comparison_rows, conclusion, left_out
from evals.report.markdown import escaped, markdown_table
from evals.report.number_format import unit_of
from evals.report.outcomes import outcome, reason
from evals.report.page.document import html_document, theme_button
from evals.report.page.markup import Html, details_element, element, html_table, join_html
from evals.report.plots.differences import Difference, difference_plot
from evals.report.plots.figure import figure
from evals.report.run_figures import run_facts, run_names
from evals.runner.compare import MetricComparison, Verdict
from evals.runner.estimates import higher_is_better
from evals.runner.records import Result, Run

_TONES: Mapping[Verdict, str] = {"better": "better", "worse": "worse", "same": "same", "no difference shown": "same"}
_READING = (
    "Wins are cases where B is the better. B is called better or worse only where the interval of the "
    "difference leaves out 0 and the larger p-value, adjusted for the number of metrics that differ (Holm), is "
    "below 0.05. Where no difference is shown there may still be one, too small for these cases to tell."
)


@dataclass(frozen=True, slots=True)
class FlippedCase:
    """A case that flipped, with the metrics on which it is better and worse in B."""

    case_id: str
    better: tuple[str, ...]
    worse: tuple[str, ...]


def comparison_html(metrics: Mapping[str, MetricComparison], a: Run, b: Run) -> str:
    """Write the comparison as one HTML file that fetches nothing; ``metrics`` by name, A is the baseline."""
    name_a, name_b = run_names((a, b))
    flipped = flipped_cases(metrics, a, b)
    runs = (element("p", element("b", f"{letter} "), _named(run)) for letter, run in (("A", a), ("B", b)))
    body = join_html(
        element(
            "header",
            element("div", element("h1", f"{name_b} against {name_a}"), *runs),
            theme_button(),
            class_="masthead",
        ),
        element(
            "main",
            element("p", conclusion(metrics), class_="lead"),
            *(element("p", element("b", warning), class_="lead") for warning in _warnings(a, b)),
            *_plots(metrics, a),
            element("h2", "Figures"),
            element("p", _READING, class_="quiet"),
            html_table("B against A, by metric", COLUMNS, _rows(metrics, a)),
            *_left_out(metrics),
            *_settings(a, b),
            element("h2", f"Flipped cases ({len(flipped):,})"),
            element(
                "p",
                "Cases a metric put on one side of 0.5 in A and on the other in B: ▲ better, ▼ worse.",
                class_="quiet",
            ),
            *_flipped(flipped, a, b),
        ),
    )
    return html_document(f"{name_b} against {name_a}", body)


def comparison_markdown(metrics: Mapping[str, MetricComparison], a: Run, b: Run) -> str:
    """Write the comparison in Markdown, with every flipped case."""
    name_a, name_b = run_names((a, b))
    flipped = flipped_cases(metrics, a, b)
    questions = {result.case_id: str(result.case.get("question", "")) for result in b.results}
    rows = ((f.case_id, questions[f.case_id], ", ".join(f.better), ", ".join(f.worse)) for f in flipped)
    parts = [
        f"# {escaped(name_b)} against {escaped(name_a)}",
        f"A: {escaped(_named(a))}  \nB: {escaped(_named(b))}",
        escaped(conclusion(metrics)),
        *(f"**{escaped(warning)}**" for warning in _warnings(a, b)),
        markdown_table(COLUMNS, _rows(metrics, a)),
        _READING,
        "\n".join(f"- {escaped(line)}" for line in left_out(metrics)),
        f"## Flipped cases ({len(flipped):,})",
        markdown_table(("case", "question", "better in B", "worse in B"), rows, words=4) if flipped else "None.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _named(run: Run) -> str:
    return " · ".join(f"{name} {value}" for name, value in run_facts(run))


def _warnings(a: Run, b: Run) -> Iterable[str]:
    if a.set_sha256 != b.set_sha256:
        yield "The runs used different versions of their sets: only cases with the same id are compared."
    for letter, run in (("A", a), ("B", b)):
        if not run.finished:
            yield f"Run {letter} has not finished."


def _plots(metrics: Mapping[str, MetricComparison], a: Run) -> Iterable[Html]:
    """Draw shares on one axis; a metric in another unit has no such axis and stands in the table alone."""
    shown = [
        Difference(metric, value.difference, value.low, value.high, _TONES[found.verdict])
        for metric, found in metrics.items()
        if (value := found.comparison).difference is not None and unit_of(metric, a.estimates.get(metric)) == "share"
    ]
    if shown:
        image = difference_plot("differences", "Differences of B from A", shown)
        note = "Right of 0, B is higher. Green: B is better; red: worse; grey: no difference is shown."
        yield figure("differences-figure", "Differences", image, note=note)


def _rows(metrics: Mapping[str, MetricComparison], a: Run) -> Iterable[tuple[str, ...]]:
    return (tuple(row.values()) for row in comparison_rows(metrics, a))


def _left_out(metrics: Mapping[str, MetricComparison]) -> Iterable[Html]:
    lines = list(left_out(metrics))
    if lines:
        yield details_element("Cases left out of a comparison", element("ul", *(element("li", line) for line in lines)))


def _settings(a: Run, b: Run) -> Iterable[Html]:
    in_a, in_b = dict(run_figures.flat_conditions(a)), dict(run_figures.flat_conditions(b))
    rows = [
        (name, str(in_a.get(name, "–")), str(in_b.get(name, "–")))
        for name in dict.fromkeys((*in_a, *in_b))
        if in_a.get(name) != in_b.get(name)
    ]
    if rows:
        yield element("h2", "Conditions that differ")
        yield html_table("What was recorded otherwise in A than in B", ("condition", "A", "B"), rows, words=3)


def _flipped(flipped: list[FlippedCase], a: Run, b: Run) -> Iterable[Html]:
    in_a = {result.case_id: result for result in a.results}
    in_b = {result.case_id: result for result in b.results}
    groups = {
        "Worse in B": [flip for flip in flipped if flip.worse and not flip.better],
        "Better in B": [flip for flip in flipped if flip.better and not flip.worse],
        "Better on one metric, worse on another": [flip for flip in flipped if flip.better and flip.worse],
    }
    for title, group in groups.items():
        if group:
            cases = (_flip(flip, in_a[flip.case_id], in_b[flip.case_id]) for flip in group)
            yield element("div", element("h3", f"{title} ({len(group):,})"), *cases, class_="panel")


def _flip(flip: FlippedCase, a: Result, b: Result) -> Html:
    badges = [element("span", f"{m} ▲", class_="badge good") for m in flip.better]
    badges += [element("span", f"{m} ▼", class_="badge wrong") for m in flip.worse]
    spaced = join_html(*(join_html(" ", badge) for badge in badges))
    return details_element(
        join_html(element("b", flip.case_id), f" {b.case.get('question', '')}", spaced),
        element("div", _answer("A", a), _answer("B", b), class_="answers"),
    )


def _answer(letter: str, result: Result) -> Html:
    why = element("p", reason(result), class_="quiet") if reason(result) else Html()
    said = str(result.answer.get("answer", "")) or "No answer came."
    return element("div", element("h4", f"{letter}: {outcome(result)}"), element("p", said), why)


def flipped_cases(metrics: Mapping[str, MetricComparison], a: Run, b: Run) -> list[FlippedCase]:
    """List the cases that flipped on any metric, in the order of B's cases."""
    described = {**run_figures.metric_descriptions(a), **run_figures.metric_descriptions(b)}
    better: dict[str, list[str]] = {}
    worse: dict[str, list[str]] = {}
    scores_a = {result.case_id: result.scores for result in a.results}
    scores_b = {result.case_id: result.scores for result in b.results}
    for metric, compared in metrics.items():
        for case in compared.comparison.flipped:
            risen = (scores_b[case].get(metric) or 0.0) > (scores_a[case].get(metric) or 0.0)
            found = better if risen == higher_is_better(described, metric) else worse
            found.setdefault(case, []).append(metric)
    return [
        FlippedCase(case, tuple(better.get(case, ())), tuple(worse.get(case, ())))
        for case in scores_b
        if case in better or case in worse
    ]
