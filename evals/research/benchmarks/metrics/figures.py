"""The figures of a benchmark: a measure of one system, or its difference from a baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evals.stats.interval import CaseScore, Estimate, estimate
from evals.stats.paired import compare

Scores = Mapping[str, Sequence[CaseScore]]
"""Scores of the same cases by system."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of one system: its value with a 95 % interval over ``n`` cases of ``clusters`` documents.

    ``low`` and ``high`` are None where no interval is given, ``value`` where nothing could be measured.
    """

    measure: str
    system: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int = 0
    crashed: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """Onrecord less a baseline on the same cases, with a 95 % interval; see ``evals.stats.paired.Comparison``."""

    measure: str
    baseline: str
    difference: float
    low: float | None
    high: float | None
    wins: int
    losses: int
    n: int
    clusters: int
    test: str
    p_value: float | None
    clustered_p_value: float | None


@dataclass(frozen=True)
class SetFigures:
    """Everything found on one set. ``size`` counts documents, passages and questions by kind."""

    name: str
    whole_corpus: bool
    size: Mapping[str, int]
    retrieval: Sequence[Figure] = ()
    differences: Sequence[Difference] = ()
    answers: Sequence[Figure] = ()
    refusal: Sequence[Figure] = ()
    cost: Sequence[Figure] = ()
    risk_coverage: Sequence[tuple[float, float]] = field(default=())


def mean_figure(measure: str, system: str, scores: Sequence[CaseScore], *, share: bool = True) -> Figure:
    """Return the mean of the scores; ``share`` says that they lie in [0, 1]."""
    return from_estimate(measure, system, estimate(scores, bounds=(0.0, 1.0) if share else None))


def from_estimate(measure: str, system: str, found: Estimate) -> Figure:
    """Return an estimate as a figure."""
    return Figure(measure, system, found.mean, found.low, found.high, found.n, found.clusters, found.crashed)


def differences_to_baselines(measure: str, ours: str, scores: Scores) -> list[Difference]:
    """Compare ``ours`` with each other system on one measure."""
    found = []
    for baseline in scores:
        if baseline == ours:
            continue
        c = compare(scores[baseline], scores[ours])
        if c.difference is not None:
            sure = (c.low, c.high, c.wins, c.losses, c.n, c.clusters, c.test, c.p_value, c.clustered_p_value)
            found.append(Difference(measure, baseline, c.difference, *sure))
    return found
