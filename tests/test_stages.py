import threading
import time
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import until

from index.ingest.prefetch import BackgroundWorker, prefetch


@given(st.lists(st.integers()), st.integers(1, 3))
def test_everything_passes_in_order(items: list[int], most: int) -> None:
    done: list[int] = []
    with prefetch(items, most) as coming, BackgroundWorker(done.append, most) as behind:
        for item in coming:
            behind.submit(item)
    assert done == items


def test_what_making_raises_is_raised_in_its_place() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    seen = []
    with pytest.raises(ValueError, match="the second"), prefetch(broken(), 1) as coming:
        for item in coming:
            seen += [item]
    assert seen == [1]


def test_it_runs_no_further_ahead_than_told_and_stops_when_left() -> None:
    made = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    with prefetch(endless(), 2) as coming:
        assert next(coming) == 0
        until(lambda: len(made) == 4)  # one taken, two ready, one in hand
    assert len(made) == 4
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_a_failure_behind_stops_it_and_is_raised_once() -> None:
    done = []

    def work(item: int) -> None:
        if item == 2:
            raise OSError("the disk is full")
        done.append(item)

    with pytest.raises(OSError, match="the disk is full"), BackgroundWorker(work, 1) as behind:
        for item in range(1_000):
            behind.submit(item)
    assert done == [0, 1]


def test_a_failure_of_the_last_is_raised_on_leaving() -> None:
    def work(item: int) -> None:
        time.sleep(0.1)
        raise OSError(str(item))

    with pytest.raises(OSError, match="7"), BackgroundWorker(work, 1) as behind:
        behind.submit(7)


def test_left_by_an_interrupt_it_finishes_what_it_was_handed() -> None:
    done = []

    def work(item: int) -> None:
        time.sleep(0.05)
        done.append(item)

    with pytest.raises(KeyboardInterrupt), BackgroundWorker(work, 3) as behind:
        for item in range(3):
            behind.submit(item)
        raise KeyboardInterrupt
    assert done == [0, 1, 2]


def test_a_maker_that_dies_before_it_can_tell_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(Queue[Any]):
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            raise MemoryError("no room")

    monkeypatch.setattr("index.ingest.prefetch.Queue", Full)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with pytest.raises(MemoryError, match="no room"), prefetch([1, 2], 1) as coming:
        list(coming)


def test_what_fails_while_it_waits_for_work_is_raised_too(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()

    class Broken(Queue[Any]):
        def get(self, block: bool = True, timeout: float | None = None) -> Any:
            begun.wait(120)
            raise MemoryError("no room")

    monkeypatch.setattr("index.ingest.prefetch.Queue", Broken)
    done: list[int] = []
    with pytest.raises(MemoryError, match="no room"), BackgroundWorker(done.append, 3) as behind:
        behind.submit(1)
        begun.set()
    assert done == []


def test_a_failure_that_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    failing = threading.Event()

    def makes() -> Iterator[int]:
        yield 1
        assert failing.wait(120)
        raise OSError("what was made ahead")

    def work(item: int) -> None:
        raise OSError("what was handed over")

    with pytest.raises(KeyboardInterrupt), prefetch(makes(), 1) as coming, BackgroundWorker(work, 1) as behind:
        behind.submit(next(coming))
        failing.set()
        raise KeyboardInterrupt
    assert "what was made ahead" in caplog.text
    assert "what was handed over" in caplog.text
