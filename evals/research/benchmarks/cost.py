"""What each system costs: seconds a question and passages indexed a second."""

from collections.abc import Iterable

from evals.research.benchmarks.figures import Figure
from evals.research.benchmarks.measure import Measured
from evals.scoring.metrics.cost import spread


def cost_figures(measured: Measured, ours: str) -> list[Figure]:
    """Milliseconds of a search, of an answer, and passages a second; no intervals, it is one machine's."""
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
