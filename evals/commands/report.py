"""``onrecord eval report``: a run as a page, Markdown, CSV or JSON."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from evals.cli import OK, Configuration
from evals.runner.records import Run
from evals.runner.store import RunError, find_run, read_run, runs_folder, to_dict

_WRITERS: Mapping[str, Callable[[Run], str]] = {
    "html": lambda run: str(import_module("evals.report.html").html_report(run)),
    "md": lambda run: str(import_module("evals.report.markdown").markdown_report(run)),
    "csv": lambda run: str(import_module("evals.report.csv").csv_report(run)),
    "json": lambda run: json.dumps(to_dict(run), ensure_ascii=False, indent=1) + "\n",
}


def run(config: Configuration, arguments: Namespace) -> int:
    """Write the report, or print it; a page without ``--out`` goes into the run's folder."""
    path = find_run(runs_folder(config.index.data_dir), arguments.name)
    text = _WRITERS[arguments.format](read_run(path))
    out: Path | None = arguments.out
    if out is None and arguments.format == "html":
        out = (path if path.is_dir() else path.parent) / "report.html"
    if out is None:
        sys.stdout.write(text)
        return OK
    try:
        # Bytes, so that a CSV keeps the line ends it was written with.
        out.write_bytes(text.encode())
    except OSError as error:
        raise RunError(f"{out} cannot be written ({error.strerror}): name another file with --out") from error
    print(out)
    return OK
