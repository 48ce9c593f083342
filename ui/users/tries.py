"""Sign-ins slowed down: after some that failed, the next is taken only after a wait that doubles each time.

Counted for the name and for the address apart, so that neither many names from one place nor one name from many
places can be tried quickly. The wait for a name stays short, or anybody could keep its owner out.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 10_000  # counters kept; the oldest go first
_FORGET = 3600.0  # seconds after which a failure is forgotten


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and the longest wait after them in seconds."""

    free: int
    longest: float


NAME, ADDRESS = Patience(5, 30.0), Patience(20, 900.0)


class Tries:
    """Failed sign-ins by name and by address. Safe to call from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._failed: dict[tuple[str, str], tuple[int, float]] = {}

    def wait(self, name: str, address: str) -> float:
        """Seconds until the next try with ``name`` from ``address`` is taken; 0 where it is taken now."""
        with self._lock:
            now = self._now()
            return max(0.0, self._until(("name", name), NAME) - now, self._until(("address", address), ADDRESS) - now)

    def failed(self, name: str, address: str) -> None:
        """Note one more that failed."""
        with self._lock:
            for key in (("name", name), ("address", address)):
                count, _ = self._recent(key)
                self._failed.pop(key, None)
                self._failed[key] = (count + 1, self._now())
            while len(self._failed) > _MOST:
                del self._failed[next(iter(self._failed))]

    def passed(self, name: str) -> None:
        """Forget the failures of ``name``, whose owner is here; those of the address stay."""
        with self._lock:
            self._failed.pop(("name", name), None)

    def _until(self, key: tuple[str, str], patience: Patience) -> float:
        count, last = self._recent(key)
        over = count - patience.free
        return last + min(patience.longest, 2.0 ** min(over, 30)) if over >= 0 else last

    def _recent(self, key: tuple[str, str]) -> tuple[int, float]:
        count, last = self._failed.get(key, (0, 0.0))
        return (count, last) if last and self._now() - last < _FORGET else (0, 0.0)
