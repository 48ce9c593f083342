"""Run an answerer over a set: every case asked, scored, explained and on disk before the next is begun."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.datasets.case_fields import row_from_case
from evals.datasets.texts import StoredTexts
from evals.runner.answerer import Answerer
from evals.runner.answerer import ask as ask_case
from evals.runner.ask import Outcome, Turn, ask_all
from evals.runner.estimates import estimates
from evals.runner.models import Result, Run, Status
from evals.runner.store import RunError, append_result, appending, finish_run, read_results
from evals.runner.summary import summary
from evals.schema import Case
from evals.scoring.diagnosis import why
from evals.scoring.gold import Gold, find_gold, groups
from evals.scoring.scorers import Asked, Scorer, one_line, score_all, worst_scores
from index.storage.store import Store
from index.system.progress import Progress, no_progress
from rag.schema import Answer
from rag.serialize import to_dict

"""Told how many cases are done, of how many, and the id of the last."""

# A setting that changes where or how fast, but not what comes out.
_PLACES = ("batch_size",)


@dataclass(frozen=True, slots=True)
class Exam:
    """A set ready to be asked: its cases, their gold and clusters by id, and what scores an answer.

    ``texts`` are the documents' by id. ``refuse_below`` is the answerer's threshold, where it has one.
    """

    cases: Sequence[Case]
    gold: Mapping[str, Gold]
    groups: Mapping[str, str]
    texts: Mapping[str, str]
    scorers: Sequence[Scorer]
    refuse_below: float | None = None


def prepare_set(cases: Sequence[Case], store: Store, scorers: Sequence[Scorer]) -> Exam:
    """``cases`` over the indexed documents. Raises ``CasesError`` for evidence that is not in them."""
    gold = find_gold(cases, store)
    return Exam(cases, gold, groups(cases, gold), StoredTexts(store), scorers)


def evaluate(
    exam: Exam,
    answerer: Answerer,
    cases: Iterable[Case],
    *,
    workers: int = 1,
    timeout: float | None = None,
    stop: threading.Event | None = None,
    turn: Turn = nullcontext,
) -> Iterator[Result]:
    """The result of each of ``cases`` as it comes, each asked within a ``turn``.

    A crash and a time-out (``timeout`` seconds to answer; scoring is not timed) are results like any other,
    with the worst value of every metric that applies. With several ``workers``, results come in the order of
    the answers.
    """

    def ask(case: Case) -> tuple[Answer, dict[str, Any]]:
        answer = ask_case(answerer, case)
        return answer, to_dict(answer)

    def finish(outcome: Outcome[Case, tuple[Answer, dict[str, Any]]]) -> Result:
        if outcome.value is None:
            return _failed(exam, outcome.task, outcome.seconds, outcome.error)
        return _answered(exam, outcome.task, outcome.seconds, *outcome.value)

    return ask_all(cases, ask, finish, workers=workers, timeout=timeout, stop=stop, turn=turn)


def carry_out(
    run: Run,
    folder: Path,
    exam: Exam,
    answerer: Answerer,
    *,
    workers: int = 1,
    timeout: float | None = None,
    progress: Progress = no_progress,
    stop: threading.Event | None = None,
    turn: Turn = nullcontext,
) -> Run:
    """Ask the cases that ``folder`` has no result of, each within a ``turn``, and give back the whole run.

    Stopped anywhere, every finished case is on disk and the same call goes on; the run given back is then not
    ``finished``. Raises ``RunError`` while another process is at the same run.
    """
    with appending(folder) as file:
        results = {result.case_id: result for result in read_results(folder)}
        left = [case for case in exam.cases if case.id not in results]
        progress(len(results), len(exam.cases), "")
        asked = evaluate(exam, answerer, left, workers=workers, timeout=timeout, stop=stop, turn=turn)
        for result in asked:
            append_result(result, file)
            results[result.case_id] = result
            progress(len(results), len(exam.cases), result.case_id)
        in_order = tuple(results[case.id] for case in exam.cases if case.id in results)
        whole = completed(replace(run, results=in_order))
        if len(in_order) == len(exam.cases):
            whole = replace(whole, finished=now())
            finish_run(whole, folder)
    return whole


def completed(run: Run) -> Run:
    """The run with the figures of its results."""
    metrics = run.conditions.get("metrics", {})
    return replace(run, estimates=estimates(run.results, metrics), summary=summary(run.results))


def check_resumable(before: Run, now: Run) -> None:
    """Raise ``RunError`` unless going on with ``before`` means what it meant when it was begun."""
    for what, old, new in (
        ("set", before.set_sha256[:12], now.set_sha256[:12]),
        ("answerer", before.answerer, now.answerer),
        ("index", before.conditions.get("index"), now.conditions.get("index")),
        ("settings", _kept_settings(before), _kept_settings(now)),
        ("limit", before.conditions.get("limit"), now.conditions.get("limit")),
        ("metrics", list(before.conditions.get("metrics", {})), list(now.conditions.get("metrics", {}))),
    ):
        if old != new:
            raise RunError(
                f"The run {before.id!r} cannot be gone on with: the {what} changed since "
                f"({_difference(old, new)}). Start a new run, or set it back."
            )


def now() -> str:
    """This moment, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _answered(exam: Exam, case: Case, seconds: float, answer: Answer, record: Mapping[str, Any]) -> Result:
    gold = exam.gold[case.id]
    scores = score_all(exam.scorers, Asked(case, gold, answer, exam.texts))
    return replace(
        _result(exam, case, "answered", seconds),
        answer=record,
        scores=scores.values,
        unscored=scores.unscored,
        why=why(case, gold, answer, exam.refuse_below),
    )


def _failed(exam: Exam, case: Case, seconds: float, error: BaseException | None) -> Result:
    status: Status = "timed out" if error is None else "crashed"
    said = f"no answer within {seconds:.3g} s" if error is None else f"{type(error).__name__}: {error}"
    return replace(
        _result(exam, case, status, seconds),
        scores=worst_scores(exam.scorers, case, exam.gold[case.id]),
        error=one_line(said),
        why=f"{status.capitalize()}: {one_line(said)}",
    )


def _result(exam: Exam, case: Case, status: Status, seconds: float) -> Result:
    return Result(
        case_id=case.id,
        group=exam.groups.get(case.id, case.group),
        tags=case.tags,
        status=status,
        seconds=round(seconds, 4),
        case=row_from_case(case),
        gold=exam.gold[case.id].spans,
    )


def _kept_settings(run: Run) -> dict[str, Any]:
    settings: Mapping[str, Any] = run.conditions.get("settings", {})
    return {name: value for name, value in settings.items() if name not in _PLACES}


def _difference(old: object, new: object) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return "; ".join(f"{name} was {old.get(name)!r}, is now {new.get(name)!r}" for name in names[:3])
    return f"was {old!r}, is now {new!r}"
