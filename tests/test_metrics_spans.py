from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scoring.metrics.spans import (
    Interval,
    merge_intervals,
    precision_omega,
    shared_characters,
    snippet_precision,
    span_iou,
    span_precision,
    span_recall,
)

interval = st.builds(
    lambda document, start, length: (document, start, start + length),
    st.sampled_from(["a", "b"]),
    st.integers(0, 40),
    st.integers(0, 15),
)
intervals = st.lists(interval, max_size=6)


def characters(spans: list[Interval]) -> set[tuple[str, int]]:
    return {(document, i) for document, start, end in spans for i in range(start, end)}


def listed(spans: list[Interval]) -> list[tuple[str, int]]:
    return [(document, i) for document, start, end in spans for i in range(start, end)]


@given(intervals, intervals)
def test_all_agree_with_counting_characters_one_by_one(chunks: list[Interval], gold: list[Interval]) -> None:
    wanted, read = characters(gold), listed(chunks)
    values = [f(chunks, gold) for f in (span_recall, span_precision, span_iou, snippet_precision)]
    if not wanted:
        assert values == [None] * 4
        return
    found = len(wanted & set(read))
    assert values == [
        found / len(wanted),
        found / len(read) if read else 0.0,
        found / (len(read) + len(wanted) - found),
        sum(c in wanted for c in read) / len(read) if read else 0.0,
    ]


@given(intervals, intervals)
def test_precision_omega_agrees_with_counting_characters(chunks: list[Interval], gold: list[Interval]) -> None:
    wanted = characters(gold)
    touching = characters([c for c in chunks if characters([c]) & wanted])
    expected = len(touching & wanted) / len(touching | wanted) if wanted else None
    assert precision_omega(chunks, gold) == expected


@given(intervals)
def test_a_union_is_disjoint_ordered_and_holds_the_same_characters(spans: list[Interval]) -> None:
    union = merge_intervals(spans)
    flat = [(document, start, end) for document, ranges in union.items() for start, end in ranges]
    assert characters(flat) == characters(spans)
    assert len(listed(flat)) == len(characters(spans))
    for ranges in union.values():
        assert all(before[1] < after[0] for before, after in pairwise(ranges))


@given(interval, interval)
def test_shared_characters(one: Interval, other: Interval) -> None:
    assert shared_characters(one, other) == len(characters([one]) & characters([other]))


def test_a_chunk_retrieved_twice_is_read_twice() -> None:
    gold, chunk = [("a", 0, 10)], ("a", 0, 20)
    assert span_recall([chunk, chunk], gold) == 1
    assert span_precision([chunk, chunk], gold) == 10 / 40  # Chroma
    assert span_iou([chunk, chunk], gold) == 10 / 40
    assert snippet_precision([chunk, chunk], gold) == 20 / 40  # LegalBench-RAG


def test_an_interval_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before its start"):
        span_recall([("a", 5, 4)], [("a", 0, 1)])
