"""``onrecord eval compare``: whether run B is better than run A."""

import json
from argparse import Namespace

from evals.cli import OK, Configuration
from evals.commands.text_table import text_table
from evals.report.number_format import format_interval, format_p_value, format_score, format_signed
from evals.runner.compare import MetricComparison, RunComparison, compare_runs, comparison_to_dict
from evals.runner.store import find_run, read_run, runs_folder

_HEADER = ("metric", "A", "B", "difference", "95 % interval", "won", "tied", "lost", "p", "adjusted", "B is")
_NAMED = 12


def run(config: Configuration, arguments: Namespace) -> int:
    """Print the comparison."""
    runs = runs_folder(config.index.data_dir)
    a, b = (read_run(find_run(runs, name)) for name in (arguments.a, arguments.b))
    compared = compare_runs(a, b)
    if arguments.json:
        print(json.dumps(comparison_to_dict(compared), ensure_ascii=False, indent=2))
    else:
        print(_readable(compared))
    return OK


def _readable(compared: RunComparison) -> str:
    rows = [_row(name, found) for name, found in compared.metrics.items()]
    lines = [f"A: {compared.a}", f"B: {compared.b}", *compared.notes, "", text_table(_HEADER, rows), ""]
    flips = [line for name, found in compared.metrics.items() if (line := _flips(name, found))]
    lines += ["Flipped cases:", *flips, ""] if flips else []
    missing = [line for line in _missing(compared) if line]
    lines += [*missing, _conclusion(compared)]
    return "\n".join(lines)


def _row(name: str, found: MetricComparison) -> tuple[str, ...]:
    c = found.comparison
    return (
        name,
        format_score(c.mean_a),
        format_score(c.mean_b),
        format_signed(c.difference),
        format_interval(c.low, c.high, format_signed),
        str(c.wins),
        str(c.ties),
        str(c.losses),
        format_p_value(c.p_value),
        format_p_value(found.adjusted_p_value),
        found.verdict,
    )


def _flips(name: str, found: MetricComparison) -> str:
    flipped = found.comparison.flipped
    if not flipped:
        return ""
    more = f" and {len(flipped) - _NAMED} more" if len(flipped) > _NAMED else ""
    return f"  {name}: {', '.join(flipped[:_NAMED])}{more}"


def _missing(compared: RunComparison) -> list[str]:
    first = next(iter(compared.metrics.values()), None)
    if first is None:
        return []
    c = first.comparison
    return [
        f"Not in A, left out: {len(c.missing_in_a)} cases." if c.missing_in_a else "",
        f"Not in B, left out: {len(c.missing_in_b)} cases." if c.missing_in_b else "",
    ]


def _conclusion(compared: RunComparison) -> str:
    said = {
        verdict: [name for name, found in compared.metrics.items() if found.verdict == verdict]
        for verdict in ("better", "worse", "no difference shown")
    }
    if not any(said.values()):
        return "The runs do not differ in any case on any metric."
    parts = [f"{verdict} on {', '.join(said[verdict])}" for verdict in ("better", "worse") if said[verdict]]
    shown = f"B is {'; '.join(parts)}." if parts else "No metric shows a difference that could not be chance."
    return f"{shown} p-values are adjusted for the number of metrics that differ (Holm)."
