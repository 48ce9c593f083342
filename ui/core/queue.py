"""The line in front of the answers: so many at once, the others in a fair order, each knowing its place.

Fair queueing (Nagle, RFC 970; Demers, Keshav and Shenker 1989) with every question of the same size: a visitor's
second question stands a round behind the first, so whoever asks many waits behind whoever asks one. One question of
a visitor is answered at a time.
"""

import threading
import time
from collections.abc import Iterator
from types import TracebackType

from index.errors import OnrecordError

_LOOK = 0.2  # seconds between looks at whether the reader stopped


class LineFull(OnrecordError):  # noqa: N818
    """Too many wait already."""


class LineClosed(OnrecordError):  # noqa: N818
    """The chat is being stopped."""


class Ticket:
    """A place in the line, left at the end of the ``with`` it is used in."""

    def __init__(self, line: "Line", visitor: str, turn: int, number: int) -> None:
        self.visitor = visitor
        self.order = (turn, number)
        self.called = False
        self._line = line

    def waits(self, stop: threading.Event | None = None) -> Iterator[int]:
        """The place, 1 for who is next, each time it changes, until it is this one's turn or ``stop`` is set.

        Whoever waited is told 0 when it is their turn; who need not wait is told nothing.
        Raise LineClosed when the chat is stopped first.
        """
        return self._line.places(self, stop)

    def __enter__(self) -> "Ticket":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.leave(self)


class Line:
    """``at_once`` questions answered at the same time, and at most ``longest`` waiting. Safe between threads."""

    def __init__(self, at_once: int = 4, longest: int = 100) -> None:
        self._at_once = max(1, at_once)
        self._longest = longest
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._answering: list[Ticket] = []
        self._turn = 0
        self._number = 0
        self._closed = False

    def join(self, visitor: str) -> Ticket:
        """Stand in line. Raise LineFull or LineClosed."""
        with self._changed:
            if self._closed:
                raise LineClosed("Onrecord is being stopped. Ask again in a moment.")
            if len(self._waiting) >= self._longest:
                raise LineFull(f"{self._longest} questions are waiting already. Ask again in a minute.")
            last = max((t.order[0] for t in (*self._answering, *self._waiting) if t.visitor == visitor), default=-1)
            self._number += 1
            ticket = Ticket(self, visitor, max(self._turn, last + 1), self._number)
            self._waiting.append(ticket)
            self._waiting.sort(key=lambda t: t.order)
            self._call()
            return ticket

    def places(self, ticket: Ticket, stop: threading.Event | None) -> Iterator[int]:
        """As ``Ticket.waits`` says."""
        shown = 0
        while True:
            with self._changed:
                place = self._place(ticket)
                if place and place == shown:
                    self._changed.wait(_LOOK)
                    place = self._place(ticket)
                if self._closed and place:
                    raise LineClosed("Onrecord is being stopped. Ask again in a moment.")
            if stop is not None and stop.is_set():
                return
            if not place:
                if shown:
                    yield 0
                return
            if place != shown:
                shown = place
                yield place

    def leave(self, ticket: Ticket) -> None:
        """Leave the line, or give the turn to the next."""
        with self._changed:
            for held in (self._waiting, self._answering):
                if ticket in held:
                    held.remove(ticket)
            self._call()

    def close(self) -> None:
        """Take nobody any more and send away who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def settled(self, seconds: float) -> bool:
        """Wait until nobody is being answered, at most ``seconds``; whether it is so."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._answering and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._answering

    def _call(self) -> None:
        busy = {t.visitor for t in self._answering}
        for ticket in [] if self._closed else list(self._waiting):
            if len(self._answering) >= self._at_once:
                break
            if ticket.visitor not in busy:
                busy.add(ticket.visitor)
                self._waiting.remove(ticket)
                self._answering.append(ticket)
                self._turn = max(self._turn, ticket.order[0])
                ticket.called = True
        self._changed.notify_all()

    def _place(self, ticket: Ticket) -> int:
        return 0 if ticket.called or ticket not in self._waiting else self._waiting.index(ticket) + 1
