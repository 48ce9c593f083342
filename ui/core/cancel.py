"""What ends the answer under way for one visitor."""

import threading


class Stops:
    """An event for each visitor whose question is being answered. Safe to call from several threads."""

    def __init__(self) -> None:
        self._events: dict[str | None, threading.Event] = {}
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

    def end(self, visitor: str | None) -> None:
        """Set the visitor's event, where an answer is under way, and forget it."""
        with self._lock:
            event = self._events.pop(visitor, None)
        if event is not None:
            event.set()

    def end_all(self) -> None:
        """Set every visitor's event."""
        with self._lock:
            events = list(self._events.values())
            self._events.clear()
        for event in events:
            event.set()
