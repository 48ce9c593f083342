"""Measure any answerer: cases → run → score → report → compare.

``load_cases`` reads a set, ``prepare_set`` finds its evidence in an index, and ``evaluate`` asks and scores every case
with any callable from a question and its history to an answer. Imports ``index`` and ``rag``; never ``ui``.
"""

from typing import TYPE_CHECKING

from index.system.lazy_imports import public_names  # importing index also switches off what dependencies report home

if TYPE_CHECKING:
    from evals.datasets.cases import load_cases as load_cases
    from evals.datasets.cases import save_cases as save_cases
    from evals.report.html import html_report as html_report
    from evals.runner.compare import compare_runs as compare_runs
    from evals.runner.run import evaluate as evaluate
    from evals.runner.run import prepare_set as prepare_set
    from evals.runner.store import read_run as read_run
    from evals.schema import Case as Case
    from evals.schema import Evidence as Evidence
    from evals.scoring.deterministic import deterministic_scorers as deterministic_scorers

__getattr__ = public_names(
    __name__,
    {
        "Case": "evals.schema",
        "Evidence": "evals.schema",
        "compare_runs": "evals.runner.compare",
        "deterministic_scorers": "evals.scoring.deterministic",
        "evaluate": "evals.runner.run",
        "html_report": "evals.report.html",
        "load_cases": "evals.datasets.cases",
        "prepare_set": "evals.runner.run",
        "read_run": "evals.runner.store",
        "save_cases": "evals.datasets.cases",
    },
)
__all__ = [  # found when asked for
    "Case",
    "Evidence",
    "compare_runs",
    "deterministic_scorers",
    "evaluate",
    "html_report",
    "load_cases",
    "prepare_set",
    "read_run",
    "save_cases",
]
