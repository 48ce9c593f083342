"""A run as one page: what it scored, how sure that is, and every case, in one self-contained file."""

from collections.abc import Iterable, Sequence

from evals.report import run_figures
from evals.report.number_format import estimate_row, format_percent, format_score, formatter_for, unit_of
from evals.report.outcomes import common_reasons, count_outcomes
from evals.report.page.case_table import case_table, case_table_data
from evals.report.page.document import html_document, theme_button
from evals.report.page.markup import Html, details_element, element, html_table, join_html
from evals.report.plots.run_plots import latency_plots, refusal_plots, score_plots, tag_plots
from evals.report.run_figures import describe_clustering, run_facts
from evals.runner.records import Run
from index.text.plural import plural

_AREAS = {
    "aurc": "risk–coverage area, less is better",
    "auroc": "AUROC of confidence for answerable",
}


def html_report(run: Run, others: Sequence[Run] = ()) -> str:
    """Write the report of ``run`` as one HTML file that fetches nothing; ``others`` are drawn beside it.

    Without scripts the summary and the plots stand; the table of cases needs them.

    >>> html_report(run)[:15]
    '<!doctype html>'
    """
    runs = (run, *others)
    body = join_html(
        _masthead(run),
        element(
            "main",
            _lead(run),
            _tiles(run),
            element("h2", "Scores"),
            element(
                "div",
                element("div", *score_plots(runs), *latency_plots(run)),
                element("div", *refusal_plots(runs), *tag_plots(run)),
                class_="plots",
            ),
            element("h2", "All metrics"),
            *(_summary_table(each, named=len(runs) > 1) for each in runs),
            *_reasons(run),
            *case_table(run),
        ),
        *case_table_data(run),
    )
    return html_document(f"{run.set_name} · {run.answerer}", body, "case_details.js", "cases.js")


def _masthead(run: Run) -> Html:
    told = element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in run_facts(run)),
        class_="facts",
    )
    rows = [(path, str(value)) for path, value in run_figures.flat_conditions(run)]
    rows.append(("set sha256", run.set_sha256))
    conditions = details_element(
        "Conditions of this run", html_table("Recorded conditions", ("condition", "value"), rows, words=2)
    )
    heading = element("h1", run.set_name, element("span", " · ", class_="quiet"), run.answerer)
    return element("header", element("div", heading, told, conditions), theme_button(), class_="masthead")


def _lead(run: Run) -> Html:
    """Write the result in one sentence."""
    said = []
    if not run.finished:
        said.append(
            element(
                "p",
                element("b", "This run has not finished: "),
                "the figures are over the cases asked so far.",
            )
        )
    name = run_figures.lead_metric(run)
    if name is None:
        return join_html(*said, element("p", "Nothing was scored.", class_="lead"))
    value = run.estimates[name]
    write = formatter_for(unit_of(name, value))
    sure = f", 95 % interval {write(value.low)} to {write(value.high)}" if value.low is not None else ""
    by = f" over {plural(value.clusters, 'document')}" if value.clusters < value.n else ""
    words = f" on {plural(value.n, 'case')}{by}{sure}."
    crashed = f" {plural(value.crashed, 'crashed case')} counted at the worst value." if value.crashed else ""
    return join_html(*said, element("p", element("b", f"{name} {write(value.mean)}"), words, crashed, class_="lead"))


def _tiles(run: Run) -> Html:
    counted = count_outcomes(run.results)
    tiles = [
        (f"{counted.n:,}", "cases"),
        (f"{counted.failed:,}", f"failed{_share(counted.failed, counted.n)}"),
        (f"{counted.crashed:,}", f"crashed or timed out{_share(counted.crashed, counted.n)}"),
        (f"{counted.refused:,}", f"refused{_share(counted.refused, counted.n)}"),
        *_refusal_tile(run),
        *((format_score(value), _AREAS[name]) for name, value in run_figures.confidence_areas(run).items()),
    ]
    return element(
        "ul",
        *(element("li", element("b", value), element("span", words)) for value, words in tiles),
        class_="tiles",
    )


def _refusal_tile(run: Run) -> Iterable[tuple[str, str]]:
    """Yield F1 as the figure and its precision and recall as the words below."""
    found = run_figures.refusal_figures(run)
    if found:
        made_of = (f"{name} {format_score(found[name])}" for name in ("precision", "recall") if name in found)
        yield format_score(found.get("f1")), f"refusal F1 · {' · '.join(made_of)}"


def _share(part: int, whole: int) -> str:
    return f" · {format_percent(part / whole)}" if whole else ""


def _summary_table(run: Run, *, named: bool) -> Html:
    rows = [
        (
            metric,
            *estimate_row(value, unit_of(metric, value)),
            f"{value.clusters:,}",
            run_figures.describe_metric(run, metric),
        )
        for metric, value in run.estimates.items()
    ]
    header = ("metric", "mean", "95 % interval", "n", "crashed", "unscored", "clusters", "what it measures")
    caption = (
        f"n cases are in the mean, crashed ones at the worst value; unscored ones are not. {describe_clustering(run)}"
    )
    return html_table(f"{run.answerer}, {run.id}. {caption}" if named else caption, header, rows, notes=1)


def _reasons(run: Run) -> Iterable[Html]:
    found = common_reasons(run.results)[:10]
    if found:
        yield element("h2", "Why cases failed")
        yield html_table("The most frequent reasons", ("reason", "cases"), [(words, f"{n:,}") for words, n in found])
