"""``onrecord eval list``: the runs there are."""

import json
from argparse import Namespace
from typing import Any

from evals.cli import OK, Configuration
from evals.commands.text_table import text_table
from evals.report.number_format import format_score
from evals.runner.store import RunInfo, list_runs, runs_folder

_SHOWN = ("answer_contained", "evidence_covered", "refused_right")
_HEADER = ("run", "set", "answerer", "started", "state", "cases", *_SHOWN)


def run(config: Configuration, arguments: Namespace) -> int:
    """Print one line a run, the latest first."""
    runs = runs_folder(config.index.data_dir)
    there = list_runs(runs)
    if arguments.json:
        print(json.dumps([_plain(info) for info in there], ensure_ascii=False, indent=2))
    elif there:
        print(text_table(_HEADER, [_row(info) for info in there], left=5))
    else:
        print(f"No runs in {runs} yet. Make one with `onrecord eval run SET`.")
    return OK


def _row(info: RunInfo) -> tuple[str, ...]:
    means = ((found.mean if (found := info.run.estimates.get(name)) else None) for name in _SHOWN)
    started = info.run.started[:16].replace("T", " ")
    return (
        info.run.id,
        info.run.set_name,
        info.run.answerer,
        started,
        _state(info),
        str(info.done),
        *map(format_score, means),
    )


def _state(info: RunInfo) -> str:
    return "finished" if info.run.finished else "unfinished"


def _plain(info: RunInfo) -> dict[str, Any]:
    means = {name: found.mean for name, found in info.run.estimates.items()}
    return {
        "id": info.run.id,
        "set": info.run.set_name,
        "answerer": info.run.answerer,
        "started": info.run.started,
        "finished": info.run.finished,
        "state": _state(info),
        "cases": info.done,
        "means": means,
        "folder": str(info.folder),
    }
