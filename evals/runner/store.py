"""Runs on disk: one folder each under ``<data_dir>/runs``.

``run.json`` is written first, a line of ``results.jsonl`` as each case ends, and ``report.json``, which is
all of the run in one file, last. A run whose header is not ``finished`` was interrupted or is under way.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TextIO

from evals.runner.estimates import estimate_metrics
from evals.runner.records import Result, Run
from evals.runner.summary import summarize
from evals.stats.interval import Estimate
from index.errors import IndexBusyError, OnrecordError
from index.system.locking import lock

HEADER, RESULTS, REPORT = "run.json", "results.jsonl", "report.json"


class RunError(OnrecordError):
    """A run cannot be found, read, or resumed."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A row of the list of runs: the run without its results, the number of cases ``done``, and its folder."""

    run: Run
    folder: Path
    done: int


def runs_folder(data_dir: Path) -> Path:
    """Return the folder of the runs of a data folder."""
    return data_dir / "runs"


def create_run(run: Run, runs: Path) -> Path:
    """Make the folder of a new run and write its header. Raises ``RunError`` for an id that is not possible."""
    if not run.id or run.id.startswith(".") or Path(run.id).name != run.id or "\\" in run.id:
        raise RunError(f"{run.id!r} cannot name a run: use letters, digits, dots and dashes")
    folder = runs / run.id
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise RunError(
            f"There is a run {run.id!r} already: choose another name, or go on with it by --resume"
        ) from None
    except OSError as error:
        raise RunError(f"{folder} cannot be made ({error.strerror}): check permissions and free space") from error
    write_header(run, folder)
    return folder


def write_header(run: Run, folder: Path) -> None:
    """Write ``run.json``: everything except the results."""
    _write(folder / HEADER, to_dict(replace(run, results=())))


@contextmanager
def open_results(folder: Path) -> Iterator[TextIO]:
    """Open ``results.jsonl`` for ``append_result``, locked against other processes.

    What a killed process left of its last line is removed. Raises ``RunError`` while another process has it.
    """
    try:
        with lock(folder, write=True):
            path = folder / RESULTS
            whole = path.read_bytes() if path.exists() else b""
            keep = whole.rfind(b"\n") + 1
            if keep < len(whole):
                os.truncate(path, keep)
            with path.open("a", encoding="utf-8") as file:
                yield file
    except IndexBusyError:
        raise RunError(f"The run {folder.name!r} is under way in another process: wait for it to end") from None


def append_result(result: Result, file: TextIO) -> None:
    """Write one result as a line; it survives a killed process once this returns."""
    file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")
    file.flush()


def finish_run(run: Run, folder: Path) -> None:
    """Write ``report.json``, the whole run, and note in the header that it is finished."""
    _write(folder / REPORT, to_dict(run))
    write_header(run, folder)


def to_dict(run: Run) -> dict[str, Any]:
    """Return the run as plain data, for JSON."""
    return asdict(run)


def from_dict(data: Mapping[str, Any]) -> Run:
    """Read the run that ``to_dict`` wrote. Raises ``RunError`` for anything else."""
    try:
        known = {f.name for f in fields(Run)}
        held = {name: value for name, value in data.items() if name in known}
        held["results"] = tuple(_result(row) for row in data.get("results", ()))
        held["estimates"] = {name: Estimate(**value) for name, value in data.get("estimates", {}).items()}
        return Run(**held)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RunError(f"not the record of a run ({error}): was it written by another version?") from error


def read_run(path: Path) -> Run:
    """Read the run in a folder or in a ``report.json``; of an unfinished one, the results so far.

    >>> read_run(create_run(run, folder / "runs")).id == run.id
    True
    """
    if path.is_file():
        return from_dict(_read(path))
    if (path / REPORT).exists():
        return from_dict(_read(path / REPORT))
    header, results = read_header(path), read_results(path)
    metrics = header.conditions.get("metrics", {})
    return replace(header, results=results, estimates=estimate_metrics(results, metrics), summary=summarize(results))


def read_header(folder: Path) -> Run:
    """Read the run in a folder without its results. Raises ``RunError`` if there is none."""
    return from_dict(_read(folder / HEADER))


def read_results(folder: Path) -> tuple[Result, ...]:
    """Read the results so far, in the order they came. A last line that is not complete is left out."""
    path = folder / RESULTS
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    results = []
    for number, line in enumerate(lines, start=1):
        try:
            results.append(_result(json.loads(line)))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RunError(
                f"{path}:{number}: not a result ({error}): delete this line, and its case is asked again"
            ) from error
    return tuple(results)


def list_runs(runs: Path) -> list[RunInfo]:
    """List every run, the latest first. A folder without a run is skipped."""
    found = []
    for header in runs.glob(f"*/{HEADER}"):
        try:
            found.append(_info(header.parent))
        except RunError:
            continue
    return sorted(found, key=lambda info: (info.run.started, info.run.id), reverse=True)


def find_run(runs: Path, name: str) -> Path:
    """Find the folder, or the file, of the run ``name``: an id, the beginning of one, ``last``, or a path.

    Raises ``RunError`` when there is none, or when several ids begin so.
    """
    if (path := Path(name)).exists() and (path.is_file() or (path / HEADER).exists() or (path / REPORT).exists()):
        return path
    if (runs / name / HEADER).exists():
        return runs / name
    there = list_runs(runs)
    if not there:
        raise RunError(f"There are no runs in {runs}. Make one with `onrecord eval run SET`.")
    if name == "last":
        return there[0].folder
    fitting = [info.folder for info in there if info.run.id.startswith(name)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RunError(
            f"{len(fitting)} runs begin with {name!r}: {', '.join(f.name for f in fitting[:5])}. Give more of the name."
        )
    raise RunError(f"There is no run {name!r} in {runs}. `onrecord eval list` shows what there is.")


def _info(folder: Path) -> RunInfo:
    run, results = read_header(folder), folder / RESULTS
    done = results.read_bytes().count(b"\n") if results.exists() else 0
    return RunInfo(run, folder, done)


def _result(row: Mapping[str, Any]) -> Result:
    known = {f.name for f in fields(Result)}
    held = {name: value for name, value in row.items() if name in known}
    held["tags"] = tuple(row.get("tags", ()))
    held["gold"] = tuple((str(document), int(start), int(end)) for document, start, end in row.get("gold", ()))
    return Result(**held)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path.parent} holds no run: {path.name} is missing") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error})") from error
    if not isinstance(data, dict):
        raise RunError(f"{path} is not the record of a run")
    return data


def _write(path: Path, data: Mapping[str, Any]) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    new.replace(path)
