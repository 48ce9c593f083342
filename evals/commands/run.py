"""``onrecord eval run``: ask every case of a set, score the answers, keep the run."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from evals.cli import FAILED, INTERRUPTED, OK, UNDECIDED, Configuration, UsageError
from evals.commands.format_run import format_run
from evals.commands.gate import (
    MetricBound,
    RegressionCheck,
    check_regressions,
    explain_miss,
    find_baseline,
    parse_bound,
)
from evals.datasets.cases import load_cases
from evals.report.html import html_report
from evals.runner.answerer import load_callable
from evals.runner.header import new_run
from evals.runner.judge import make_judge
from evals.runner.records import Run
from evals.runner.run import check_resumable, prepare_set, run_cases, utc_now
from evals.runner.runtime import make_answerer, model_settings, open_index
from evals.runner.store import RunError, create_run, find_run, list_runs, read_header, runs_folder, to_dict
from evals.scoring.deterministic import deterministic_scorers
from evals.scoring.scorer import Scorer
from index.system.progress import progress_bar

_RESUMED_OPTIONS = ("answerer", "judge", "limit", "timeout", "workers")


@dataclass(frozen=True, slots=True)
class _RunOptions:
    """What is to be run: the arguments, with what a resumed run was begun with where they are silent."""

    set: Path
    documents: tuple[Path, ...]
    answerer: str
    judge: str | None
    limit: int | None
    timeout: float | None
    workers: int
    folder: Path | None


def run(config: Configuration, arguments: Namespace) -> int:
    """Run the set, print the figures and the report's path; return 2 when a gate fails, 3 when it cannot be decided."""
    runs = runs_folder(config.index.data_dir)
    order = _options(arguments, runs, config.model.llm)
    cases = load_cases(order.set)[: order.limit]
    scorers = _scorers(order)
    bounds = [parse_bound(text, [scorer.name for scorer in scorers]) for text in arguments.fail_under]
    with open_index(config.index, order.documents) as index:
        prepared = prepare_set(cases, index.store, scorers)
        ask, used = make_answerer(order.answerer, index, config.rag, config.model)
        prepared = replace(prepared, refuse_below=used.refuse_below if used else None)
        planned = new_run(
            order.set,
            order.answerer,
            index.store,
            {**asdict(config.index), **(asdict(used) if used else {}), **model_settings(order.answerer, config.model)},
            scorers,
            name=arguments.name or "",
            documents=[str(path) for path in order.documents],
            **{name: getattr(order, name) for name in _RESUMED_OPTIONS if name != "answerer"},
        )
        before = find_baseline(arguments.fail_on_regression, planned, runs) if arguments.fail_on_regression else None
        header, folder = _begin(planned, order, runs)
        try:
            with progress_bar(len(cases), "cases", events=arguments.json) as progress:
                done = run_cases(
                    header,
                    folder,
                    prepared,
                    ask,
                    workers=order.workers,
                    timeout=order.timeout,
                    progress=progress,
                )
        except KeyboardInterrupt:
            return _interrupted(order, header)
    report = folder / "report.html"
    report.write_text(html_report(done), encoding="utf-8")
    return _print_result(done, report, before, bounds, arguments)


def _options(arguments: Namespace, runs: Path, llm: str) -> _RunOptions:
    if not arguments.resume:
        if not arguments.set:
            raise UsageError("name the set to run, such as `onrecord eval run seeds/evals/article.jsonl`")
        folder, kept = None, {}
    else:
        if arguments.name:
            raise UsageError("a resumed run keeps its id: leave --name out")
        folder = _unfinished(arguments, runs)
        header = read_header(folder)
        kept = {**header.conditions, "answerer": header.answerer}
    given = {name: getattr(arguments, name) for name in _RESUMED_OPTIONS}
    merged = {name: kept.get(name) if value is None else value for name, value in given.items()}
    return _RunOptions(
        set=Path(arguments.set or kept["set"]),
        documents=tuple(Path(path) for path in arguments.documents or kept.get("documents", ())),
        answerer=merged["answerer"] or llm or "quoted",
        judge=merged["judge"],
        limit=merged["limit"],
        timeout=merged["timeout"],
        workers=merged["workers"] or 1,
        folder=folder,
    )


def _unfinished(arguments: Namespace, runs: Path) -> Path:
    """Find the run to resume; for ``last`` the last unfinished run of the set, or of any set when none is named."""
    if arguments.resume != "last":
        folder = find_run(runs, arguments.resume)
        if not folder.is_dir() or read_header(folder).finished:
            raise RunError(f"The run {arguments.resume!r} is finished: see it with `onrecord eval report`.")
        return folder
    wanted = Path(arguments.set).resolve() if arguments.set else None
    for info in list_runs(runs):
        if not info.run.finished and wanted in (None, Path(str(info.run.conditions.get("set", ""))).resolve()):
            return info.folder
    raise RunError(
        f"There is no unfinished run{f' of {arguments.set}' if wanted else ''} in {runs}: leave --resume out."
    )


def _scorers(order: _RunOptions) -> tuple[Scorer, ...]:
    extra = (make_judge(load_callable(order.judge), model=order.judge),) if order.judge else ()
    return (*deterministic_scorers(), *extra)


def _begin(planned: Run, order: _RunOptions, runs: Path) -> tuple[Run, Path]:
    """Create the run's folder, or open the one to resume; return the run's header and the folder."""
    if order.folder is None:
        return planned, create_run(planned, runs)
    before = read_header(order.folder)
    check_resumable(before, planned)
    resumed = [
        *before.conditions.get("resumed", []),
        {"at": utc_now(), "commit": planned.conditions["commit"], "versions": planned.conditions["versions"]},
    ]
    return replace(before, conditions={**before.conditions, "resumed": resumed}), order.folder


def _interrupted(order: _RunOptions, header: Run) -> int:
    print(
        f"onrecord: stopped; what was finished is kept. Go on with "
        f"`onrecord eval run {order.set} --resume {header.id}`.",
        file=sys.stderr,
    )
    return INTERRUPTED


def _print_result(
    done: Run, report: Path, before: Run | None, bounds: Sequence[MetricBound], arguments: Namespace
) -> int:
    failures = [line for bound in bounds if (line := explain_miss(bound, done))]
    against = RegressionCheck((), ()) if before is None else check_regressions(before, done)
    failures += against.worse
    if arguments.json:
        shown = {name: value for name, value in to_dict(replace(done, results=())).items() if name != "results"}
        baseline_id = before.id if before else None
        extra = {"report": str(report), "baseline": baseline_id, "failures": failures, "untold": against.undecided}
        print(json.dumps({**shown, **extra}, ensure_ascii=False, indent=2))
    else:
        print(format_run(done))
        print(f"\nReport: {report}")
    if arguments.fail_on_regression and before is None:
        print("onrecord: no earlier run to compare with; this one is the first.", file=sys.stderr)
    for line in (*failures, *against.undecided):
        print(f"onrecord: {line}", file=sys.stderr)
    return FAILED if failures else UNDECIDED if against.undecided else OK
