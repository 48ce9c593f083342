"""The cost of each system: seconds a question and passages indexed a second."""

from collections.abc import Iterable

from evals.research.benchmarks.measure import Measurements
from evals.research.benchmarks.metrics.figures import Figure
from evals.scoring.metrics.cost import spread


def cost_figures(measured: Measurements, ours: str) -> list[Figure]:
    """Measure milliseconds of a search and of an answer, and passages a second; one machine's, so without intervals."""
    figures = []
    for system, made in measured.indexing.items():
        rate = made.passages / made.seconds if made.seconds else None
        figures.append(Figure("indexed passages/s", system, rate, None, None, made.passages))
    for system, searches in measured.searches.items():
        figures += _percentiles("search", system, (call.seconds for call in searches.values()))
    return [*figures, *_percentiles("answer", ours, (call.seconds for call in measured.answers.values()))]


def _percentiles(what: str, system: str, seconds: Iterable[float]) -> list[Figure]:
    found = spread(1_000 * each for each in seconds)
    if found is None:
        return []
    return [
        Figure(f"{what} p50, ms", system, found.p50, None, None, found.n),
        Figure(f"{what} p95, ms", system, found.p95, None, None, found.n),
    ]
