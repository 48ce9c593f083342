"""``onrecord eval compare``: whether run B is better than run A."""

import json
from argparse import Namespace

from evals.cli import OK, Configuration
from evals.commands.text_table import text_table
from evals.report.comparison_text import comparison_rows, conclusion, left_out, name_some
from evals.runner.compare import RunComparison, compare_runs, comparison_to_dict
from evals.runner.records import Run
from evals.runner.store import find_run, read_run, runs_folder

_COLUMNS = ("metric", "A", "B", "B − A", "95 % interval", "wins", "ties", "losses", "p", "p adjusted", "B is")
_ADJUSTED = "p-values are adjusted for the number of metrics that differ (Holm)."


def run(config: Configuration, arguments: Namespace) -> int:
    """Print the comparison."""
    runs = runs_folder(config.index.data_dir)
    a, b = (read_run(find_run(runs, name)) for name in (arguments.a, arguments.b))
    compared = compare_runs(a, b)
    if arguments.json:
        print(json.dumps(comparison_to_dict(compared), ensure_ascii=False, indent=2))
    else:
        print(_readable(compared, a))
    return OK


def _readable(compared: RunComparison, a: Run) -> str:
    metrics = compared.metrics
    rows = [[row[column] for column in _COLUMNS] for row in comparison_rows(metrics, a)]
    lines = [f"A: {compared.a}", f"B: {compared.b}", *compared.notes, "", text_table(_COLUMNS, rows), ""]
    flips = [(name, found.comparison.flipped) for name, found in metrics.items() if found.comparison.flipped]
    if flips:
        lines += ["Flipped cases:", *(f"  {name}: {name_some(cases)}" for name, cases in flips), ""]
    lines += [*left_out(metrics), f"{conclusion(metrics)} {_ADJUSTED}"]
    return "\n".join(lines)
