"""The cases on which two runs part: on one side of one half in A, on the other in B."""

from collections.abc import Mapping
from dataclasses import dataclass

from evals.report.verdicts import more_is_better
from evals.runner.models import Run
from evals.stats.paired import Comparison


@dataclass(frozen=True, slots=True)
class Flip:
    """A case that flipped, with the metrics on which it is better and worse in B."""

    case_id: str
    better: tuple[str, ...]
    worse: tuple[str, ...]


def flips(comparisons: Mapping[str, Comparison], a: Run, b: Run) -> list[Flip]:
    """Every case that any metric saw flip, in the order of B's cases."""
    better: dict[str, list[str]] = {}
    worse: dict[str, list[str]] = {}
    scores_a = {result.case_id: result.scores for result in a.results}
    scores_b = {result.case_id: result.scores for result in b.results}
    for metric, comparison in comparisons.items():
        for case in comparison.flipped:
            risen = (scores_b[case].get(metric) or 0.0) > (scores_a[case].get(metric) or 0.0)
            found = better if risen == more_is_better(metric, a, b) else worse
            found.setdefault(case, []).append(metric)
    return [
        Flip(case, tuple(better.get(case, ())), tuple(worse.get(case, ())))
        for case in scores_b
        if case in better or case in worse
    ]
