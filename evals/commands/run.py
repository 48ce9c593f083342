"""``onrecord eval run``: ask every case of a set, score the answers, keep the run."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from evals.cli import FAILED, INTERRUPTED, OK, UNTOLD, Configuration, UsageError
from evals.commands.figures import figures
from evals.commands.gate import Bound, Judged, baseline, judged, parse_bound, under
from evals.datasets.cases import load_cases
from evals.report.html import html_report
from evals.runner.answerer import load_callable
from evals.runner.header import new_run
from evals.runner.judge import judge
from evals.runner.models import Run
from evals.runner.run import carry_out, check_resumable, prepare_set, now
from evals.runner.runtime import answerer, opened, model_settings
from evals.runner.store import RunError, create_run, find_run, list_runs, read_header, runs_folder, to_dict
from evals.scoring.scorers import Scorer, deterministic
from index.system.progress import progress_bar

_KEPT = ("answerer", "judge", "limit", "timeout", "workers")


@dataclass(frozen=True, slots=True)
class _Order:
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
    """Print the figures and where the report is; 2 when a gate that was asked for is not passed, 3 if none can tell."""
    runs = runs_folder(config.index.data_dir)
    order = _order(arguments, runs, config.model.llm)
    cases = load_cases(order.set)[: order.limit]
    scorers = _scorers(order)
    bounds = [parse_bound(text, [scorer.name for scorer in scorers]) for text in arguments.fail_under]
    with opened(config.index, order.documents) as index:
        exam = prepare_set(cases, index.store, scorers)
        ask, used = answerer(order.answerer, index, config.rag, config.model)
        exam = replace(exam, refuse_below=used.refuse_below if used else None)
        planned = new_run(
            order.set,
            order.answerer,
            index.store,
            {**asdict(config.index), **(asdict(used) if used else {}), **model_settings(order.answerer, config.model)},
            scorers,
            name=arguments.name or "",
            documents=[str(path) for path in order.documents],
            **{name: getattr(order, name) for name in _KEPT if name != "answerer"},
        )
        before = baseline(arguments.fail_on_regression, planned, runs) if arguments.fail_on_regression else None
        header, folder = _begun(planned, order, runs)
        try:
            with progress_bar(len(cases), "cases", events=arguments.json) as progress:
                done = carry_out(
                    header,
                    folder,
                    exam,
                    ask,
                    workers=order.workers,
                    timeout=order.timeout,
                    progress=progress,
                )
        except KeyboardInterrupt:
            return _interrupted(order, header)
    report = folder / "report.html"
    report.write_text(html_report(done), encoding="utf-8")
    return _tell(done, report, before, bounds, arguments)


def _order(arguments: Namespace, runs: Path, llm: str) -> _Order:
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
    given = {name: getattr(arguments, name) for name in _KEPT}
    merged = {name: kept.get(name) if value is None else value for name, value in given.items()}
    return _Order(
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
    """The run to go on with; of ``last``, the last unfinished one of the set, or of any without a set."""
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


def _scorers(order: _Order) -> tuple[Scorer, ...]:
    extra = (judge(load_callable(order.judge), model=order.judge),) if order.judge else ()
    return (*deterministic(), *extra)


def _begun(planned: Run, order: _Order, runs: Path) -> tuple[Run, Path]:
    """The run and its folder: new, or the one to go on with."""
    if order.folder is None:
        return planned, create_run(planned, runs)
    before = read_header(order.folder)
    check_resumable(before, planned)
    resumed = [
        *before.conditions.get("resumed", []),
        {"at": now(), "commit": planned.conditions["commit"], "versions": planned.conditions["versions"]},
    ]
    return replace(before, conditions={**before.conditions, "resumed": resumed}), order.folder


def _interrupted(order: _Order, header: Run) -> int:
    print(
        f"onrecord: stopped; what was finished is kept. Go on with "
        f"`onrecord eval run {order.set} --resume {header.id}`.",
        file=sys.stderr,
    )
    return INTERRUPTED


def _tell(done: Run, report: Path, before: Run | None, bounds: Sequence[Bound], arguments: Namespace) -> int:
    failures = [line for bound in bounds if (line := under(bound, done))]
    against = Judged((), ()) if before is None else judged(before, done)
    failures += against.worse
    if arguments.json:
        shown = {name: value for name, value in to_dict(replace(done, results=())).items() if name != "results"}
        baseline_id = before.id if before else None
        extra = {"report": str(report), "baseline": baseline_id, "failures": failures, "untold": against.untold}
        print(json.dumps({**shown, **extra}, ensure_ascii=False, indent=2))
    else:
        print(figures(done))
        print(f"\nReport: {report}")
    if arguments.fail_on_regression and before is None:
        print("onrecord: no earlier run to compare with; this one is the first.", file=sys.stderr)
    for line in (*failures, *against.untold):
        print(f"onrecord: {line}", file=sys.stderr)
    return FAILED if failures else UNTOLD if against.untold else OK
