"""The cost of answers: seconds by step, tokens, and text read.

Values here are seconds or counts, not shares.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from rag.schema import Answer


@dataclass(frozen=True, slots=True)
class Spread:
    """Size and spread of ``n`` values, in their unit."""

    n: int
    total: float
    mean: float
    p50: float
    p95: float


def spread(values: Iterable[float]) -> Spread | None:
    """Return the spread of the values; None when there are none.

    Percentiles interpolate linearly between closest ranks (type 7 of Hyndman & Fan 1996, numpy's default).
    """
    array = np.fromiter(values, dtype=np.float64)
    if not array.size:
        return None
    p50, p95 = np.percentile(array, (50, 95))
    return Spread(array.size, float(array.sum()), float(array.mean()), float(p50), float(p95))


def spread_by_name(records: Iterable[Mapping[str, float]]) -> dict[str, Spread]:
    """Return the spread of each named value over the cases, names in order of first sight.

    For ``Answer.timings`` (seconds by step) or token counts by kind. A name that a case lacks says nothing of
    that case: a step that did not run is not a step of zero seconds, and ``n`` shows how often it ran.
    """
    columns: dict[str, list[float]] = {}
    for record in records:
        for name, value in record.items():
            columns.setdefault(name, []).append(value)
    return {name: found for name, column in columns.items() if (found := spread(column))}


def passages_read(answer: Answer) -> int:
    """Count the passages the answer was made from or refused on."""
    return len(answer.hits)


def characters_read(answer: Answer) -> int:
    """Count the characters of those passages; overlapping ones are counted twice."""
    return sum(len(hit.passage.text) for hit in answer.hits)
