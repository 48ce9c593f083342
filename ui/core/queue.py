"""The line in front of all work: so much at once, the rest in a fair order, each knowing its place.

Fair queueing (Nagle, RFC 970; Demers, Keshav and Shenker 1989) with every piece of work of the same size: a visitor's
second question stands a round behind the first, so whoever asks many waits behind whoever asks one. One question of an
account is answered at a time; behind an address or a key there may be many people, so these may have every place that
nobody before them wants. Where the line is full, room is made by sending away the last one of who has the most in it,
as the same authors do with packets.

Background work, which nobody looks at, gives way to people, has at most half of the places, and is let in once in a
while when they never stop coming.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from types import TracebackType

from index.errors import OnrecordError
from ui.core.client import may_be_many

_LOOK = 0.2  # seconds between looks at whether the reader stopped
_PASSED = 10  # pieces of work that go ahead of background work before it has its turn

_log = logging.getLogger(__name__)


class QueueFullError(OnrecordError):
    """Too many wait already."""


class TooManyWaitingError(QueueFullError):
    """The line is full, and this visitor has more waiting in it than others."""


class QueueClosedError(OnrecordError):
    """The chat is being stopped."""


class Ticket:
    """A place in the line, left at the end of the ``with`` it is used in."""

    def __init__(self, line: "Line", visitor: str, turn: int, number: int, *, background: bool = False) -> None:
        self.visitor = visitor
        self.background = background
        self.order = (background, turn, number)
        self.called = False
        self.sent_away = False
        self._line = line

    def waits(self, stop: threading.Event | None = None) -> Iterator[int]:
        """The place, 1 for who is next, each time it changes, until it is this one's turn or ``stop`` is set.

        Whoever waited is told 0 when it is their turn; who need not wait is told nothing. Raise QueueClosedError when
        the chat is stopped first, TooManyWaitingError where the place is needed for somebody else.
        """
        return self._line.places(self, stop)

    def __enter__(self) -> "Ticket":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.leave(self)


class Line:
    """``at_once`` pieces of work done at the same time, and at most ``longest`` waiting. Safe between threads.

    ``what`` they are is said to who comes when it is full.
    """

    def __init__(self, at_once: int = 4, longest: int = 100, what: str = "questions") -> None:
        self._at_once = max(1, at_once)
        self._longest = longest
        self._what = what
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._answering: list[Ticket] = []
        self._turns = {False: 0, True: 0}  # the round that is served, of people and in the background
        self._passed = 0
        self._number = 0
        self._closed = False

    @property
    def most(self) -> int:
        """How many can be in it, answered or waiting."""
        return self._at_once + max(0, self._longest)

    def join(self, visitor: str, *, background: bool = False) -> Ticket:
        """Stand in line. Raise QueueFullError, TooManyWaitingError or QueueClosedError."""
        with self._changed:
            if self._closed:
                raise QueueClosedError("Onrecord is being stopped. Ask again in a moment.")
            held = (*self._answering, *self._waiting)
            own = (t.order[1] for t in held if (t.visitor, t.background) == (visitor, background))
            self._number += 1
            turn = max(self._turns[background], max(own, default=-1) + 1)
            ticket = Ticket(self, visitor, turn, self._number, background=background)
            self._waiting.append(ticket)
            self._waiting.sort(key=lambda t: t.order)
            self._call()
            if len(self._waiting) > self._longest:
                self._make_room(ticket)
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
                if ticket.sent_away:
                    raise TooManyWaitingError(
                        f"Others wait, and you have the most {self._what} in line. Ask fewer at once."
                    )
                if self._closed and place:
                    raise QueueClosedError("Onrecord is being stopped. Ask again in a moment.")
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
        while not self._closed and len(self._answering) < self._at_once and (ticket := self._next()) is not None:
            self._waiting.remove(ticket)
            self._answering.append(ticket)
            self._turns[ticket.background] = max(self._turns[ticket.background], ticket.order[1])
            ticket.called = True
        self._changed.notify_all()

    def _next(self) -> Ticket | None:
        busy = {(t.visitor, t.background) for t in self._answering if not may_be_many(t.visitor)}
        free = [t for t in self._waiting if (t.visitor, t.background) not in busy]
        person = next((t for t in free if not t.background), None)
        work = next((t for t in free if t.background), None)
        if sum(t.background for t in self._answering) >= max(1, self._at_once // 2):
            return person
        if person is None or (work is not None and self._passed >= _PASSED):
            self._passed = 0
            return work
        self._passed += work is not None
        return person

    def _make_room(self, new: Ticket) -> None:
        """Send one away: the last one in the background, else of who has the most waiting. Raise where it is ``new``.

        Of those who have as many, the one who just came goes.
        """
        work = [t for t in self._waiting if t.background]
        waiting = Counter(t.visitor for t in work or self._waiting)
        most = max(waiting.values())
        if new in (work or self._waiting) and waiting[new.visitor] == most:
            one = new
        else:
            one = next(t for t in reversed(work or self._waiting) if waiting[t.visitor] == most)
        self._waiting.remove(one)
        if one is new:
            if most > 1:
                raise TooManyWaitingError(
                    f"{self._longest} {self._what} are waiting already, {most - 1} of them yours. "
                    "Ask again when some are answered."
                )
            raise QueueFullError(f"{self._longest} {self._what} are waiting already. Ask again in a minute.")
        _log.info("Somebody with %d in a full line lost the last place to another", most)
        one.sent_away = True
        self._changed.notify_all()

    def _place(self, ticket: Ticket) -> int:
        return 0 if ticket.called or ticket not in self._waiting else self._waiting.index(ticket) + 1
