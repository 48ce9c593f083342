"""Run an answerer over a set: every case asked, scored, explained and on disk before the next is begun."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.datasets.case_fields import row_from_case
from evals.runner.answerer import Answerer, ask_case
from evals.runner.estimates import estimate_metrics
from evals.runner.records import Result, Run, Status
from evals.runner.store import RunError, append_result, finish_run, open_results, read_results
from evals.runner.summary import summarize
from evals.runner.worker_threads import Outcome, QueueTurn, run_in_threads
from evals.schema import Case
from evals.scoring.diagnosis import explain_failure
from evals.scoring.gold import Gold, case_groups, find_gold
from evals.scoring.scorer import AnsweredCase, Scorer, one_line, score_all, worst_scores
from index.errors import IndexMissingError
from index.storage.store import Store
from index.system.progress import Progress, no_progress
from rag.schema import Answer
from rag.serialize import to_dict

_KEPT = 256


class StoredTexts(Mapping[str, str]):
    """Document texts by id. The last few hundred are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._text = lru_cache(_KEPT)(lambda document_id: store.document(document_id).text)

    def __getitem__(self, document_id: str) -> str:
        try:
            return self._text(document_id)
        except IndexMissingError:
            raise KeyError(document_id) from None

    def __iter__(self) -> Iterator[str]:
        return (info.id for info in self._store.documents())

    def __len__(self) -> int:
        return len(self._store.documents())


# A setting that changes where or how fast, but not what comes out.
_PERFORMANCE_SETTINGS = ("batch_size",)


@dataclass(frozen=True, slots=True)
class PreparedSet:
    """A set ready to be asked: cases, their gold and clusters by id, and the scorers of an answer.

    ``texts`` are the documents' by id. ``refuse_below`` is the answerer's threshold, where it has one.
    """

    cases: Sequence[Case]
    gold: Mapping[str, Gold]
    groups: Mapping[str, str]
    texts: Mapping[str, str]
    scorers: Sequence[Scorer]
    refuse_below: float | None = None


def prepare_set(cases: Sequence[Case], store: Store, scorers: Sequence[Scorer]) -> PreparedSet:
    """Resolve the evidence of ``cases`` in the indexed documents. Raises ``CasesError`` for evidence not in them.

    >>> from evals import Evidence, deterministic_scorers
    >>> evidence = Evidence("Arles.txt", quote="The bridge of Arles has 11 arches.")
    >>> case = Case("arches", "How many arches has the bridge of Arles?", answers=("11",), evidence=(evidence,))
    >>> prepare_set([case], store, deterministic_scorers()).gold["arches"].spans[0][1:]
    (0, 34)
    """
    gold = find_gold(cases, store)
    return PreparedSet(cases, gold, case_groups(cases, gold), StoredTexts(store), scorers)


def evaluate(
    prepared: PreparedSet,
    answerer: Answerer,
    cases: Iterable[Case],
    *,
    workers: int = 1,
    timeout: float | None = None,
    stop: threading.Event | None = None,
    queue_turn: QueueTurn = nullcontext,
) -> Iterator[Result]:
    """Ask and score ``cases``, each within a ``queue_turn``, and yield each result as it comes.

    A crash and a time-out (``timeout`` seconds to answer; scoring is not timed) are results like any other,
    with the worst value of every metric that applies. With several ``workers``, results come in the order of
    the answers.

    >>> def eleven(question, history):
    ...     return "It has 11 arches."
    >>> for result in evaluate(prepared, eleven, prepared.cases[:2]):
    ...     print(result.case_id, result.scores["answer_contained"])
    arches-Arles 1.0
    arches-Brno 0.0
    """

    def ask(case: Case) -> tuple[Answer, dict[str, Any]]:
        answer = ask_case(answerer, case)
        return answer, to_dict(answer)

    def finish(outcome: Outcome[Case, tuple[Answer, dict[str, Any]]]) -> Result:
        if outcome.value is None:
            return _failed(prepared, outcome.task, outcome.seconds, outcome.error)
        return _answered(prepared, outcome.task, outcome.seconds, *outcome.value)

    return run_in_threads(cases, ask, finish, workers=workers, timeout=timeout, stop=stop, queue_turn=queue_turn)


