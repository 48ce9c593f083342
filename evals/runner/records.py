"""The records of a run: results and run, all of it plain JSON on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.stats.interval import Estimate

Status = Literal["answered", "crashed", "timed out"]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one case.

    ``answer`` is ``rag.serialize.to_dict`` of the answer, empty after a crash, when ``error`` says what happened.
    ``scores`` holds a value in its metric's range by metric name; None where the metric does not apply or
    could not be read. ``case`` is the case as it was asked, and ``gold`` its evidence as spans
    ``[document id, start, end]``, so that a report needs nothing else. ``why`` says in words why it failed.
    ``unscored`` gives, by metric, the reason why a value that was due is missing, such as a judge's reply
    that could not be read.
    """

    case_id: str
    group: str
    tags: tuple[str, ...]
    status: Status
    seconds: float
    case: Mapping[str, Any]
    gold: tuple[tuple[str, int, int], ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)
    error: str = ""
    why: str = ""
    unscored: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of an answerer over a set.

    ``conditions`` records what is needed to repeat it: settings, index fingerprint, versions, commit, seed,
    machine; ``conditions["metrics"]`` describes each metric. ``estimates`` are over all results, and
    ``summary`` holds the figures of a whole run (``evals.runner.summary``). ``finished`` is empty while the run is
    under way.
    """

    id: str
    set_name: str
    set_sha256: str
    answerer: str
    started: str
    finished: str
    conditions: Mapping[str, Any]
    results: tuple[Result, ...] = ()
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
