"""Slow down sign-ins: after some failures, the next try is accepted only after a wait that doubles each time.

Three counts, each forgotten an hour after its last failure:

- a name at an address: five are free, then the wait grows to a minute. This slows down guessing.
- a name, from anywhere: twenty are free, then the wait grows to half a minute, so that many addresses guess slowly too.
- an address, whatever the names: two hundred are free, since behind a proxy or a company's router many people share
  one; then the wait grows to half a minute.

No count locks an account. The second and third do not hold back a name that signed in from the address before, so that
strangers' failures, from elsewhere or through the same proxy, do not keep out who is known there. An IPv6 address
counts as its network of 64 bits, all of which one visitor has. The counts are in memory: a restart forgets them.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ui.core.client import network_of

_MAX_COUNTED = 10_000  # counters of each kind, and names known at addresses; the oldest are dropped first
_FORGET_SECONDS = 3600.0  # seconds after which a failure is forgotten

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ThrottleLimit:
    """The number of free failures, and the longest wait after them in seconds."""

    free: int
    max_wait: float


PAIR, NAME, ADDRESS = ThrottleLimit(5, 60.0), ThrottleLimit(20, 30.0), ThrottleLimit(200, 30.0)


class LoginThrottle:
    """Failed sign-ins by name and address. Thread-safe.

    A try counts as failed from its beginning until ``succeeded`` or ``withdraw``, so that many at once are counted.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._pairs = _Failures(PAIR, now)
        self._names = _Failures(NAME, now)
        self._addresses = _Failures(ADDRESS, now)
        self._known: dict[str, None] = {}  # names that signed in at an address

    def begin(self, name: str, address: str) -> float:
        """Count a try and return 0, or return the seconds until the next one is accepted without counting it."""
        with self._lock:
            place = network_of(address)
            pair = _name_at(name, place)
            wait = self._pairs.wait(pair)
            if pair not in self._known:
                wait = max(wait, self._names.wait(name), self._addresses.wait(place))
            if wait <= 0:
                for counts, key in ((self._pairs, pair), (self._names, name), (self._addresses, place)):
                    counts.add(key)
            return max(0.0, wait)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of ``name``, whose owner is here; those of others at the address stay."""
        with self._lock:
            place = network_of(address)
            pair = _name_at(name, place)
            self._pairs.forget(pair)
            self._names.forget(name)
            self._addresses.take_back(place)
            _set_newest(self._known, pair, None)

    def withdraw(self, name: str, address: str) -> None:
        """Take back a try whose password could not be checked."""
        with self._lock:
            place = network_of(address)
            self._pairs.take_back(_name_at(name, place))
            self._names.take_back(name)
            self._addresses.take_back(place)


class _Failures:
    """Failures of one kind by key, at most ``_MAX_COUNTED`` keys."""

    def __init__(self, patience: ThrottleLimit, now: Callable[[], float]) -> None:
        self._patience = patience
        self._now = now
        self._held: dict[str, tuple[int, float]] = {}  # the number of failures, and the time of the last one

    def wait(self, key: str) -> float:
        count, last = self._recent(key)
        over = count - self._patience.free
        return last + min(self._patience.max_wait, 2.0 ** min(over, 30)) - self._now() if over >= 0 else 0.0

    def add(self, key: str) -> None:
        _set_newest(self._held, key, (self._recent(key)[0] + 1, self._now()))

    def take_back(self, key: str) -> None:
        count, last = self._recent(key)
        if count > 1:
            self._held[key] = (count - 1, last)
        else:
            self.forget(key)

    def forget(self, key: str) -> None:
        self._held.pop(key, None)

    def _recent(self, key: str) -> tuple[int, float]:
        count, last = self._held.get(key, (0, 0.0))
        return (count, last) if count and self._now() - last < _FORGET_SECONDS else (0, 0.0)


def _name_at(name: str, place: str) -> str:
    return f"{name}\0{place}"


def _set_newest(held: dict[str, V], key: str, value: V) -> None:
    """Set ``value`` as the newest entry and drop the oldest where there are too many."""
    held.pop(key, None)
    held[key] = value
    while len(held) > _MAX_COUNTED:
        del held[next(iter(held))]
