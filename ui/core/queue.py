"""The fair queue in front of all work: so much at once, the rest in a fair order, each knowing its position.

Fair queueing (Nagle, RFC 970; Demers, Keshav and Shenker 1989) with every piece of work of the same size: a visitor's
second question is a round behind the first, so whoever asks many waits behind whoever asks one. One question of an
account is answered at a time; behind an address or a key there may be many people, so these may take every place that
nobody before them wants. Where the queue is full, the last ticket of whoever has the most in it is evicted, as the same
authors do with packets.

Background work, which nobody watches, gives way to people, has at most half of the places, and is admitted once in a
while when people never stop coming.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from types import TracebackType

from index.errors import OnrecordError
from ui.core.client import is_shared

_STOP_CHECK_SECONDS = 0.2  # seconds between checks whether the reader stopped
_MAX_OVERTAKES = 10  # pieces of work that may pass waiting background work before its turn comes

STOPPING = "Onrecord is being stopped. Ask again in a moment."
_log = logging.getLogger(__name__)


class QueueFullError(OnrecordError):
    """The queue is full."""


class TooManyWaitingError(QueueFullError):
    """The queue is full, and this visitor has more waiting in it than others."""


class QueueClosedError(OnrecordError):
    """The server is being stopped."""


class Ticket:
    """A place in the queue, given up at the end of the ``with`` it is used in."""

    def __init__(self, queue: "FairQueue", visitor: str, round_: int, number: int, *, background: bool = False) -> None:
        self.visitor = visitor
        self.background = background
        self.order = (background, round_, number)
        self.admitted = False
        self.evicted = False
        self._queue = queue

    def positions(self, stop: threading.Event | None = None) -> Iterator[int]:
        """Yield the position, 1 for the next, each time it changes, until the ticket is admitted or ``stop`` is set.

        Yields 0 at admission where the ticket had to wait, and nothing where it had not. Raises QueueClosedError when
        the server is stopped first, TooManyWaitingError where the ticket is evicted.
        """
        return self._queue.positions(self, stop)

    def __enter__(self) -> "Ticket":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.leave(self)


class FairQueue:
    """A queue that admits ``at_once`` pieces of work at a time and lets ``max_waiting`` wait. Thread-safe.

    ``what`` names the work in the errors of a full queue.
    """

    def __init__(self, at_once: int = 4, max_waiting: int = 100, what: str = "questions") -> None:
        self._at_once = max(1, at_once)
        self._max_waiting = max_waiting
        self._what = what
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._admitted: list[Ticket] = []
        self._rounds = {False: 0, True: 0}  # the current round of people (False) and of background work (True)
        self._overtakes = 0
        self._number = 0
        self._closed = False

    @property
    def capacity(self) -> int:
        """The number of tickets that can be admitted or waiting."""
        return self._at_once + max(0, self._max_waiting)

    def join(self, visitor: str, *, background: bool = False) -> Ticket:
        """Return a ticket. Raises QueueFullError, TooManyWaitingError or QueueClosedError."""
        with self._changed:
            if self._closed:
                raise QueueClosedError(STOPPING)
            present = (*self._admitted, *self._waiting)
            own = (t.order[1] for t in present if (t.visitor, t.background) == (visitor, background))
            self._number += 1
            round_ = max(self._rounds[background], max(own, default=-1) + 1)
            ticket = Ticket(self, visitor, round_, self._number, background=background)
            self._waiting.append(ticket)
            self._waiting.sort(key=lambda t: t.order)
            self._admit()
            if len(self._waiting) > self._max_waiting:
                self._evict_one(ticket)
            return ticket

    def positions(self, ticket: Ticket, stop: threading.Event | None) -> Iterator[int]:
        """Yield the positions of a ticket as ``Ticket.positions`` describes."""
        shown = 0
        while True:
            with self._changed:
                position = self._position(ticket)
                if position and position == shown:
                    self._changed.wait(_STOP_CHECK_SECONDS)
                    position = self._position(ticket)
                if ticket.evicted:
                    raise TooManyWaitingError(
                        f"Others wait, and you have the most {self._what} in line. Ask fewer at once."
                    )
                if self._closed and position:
                    raise QueueClosedError(STOPPING)
            if stop is not None and stop.is_set():
                return
            if not position:
                if shown:
                    yield 0
                return
            if position != shown:
                shown = position
                yield position

    def leave(self, ticket: Ticket) -> None:
        """Give the ticket up and admit the next."""
        with self._changed:
            for present in (self._waiting, self._admitted):
                if ticket in present:
                    present.remove(ticket)
            self._admit()

    def close(self) -> None:
        """Admit and accept nobody any more; every waiting ticket raises QueueClosedError."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing is admitted any more, at most ``seconds``; return whether that is so."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._admitted and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._admitted

    def _admit(self) -> None:
        while not self._closed and len(self._admitted) < self._at_once and (ticket := self._next_ticket()) is not None:
            self._waiting.remove(ticket)
            self._admitted.append(ticket)
            self._rounds[ticket.background] = max(self._rounds[ticket.background], ticket.order[1])
            ticket.admitted = True
        self._changed.notify_all()

    def _next_ticket(self) -> Ticket | None:
        busy = {(t.visitor, t.background) for t in self._admitted if not is_shared(t.visitor)}
        free = [t for t in self._waiting if (t.visitor, t.background) not in busy]
        person = next((t for t in free if not t.background), None)
        work = next((t for t in free if t.background), None)
        if sum(t.background for t in self._admitted) >= max(1, self._at_once // 2):
            return person
        if person is None or (work is not None and self._overtakes >= _MAX_OVERTAKES):
            self._overtakes = 0
            return work
        self._overtakes += work is not None
        return person

    def _evict_one(self, new: Ticket) -> None:
        """Evict one ticket: the last one in the background, else of the visitor with the most waiting.

        Raises where that is ``new``, which goes first among visitors with equally many.
        """
        work = [t for t in self._waiting if t.background]
        waiting = Counter(t.visitor for t in work or self._waiting)
        largest = max(waiting.values())
        if new in (work or self._waiting) and waiting[new.visitor] == largest:
            one = new
        else:
            one = next(t for t in reversed(work or self._waiting) if waiting[t.visitor] == largest)
        self._waiting.remove(one)
        if one is new:
            if largest > 1:
                raise TooManyWaitingError(
                    f"{self._max_waiting} {self._what} are waiting already, {largest - 1} of them yours. "
                    "Ask again when some are answered."
                )
            raise QueueFullError(f"{self._max_waiting} {self._what} are waiting already. Ask again in a minute.")
        _log.info("Somebody with %d in a full line lost the last place to another", largest)
        one.evicted = True
        self._changed.notify_all()

    def _position(self, ticket: Ticket) -> int:
        return 0 if ticket.admitted or ticket not in self._waiting else self._waiting.index(ticket) + 1
