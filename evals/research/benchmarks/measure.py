"""Ask every system everything, one question after another, and keep what came back and how long it took."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.benchmarks.systems.onrecord import Onrecord, System
from evals.research.benchmarks.systems.shared_vectors import SharedVectors
from evals.schema import Case
from evals.scoring.metrics.spans import Interval
from index.schema import Document
from rag.schema import Answer

DEPTH = 50
"""Passages asked for: enough for ten different documents where those hold many passages."""

T = TypeVar("T")
Progress = Callable[[str, int], None]
"""Called with what is being done and how many more questions are done."""


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """What a call gave and the seconds it took; ``value`` is None when it crashed, and ``error`` says how."""

    value: T | None
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Indexing:
    """Passages made, and the seconds it took, embedding them included even if it was done before."""

    passages: int
    seconds: float


@dataclass(frozen=True)
class Measurements:
    """What came back: found passages by system and case id, and Onrecord's answers by case id.

    ``unrefused`` holds what it would have said to answerable questions that it refused.
    """

    given: BenchmarkSet
    foreign: Sequence[Case]
    indexing: Mapping[str, Indexing]
    searches: Mapping[str, Mapping[str, Timed[Sequence[Interval]]]]
    answers: Mapping[str, Timed[Answer]]
    unrefused: Mapping[str, Timed[Answer]]


def measure(
    given: BenchmarkSet,
    foreign: Sequence[Case],
    ours: Onrecord,
    baselines: Sequence[System],
    shared: SharedVectors,
    *,
    progress: Progress,
) -> Measurements:
    """Index the documents in every system, search for the answerable questions, and answer all of them.

    Systems take turns at each question, so that whatever else the machine does slows them alike. ``steps`` is
    how many questions ``progress`` will report.
    """
    systems: list[System] = [ours, *baselines]
    documents = list(given.documents.values())
    indexing = {}
    for system in systems:
        progress(f"{given.name}: indexing, {system.name}", 0)
        indexing[system.name] = _indexed(system, documents, shared)
    searches: dict[str, dict[str, Timed[Sequence[Interval]]]] = {system.name: {} for system in systems}
    answers: dict[str, Timed[Answer]] = {}
    for case in given.answerable:
        for system in systems:
            searches[system.name][case.id] = _timed(partial(system.search, case.question, DEPTH, case.history))
        progress(f"{given.name}: searching", 1)
    for case in (*given.answerable, *given.unanswerable, *foreign):
        answers[case.id] = _timed(partial(ours.ask, case.question, case.history))
        progress(f"{given.name}: answering", 1)
    refused = [case for case in given.answerable if (said := answers[case.id].value) and said.refused]
    unrefused = {case.id: _timed(partial(ours.ask_anyway, case.question, case.history)) for case in refused}
    return Measurements(given, foreign, indexing, searches, answers, unrefused)


def count_steps(given: BenchmarkSet, foreign: Sequence[Case]) -> int:
    """Count the questions that ``measure`` reports as done."""
    return 2 * len(given.answerable) + len(given.unanswerable) + len(foreign)


def _indexed(system: System, documents: Sequence[Document], shared: SharedVectors) -> Indexing:
    saved, since = shared.seconds_saved, time.perf_counter()
    passages = system.index(documents)
    return Indexing(passages, time.perf_counter() - since + shared.seconds_saved - saved)


def _timed(call: Callable[[], T]) -> Timed[T]:
    since = time.perf_counter()
    try:
        value = call()
    except Exception as error:
        return Timed(None, time.perf_counter() - since, f"{type(error).__name__}: {error}")
    return Timed(value, time.perf_counter() - since)
