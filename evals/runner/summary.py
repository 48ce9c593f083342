"""Figures of a whole run that are not means over its cases: refusals, risk and coverage, latency, reading."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evals.runner.judge import JUDGE_METRIC, agreement
from evals.runner.records import Result
from evals.scoring.metrics import refusal
from evals.scoring.metrics.cost import spread_by_name


def summarize(results: Sequence[Result]) -> dict[str, Any]:
    """Compute plain data by topic: ``cases``, ``refusal``, ``risk_coverage``, ``latency``, ``reading``.

    Undefined figures are None. A crash counts as the wrong decision about refusing. Latency is in seconds by
    step over answered cases, ``total`` being the whole of each. Where a model judged, ``judge`` holds its
    agreement with the deterministic scorers.
    """
    answered = [result for result in results if result.status == "answered"]
    return {
        "cases": _cases(results),
        "refusal": asdict(
            refusal.refusal_scores([_refused(r) for r in results], [not _answerable(r) for r in results])
        ),
        "risk_coverage": _risk_coverage(answered, len(results)),
        "latency": _spreads([{**_timings(r), "total": r.seconds} for r in answered]),
        "reading": _spreads([_reading(r) for r in answered]),
        **_judged(results),
    }


def _cases(results: Sequence[Result]) -> dict[str, int]:
    return {
        "total": len(results),
        "answerable": sum(map(_answerable, results)),
        "answered": sum(r.status == "answered" and not _refused(r) for r in results),
        "refused": sum(r.status == "answered" and _refused(r) for r in results),
        "crashed": sum(r.status == "crashed" for r in results),
        "timed_out": sum(r.status == "timed out" for r in results),
        "failed": sum(bool(r.why) for r in results),
    }


def _risk_coverage(answered: Sequence[Result], total: int) -> dict[str, Any]:
    """Compute the curve over the cases that were not refused, since the worth of a refused answer is unknown.

    ``coverage`` of a point counts all cases of the run, so the curve ends where the refusals begin.
    ``auroc`` is the chance that an answerable case has more confidence than one that is not, refused or not.
    """
    given = [r for r in answered if not _refused(r)]
    confidence, correct = [_confidence(r) for r in given], [_worth(r) for r in given]
    points = refusal.risk_coverage(confidence, correct) if given else ()
    share = len(given) / total if total else 0.0
    return {
        "n": len(given),
        "points": [{"threshold": p.threshold, "coverage": p.coverage * share, "risk": p.risk} for p in points],
        "aurc": refusal.aurc(confidence, correct),
        "excess_aurc": refusal.excess_aurc(confidence, correct),
        "auroc": refusal.auroc([_confidence(r) for r in answered], [_answerable(r) for r in answered]),
    }


def _judged(results: Sequence[Result]) -> dict[str, Any]:
    if not any(JUDGE_METRIC in result.scores for result in results):
        return {}
    return {"judge": [agreement(results, JUDGE_METRIC, other) for other in ("answer_contained", "evidence_covered")]}


def _worth(result: Result) -> float:
    """Return 1 when nothing was wrong with the answer (``evals.scoring.diagnosis``), else 0."""
    return float(not result.why)


def _refused(result: Result) -> bool:
    """Return whether the case was refused; a crash counts as the wrong decision."""
    if result.status != "answered":
        return _answerable(result)
    return bool(result.answer.get("refused"))


def _answerable(result: Result) -> bool:
    return bool(result.case.get("answerable", True))


def _confidence(result: Result) -> float:
    return float(result.answer.get("confidence", 0.0))


def _timings(result: Result) -> Mapping[str, float]:
    timings: Mapping[str, float] = result.answer.get("timings", {})
    return timings


def _reading(result: Result) -> dict[str, float]:
    hits = result.answer.get("hits", [])
    return {"passages": float(len(hits)), "characters": float(sum(len(hit["text"]) for hit in hits))}


def _spreads(records: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return {name: asdict(found) for name, found in spread_by_name(records).items()}
