"""A run as a table for a spreadsheet: one row a case, every score a column."""

import csv
import io
from collections.abc import Iterable

from evals.report.outcomes import outcome, reason
from evals.runner.estimates import metric_names
from evals.runner.records import Result, Run

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_COLUMNS = (
    "case", "group", "tags", "outcome", "status", "question", "answer", "refused", "confidence", "seconds",
    "why",
)  # fmt: skip


def csv_report(run: Run) -> str:
    """Write the run as CSV (RFC 4180) with a header line; the cell of an unscored metric is empty.

    A text that a spreadsheet would run as a formula is preceded by an apostrophe (OWASP, "CSV Injection");
    numbers are left as they are.
    """
    metrics = metric_names(run.results, run.estimates)
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow([*_COLUMNS, *map(escape_formula, metrics)])
    for result in run.results:
        table.writerow([*_text_cells(result), *(_number(result.scores.get(metric)) for metric in metrics)])
    return out.getvalue()


def escape_formula(text: str) -> str:
    """Put an apostrophe before a text that begins like a formula, spaces ignored."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _text_cells(result: Result) -> Iterable[str]:
    answer = result.answer
    confidence = answer.get("confidence")
    texts = (
        result.case_id,
        result.group,
        ", ".join(result.tags),
        outcome(result),
        result.status,
        str(result.case.get("question", "")),
        str(answer.get("answer", "")),
        {True: "yes", False: "no"}.get(answer.get("refused", None), ""),
    )
    return (*map(escape_formula, texts), _number(confidence), _number(result.seconds), escape_formula(reason(result)))


def _number(value: float | None) -> str:
    return "" if value is None else repr(round(float(value), 6))
