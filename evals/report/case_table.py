"""The table of cases: its frame, and the data its script reads."""

from collections.abc import Iterable

from evals.report import case_data, figures
from evals.report.markup import Html, element
from evals.runner.estimates import metric_names
from evals.runner.models import Run

_COLUMNS_SHOWN = 4


def case_table(run: Run) -> Iterable[Html]:
    """The filters, the empty table and its pages; the script fills and shows them."""
    yield element("h2", "Cases")
    yield element("noscript", element("p", "The table of cases needs scripts, which this page carries itself."))
    statuses = (element("option", status, value=status) for status in ("all", "failed", "crashed", "refused", "passed"))
    filters = element(
        "div",
        element(
            "label",
            "Search questions, answers and reasons",
            element("input", type="search", id="filter-text", autocomplete="off"),
            class_="grow",
        ),
        element("label", "Tag", element("select", element("option", "any", value=""), id="filter-tag")),
        element("label", "Status", element("select", *statuses, id="filter-status")),
        element("details", element("summary", "Columns"), element("div", id="columns"), class_="columns"),
        class_="filters",
    )
    cases = element("table", element("thead"), element("tbody"), id="cases", aria_label=f"Cases of {run.set_name}")
    pages = element(
        "div",
        element("button", "Previous", type="button", id="previous"),
        element("button", "Next", type="button", id="next"),
        element("span", id="case-count", role="status", class_="quiet"),
        class_="pages",
    )
    box = element("div", cases, class_="box", tabindex="0", role="region", aria_label="Table of cases")
    yield element("section", filters, box, pages, id="cases-section", hidden=True)


def case_table_data(run: Run) -> Iterable[Html]:
    """The rows, read at once, and the details, read when a first row is opened."""
    metrics = metric_names(run.results, run.estimates)
    rows = {
        "rows": case_data.rows(run, metrics),
        "metrics": metrics,
        "shown": figures.headline(run)[:_COLUMNS_SHOWN],
    }
    for id_, data in (("case-rows", rows), ("case-details", case_data.details(run))):
        yield element("script", case_data.embedded(data), type="application/json", id=id_)
