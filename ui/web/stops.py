"""What ends the answer under way for one visitor."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stops:
    """An event for each visitor whose question is being answered. Safe to call from several threads."""

    def __init__(self) -> None:
        self._events: dict[str | None, threading.Event] = {}
        self._beside: dict[str | None, list[threading.Event]] = {}
        self._lock = threading.Lock()

    def begin(self, visitor: str | None) -> threading.Event:
        """A fresh event for the visitor's next answer; the one before is set."""
        event = threading.Event()
        with self._lock:
            before = self._events.get(visitor)
            self._events[visitor] = event
        if before is not None:
            before.set()
        return event

    def current(self, visitor: str | None) -> threading.Event:
        """The event of the visitor's latest answer; one that is set where they went on to something else."""
        gone = threading.Event()
        gone.set()
        with self._lock:
            return self._events.get(visitor, gone)

    @contextmanager
    def beside(self, visitor: str | None) -> Iterator[threading.Event]:
        """An event that is set when the visitor's is ended, for what goes on beside their latest answer."""
        event = threading.Event()
        with self._lock:
            self._beside.setdefault(visitor, []).append(event)
        try:
            yield event
        finally:
            with self._lock:
                held = self._beside.get(visitor, [])
                if event in held:
                    held.remove(event)
                if not held:
                    self._beside.pop(visitor, None)

    def end(self, visitor: str | None) -> None:
        """Set the visitor's events, where something is under way, and forget them."""
        with self._lock:
            events = self._beside.pop(visitor, [])
            if visitor in self._events:
                events.append(self._events.pop(visitor))
        for event in events:
            event.set()

    def end_all(self) -> None:
        """Set every visitor's event."""
        with self._lock:
            events = [*self._events.values(), *(event for held in self._beside.values() for event in held)]
            self._events.clear()
            self._beside.clear()
        for event in events:
            event.set()
