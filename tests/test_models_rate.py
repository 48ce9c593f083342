"""No more than so many requests in a window, from however many threads."""

import threading
import time
from types import SimpleNamespace

import pytest

from rag.llm.retrying import RateLimiter

FAR = float("inf")


@pytest.mark.parametrize("limit", [1, 3])
def test_each_window_lets_no_more_go_than_the_limit(limit: int) -> None:
    rate, went, stop = RateLimiter(limit, window=0.2), [], threading.Event()
    began = time.monotonic()

    def ask() -> None:
        assert rate.acquire(stop, FAR)
        went.append(time.monotonic() - began)

    threads = [threading.Thread(target=ask) for _ in range(4 * limit)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(went) == 4 * limit
    for number, after in enumerate(sorted(went)):
        assert after >= 0.2 * (number // limit), "each window lets no more than the limit go"


class NeverWaitedFor(threading.Event):
    def wait(self, timeout: float | None = None) -> bool:
        raise AssertionError("it waited")


def test_no_limit_never_waits() -> None:
    rate = RateLimiter(0)
    assert all(rate.acquire(NeverWaitedFor(), FAR) for _ in range(10_000))


def test_a_wait_past_the_deadline_is_not_begun_and_takes_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("rag.llm.retrying.time", SimpleNamespace(monotonic=lambda: now))
    rate = RateLimiter(1, window=0.5)
    assert rate.acquire(NeverWaitedFor(), FAR)
    assert not rate.acquire(NeverWaitedFor(), now + 0.4)
    now += 0.6
    assert rate.acquire(NeverWaitedFor(), now)


def test_stop_ends_the_wait() -> None:
    rate, stop = RateLimiter(1), threading.Event()
    assert rate.acquire(stop, FAR)
    threading.Timer(0.1, stop.set).start()
    assert not rate.acquire(stop, FAR)
