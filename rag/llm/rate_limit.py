"""No more than so many requests a minute."""

import threading
import time
from collections import deque

_NAP = 0.05


class PerMinute:
    """A sliding window: a request may go once fewer than ``limit`` went in the last ``window`` seconds.

    0 is no limit. Shared by all threads that ask the same model.
    """

    def __init__(self, limit: int, window: float = 60.0) -> None:
        self._limit = limit
        self._window = window
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def turn(self, stop: threading.Event, until: float) -> bool:
        """Wait for a turn and take it; False when ``stop`` is set or the monotonic time ``until`` comes first."""
        while not stop.is_set():
            left = self._take()
            if left <= 0:
                return True
            if time.monotonic() + left > until:
                return False
            stop.wait(min(left, _NAP))
        return False

    def _take(self) -> float:
        """Take a turn now, or the seconds until the next may be free."""
        if not self._limit:
            return 0.0
        with self._lock:
            now = time.monotonic()
            while self._sent and self._sent[0] <= now - self._window:
                self._sent.popleft()
            if len(self._sent) >= self._limit:
                return self._sent[0] + self._window - now
            self._sent.append(now)
            return 0.0
