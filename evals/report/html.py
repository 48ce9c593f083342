"""A run as one page: what it scored, how sure that is, and every case. Nothing but this file is needed."""

from collections.abc import Iterable, Sequence

from evals.report import figures
from evals.report.case_table import case_table, case_table_data
from evals.report.facts import clustering, facts
from evals.report.markup import Html, element, folded, joined, table
from evals.report.outcome import common_reasons, tally
from evals.report.page import page, theme_button
from evals.report.run_plots import latency_plots, refusal_plots, score_plots, tag_plots
from evals.report.wording import percent, plural, estimate_row, score, unit_of, writer
from evals.runner.models import Run

_AREAS = {
    "aurc": "risk–coverage area, less is better",
    "auroc": "AUROC of confidence for answerable",
}


def html_report(run: Run, others: Sequence[Run] = ()) -> str:
    """The report of ``run`` as one HTML file that fetches nothing; ``others`` are drawn beside it.

    Without scripts the summary and the plots stand; the table of cases needs them.
    """
    runs = (run, *others)
    body = joined(
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
    return page(f"{run.set_name} · {run.answerer}", body, "cases.js")


def _masthead(run: Run) -> Html:
    told = element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in facts(run)),
        class_="facts",
    )
    rows = [(path, str(value)) for path, value in figures.conditions(run)]
    rows.append(("set sha256", run.set_sha256))
    conditions = folded("Conditions of this run", table("Recorded conditions", ("condition", "value"), rows, words=2))
    heading = element("h1", run.set_name, element("span", " · ", class_="quiet"), run.answerer)
    return element("header", element("div", heading, told, conditions), theme_button(), class_="masthead")


def _lead(run: Run) -> Html:
    """The result in one sentence."""
    said = []
    if not run.finished:
        said.append(
            element(
                "p",
                element("b", "This run has not finished: "),
                "the figures are over the cases asked so far.",
            )
        )
    name = figures.lead(run)
    if name is None:
        return joined(*said, element("p", "Nothing was scored.", class_="lead"))
    value = run.estimates[name]
    write = writer(unit_of(name, value))
    sure = f", 95 % interval {write(value.low)} to {write(value.high)}" if value.low is not None else ""
    by = f" over {plural(value.clusters, 'document')}" if value.clusters < value.n else ""
    words = f" on {plural(value.n, 'case')}{by}{sure}."
    crashed = f" {plural(value.crashed, 'crashed case')} counted at the worst value." if value.crashed else ""
    return joined(*said, element("p", element("b", f"{name} {write(value.mean)}"), words, crashed, class_="lead"))


def _tiles(run: Run) -> Html:
    counted = tally(run.results)
    tiles = [
        (f"{counted.n:,}", "cases"),
        (f"{counted.failed:,}", f"failed{_share(counted.failed, counted.n)}"),
        (f"{counted.crashed:,}", f"crashed or timed out{_share(counted.crashed, counted.n)}"),
        (f"{counted.refused:,}", f"refused{_share(counted.refused, counted.n)}"),
        *_refusal_tile(run),
        *((score(value), _AREAS[name]) for name, value in figures.areas(run).items()),
    ]
    return element(
        "ul",
        *(element("li", element("b", value), element("span", words)) for value, words in tiles),
        class_="tiles",
    )


def _refusal_tile(run: Run) -> Iterable[tuple[str, str]]:
    """F1 above, what it is made of beneath."""
    found = figures.refusal(run)
    if found:
        made_of = (f"{name} {score(found[name])}" for name in ("precision", "recall") if name in found)
        yield score(found.get("f1")), f"refusal F1 · {' · '.join(made_of)}"


def _share(part: int, whole: int) -> str:
    return f" · {percent(part / whole)}" if whole else ""


def _summary_table(run: Run, *, named: bool) -> Html:
    rows = [
        (metric, *estimate_row(value, unit_of(metric, value)), f"{value.clusters:,}", figures.about(run, metric))
        for metric, value in run.estimates.items()
    ]
    header = ("metric", "mean", "95 % interval", "n", "crashed", "unscored", "clusters", "what it measures")
    caption = f"n cases are in the mean, crashed ones at the worst value; unscored ones are not. {clustering(run)}"
    return table(f"{run.answerer}, {run.id}. {caption}" if named else caption, header, rows, notes=1)


def _reasons(run: Run) -> Iterable[Html]:
    found = common_reasons(run.results)[:10]
    if found:
        yield element("h2", "Why cases failed")
        yield table("The most frequent reasons", ("reason", "cases"), [(words, f"{n:,}") for words, n in found])