def run_cases(
    run: Run,
    folder: Path,
    prepared: PreparedSet,
    answerer: Answerer,
    *,
    workers: int = 1,
    timeout: float | None = None,
    progress: Progress = no_progress,
    stop: threading.Event | None = None,
    queue_turn: QueueTurn = nullcontext,
) -> Run:
    """Ask the cases that ``folder`` has no result of, each within a ``queue_turn``, and return the whole run.

    Stopped anywhere, every finished case is on disk and the same call goes on; the run given back is then not
    ``finished``. Raises ``RunError`` while another process is at the same run.
    """
    with open_results(folder) as file:
        results = {result.case_id: result for result in read_results(folder)}
        left = [case for case in prepared.cases if case.id not in results]
        progress(len(results), len(prepared.cases), "")
        asked = evaluate(prepared, answerer, left, workers=workers, timeout=timeout, stop=stop, queue_turn=queue_turn)
        for result in asked:
            append_result(result, file)
            results[result.case_id] = result
            progress(len(results), len(prepared.cases), result.case_id)
        in_order = tuple(results[case.id] for case in prepared.cases if case.id in results)
        whole = with_figures(replace(run, results=in_order))
        if len(in_order) == len(prepared.cases):
            whole = replace(whole, finished=utc_now())
            finish_run(whole, folder)
    return whole


def with_figures(run: Run) -> Run:
    """Return the run with the figures of its results."""
    metrics = run.conditions.get("metrics", {})
    return replace(run, estimates=estimate_metrics(run.results, metrics), summary=summarize(run.results))


def check_resumable(before: Run, now: Run) -> None:
    """Raise ``RunError`` unless resuming ``before`` means what it meant when it was begun."""
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


def utc_now() -> str:
    """Return this moment in UTC, as ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _answered(prepared: PreparedSet, case: Case, seconds: float, answer: Answer, record: Mapping[str, Any]) -> Result:
    gold = prepared.gold[case.id]
    scores = score_all(prepared.scorers, AnsweredCase(case, gold, answer, prepared.texts))
    return replace(
        _result(prepared, case, "answered", seconds),
        answer=record,
        scores=scores.values,
        unscored=scores.unscored,
        why=explain_failure(case, gold, answer, prepared.refuse_below),
    )


def _failed(prepared: PreparedSet, case: Case, seconds: float, error: BaseException | None) -> Result:
    status: Status = "timed out" if error is None else "crashed"
    said = f"no answer within {seconds:.3g} s" if error is None else f"{type(error).__name__}: {error}"
    return replace(
        _result(prepared, case, status, seconds),
        scores=worst_scores(prepared.scorers, case, prepared.gold[case.id]),
        error=one_line(said),
        why=f"{status.capitalize()}: {one_line(said)}",
    )


def _result(prepared: PreparedSet, case: Case, status: Status, seconds: float) -> Result:
    return Result(
        case_id=case.id,
        group=prepared.groups.get(case.id, case.group),
        tags=case.tags,
        status=status,
        seconds=round(seconds, 4),
        case=row_from_case(case),
        gold=prepared.gold[case.id].spans,
    )


def _kept_settings(run: Run) -> dict[str, Any]:
    settings: Mapping[str, Any] = run.conditions.get("settings", {})
    return {name: value for name, value in settings.items() if name not in _PERFORMANCE_SETTINGS}


def _difference(old: object, new: object) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        return "; ".join(f"{name} was {old.get(name)!r}, is now {new.get(name)!r}" for name in names[:3])
    return f"was {old!r}, is now {new!r}"
