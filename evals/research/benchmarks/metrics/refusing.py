"""Whether Onrecord refuses what the documents do not answer, and answers what they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.research.benchmarks.measure import Measurements
from evals.research.benchmarks.metrics.answering import answer_inside
from evals.research.benchmarks.metrics.figures import Figure, mean_figure
from evals.schema import Case
from evals.scoring.metrics.refusal import aurc, auroc, refusal_scores, risk_coverage
from evals.stats.interval import CaseScore


@dataclass(frozen=True, slots=True)
class RefusalDecision:
    """One question: whether it should be refused, whether it was, its confidence, what it is worth."""

    case: Case
    unanswerable: bool
    refused: bool
    confidence: float
    correct: float


def refusal_figures(measured: Measurements, system: str) -> list[Figure]:
    """Measure how often questions are refused, and how well each kind of unanswerable one is told apart."""
    answerable = decisions(measured, measured.given.answerable)
    kinds = {
        "adversarial": decisions(measured, measured.given.unanswerable),
        "foreign": decisions(measured, measured.foreign),
    }
    figures = [_rate("answerable questions refused", system, answerable)] if answerable else []
    for kind, unanswerable in kinds.items():
        if not unanswerable or not answerable:
            continue
        both = [*answerable, *unanswerable]
        figures.append(_rate(f"{kind} questions refused", system, unanswerable))
        figures.append(_over(f"balanced accuracy, {kind}", system, both, _balanced_accuracy))
        figures.append(_over(f"AUROC, {kind}", system, both, _auroc))
    selective = curve_decisions(measured)
    if selective:
        figures.append(_over("area under risk–coverage", system, selective, _aurc))
    return figures


def curve_decisions(measured: Measurements) -> list[RefusalDecision]:
    """Return the questions of the set's risk–coverage curve: those with short answers, and its unanswerable ones."""
    given = measured.given
    short = [case for case in given.answerable if given.has_short_answer(case)]
    return decisions(measured, [*short, *given.unanswerable]) if short and given.unanswerable else []


def risk_coverage_curve(measured: Measurements, points: int = 20) -> list[tuple[float, float]]:
    """Return risk–coverage at evenly spread coverages, as (coverage, risk)."""
    selective = curve_decisions(measured)
    if not selective:
        return []
    whole = risk_coverage([d.confidence for d in selective], [d.correct for d in selective])
    places = np.linspace(0, len(whole) - 1, min(points, len(whole))).astype(int)
    return [(whole[i].coverage, whole[i].risk) for i in dict.fromkeys(places.tolist())]


def decisions(measured: Measurements, cases: Sequence[Case]) -> list[RefusalDecision]:
    """Return what became of each question; a crash counts as the wrong decision with no confidence.

    A refused answer is worth what would have been said, so that other thresholds than the shipped one can be
    told from the confidence.
    """
    found = []
    for case in cases:
        answer = measured.answers[case.id].value
        if answer is None:
            found.append(RefusalDecision(case, not case.answerable, case.answerable, 0.0, 0.0))
        else:
            said = measured.unrefused[case.id].value if case.id in measured.unrefused else answer
            worth = answer_inside(said, case, None) if said and case.answerable else 0.0
            found.append(RefusalDecision(case, not case.answerable, answer.refused, answer.confidence, worth))
    return found


def _rate(measure: str, system: str, given: Sequence[RefusalDecision]) -> Figure:
    return mean_figure(measure, system, [CaseScore(d.case.id, d.case.group, float(d.refused)) for d in given])


def _over(
    measure: str,
    system: str,
    given: Sequence[RefusalDecision],
    statistic: Callable[[Sequence[RefusalDecision]], float | None],
    draws: int = 1_000,
) -> Figure:
    """Measure all the questions together, with the percentile interval of the bootstrap by group."""
    groups: dict[str, list[RefusalDecision]] = {}
    for decision in given:
        groups.setdefault(decision.case.group or decision.case.id, []).append(decision)
    clusters = list(groups.values())
    random = np.random.default_rng(0)
    drawn = (
        statistic([d for i in random.integers(0, len(clusters), len(clusters)) for d in clusters[i]])
        for _ in range(draws if len(clusters) > 1 else 0)
    )
    values = [value for value in drawn if value is not None]
    low, high = np.quantile(values, (0.025, 0.975)).tolist() if values else (None, None)
    return Figure(measure, system, statistic(given), low, high, len(given), len(clusters))


def _balanced_accuracy(given: Sequence[RefusalDecision]) -> float | None:
    return refusal_scores([d.refused for d in given], [d.unanswerable for d in given]).balanced_accuracy


def _auroc(given: Sequence[RefusalDecision]) -> float | None:
    return auroc([d.confidence for d in given], [not d.unanswerable for d in given])


def _aurc(given: Sequence[RefusalDecision]) -> float | None:
    return aurc([d.confidence for d in given], [d.correct for d in given])
