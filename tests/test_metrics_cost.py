from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scoring.metrics.cost import characters_read, passages_read, spread, spread_by_name
from index.schema import Hit, Passage
from rag.schema import Answer


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_percentiles_interpolate_linearly(values: list[float]) -> None:
    found = spread(values)
    ordered = sorted(values)
    for share, percentile in ((0.5, found.p50), (0.95, found.p95)):
        place = share * (len(ordered) - 1)
        low, high = ordered[int(place)], ordered[min(int(place) + 1, len(ordered) - 1)]
        assert percentile == pytest.approx(low + (high - low) * (place - int(place)))
    assert (found.n, found.total) == (len(values), pytest.approx(sum(values)))
    assert found.mean == pytest.approx(np.mean(values))


def test_a_step_that_did_not_run_is_not_a_step_of_no_time() -> None:
    found = spread_by_name([{"retrieve": 1.0, "rerank": 4.0}, {"retrieve": 3.0}, {}])
    assert list(found) == ["retrieve", "rerank"]
    assert (found["retrieve"].n, found["retrieve"].p50) == (2, 2.0)
    assert (found["rerank"].n, found["rerank"].mean) == (1, 4.0)


def test_nothing_has_no_spread() -> None:
    assert spread([]) is None
    assert spread_by_name([]) == {}


def test_what_was_read() -> None:
    hits = (Hit(Passage("d", 0, 4, "abcd"), 1.0), Hit(Passage("d", 2, 4, "cd"), 0.5))
    answer = Answer("q", "q", (), hits, refused=True)
    assert passages_read(answer) == 2
    assert characters_read(answer) == 6
