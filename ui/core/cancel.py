"""Cancel the answers that are running for a visitor."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class CancelRegistry:
    """The cancel events of running answers, by visitor. Thread-safe."""

    def __init__(self) -> None:
        self._events: dict[str | None, threading.Event] = {}
        self._additional: dict[str | None, list[threading.Event]] = {}
        self._lock = threading.Lock()

    def begin(self, visitor: str | None) -> threading.Event:
        """Return a new event for the visitor's next answer, and set the event of the one before."""
        event = threading.Event()
        with self._lock:
            before = self._events.get(visitor)
            self._events[visitor] = event
        if before is not None:
            before.set()
        return event

    def current(self, visitor: str | None) -> threading.Event:
        """Return the event of the visitor's latest answer; one that is already set where there is none."""
        gone = threading.Event()
        gone.set()
        with self._lock:
            return self._events.get(visitor, gone)

    @contextmanager
    def additional(self, visitor: str | None) -> Iterator[threading.Event]:
        """Yield an event for work beside the visitor's latest answer; ``cancel`` sets it too."""
        event = threading.Event()
        with self._lock:
            self._additional.setdefault(visitor, []).append(event)
        try:
            yield event
        finally:
            with self._lock:
                held = self._additional.get(visitor, [])
                if event in held:
                    held.remove(event)
                if not held:
                    self._additional.pop(visitor, None)

    def cancel(self, visitor: str | None) -> None:
        """Set the visitor's events and forget them."""
        with self._lock:
            events = self._additional.pop(visitor, [])
            if visitor in self._events:
                events.append(self._events.pop(visitor))
        for event in events:
            event.set()

    def cancel_all(self) -> None:
        """Set the events of every visitor."""
        with self._lock:
            events = [*self._events.values(), *(event for held in self._additional.values() for event in held)]
            self._events.clear()
            self._additional.clear()
        for event in events:
            event.set()
