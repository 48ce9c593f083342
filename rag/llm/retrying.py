"""Add retries, time limits and a rate limit to a backend, which sends each request only once."""

import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.llm.backend import Backend, CancellableRequest, Piece, ServerUnavailableError
from rag.llm.errors import Failure, describe_failure
from rag.llm.protocol import Message, ModelFailedError
from rag.llm.think_filter import ThinkFilter

_RATE_POLL_SECONDS = 0.05


class RateLimiter:
    """A sliding window: a request may start once fewer than ``limit`` started in the last ``window`` seconds.

    A ``limit`` of 0 is none. Shared by all threads that use the same model.
    """

    def __init__(self, limit: int, window: float = 60.0) -> None:
        self._limit = limit
        self._window = window
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def acquire(self, stop: threading.Event, until: float) -> bool:
        """Wait until a request may start, and return True.

        Return False when ``stop`` is set, or monotonic time ``until`` passes, before that.
        """
        while not stop.is_set():
            left = self._take()
            if left <= 0:
                return True
            if time.monotonic() + left > until:
                return False
            stop.wait(min(left, _RATE_POLL_SECONDS))
        return False

    def _take(self) -> float:
        """Take a place now and return 0, or return the seconds until the next may be free."""
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


UNKNOWN_CONTEXT = 4096  # tokens; what the smallest models in use take
_MAX_CHARACTERS_PER_TOKEN = 8  # a token; prose has four
_MIN_PAUSE, _MAX_PAUSE = 0.5, 20.0
_POLL_SECONDS = 0.05
_MIN_SECRET_CHARACTERS = 8  # a shorter key may be part of an ordinary word


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds to wait for each piece, and for a whole reply with all its tries; and how often to retry."""

    per_piece: float
    per_reply: float
    retries: int


class _FailedError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


@dataclass(eq=False)
class RetryingModel:
    """The ``Model`` that the rest of the product uses: a backend with retries and time limits.

    ``name`` is as it was chosen. ``known_context`` is in tokens, 0 until the backend has reported it. ``secret`` is cut
    from the error messages of servers.
    """

    name: str
    backend: Backend
    patience: TimeLimits
    rate: RateLimiter
    known_context: int = field(default=0, kw_only=True)
    secret: str = field(default="", kw_only=True, repr=False)

    @property
    def where(self) -> str:
        """Where the model runs."""
        return self.backend.where

    @property
    def context(self) -> int:
        """The context in tokens: as configured, else as the backend reports it, else 4,096.

        The backend is asked again until its server is reached.
        """
        if not self.known_context:
            try:
                self.known_context = self.backend.reported_context() or UNKNOWN_CONTEXT
            except ServerUnavailableError:
                return UNKNOWN_CONTEXT
        return self.known_context

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the reply; see ``Model.stream``. A failure before the first piece is retried where that may help.

        Retrying may help when there was no connection, or the status is 408, 429 or 5xx. A server that accepts a
        request and then stays silent is not asked again, since it is still busy with the first.
        """
        stop = stop or threading.Event()
        self.backend.load()
        until = time.monotonic() + self.patience.per_reply
        for tries in range(self.patience.retries + 1):
            given = False
            try:
                for text in self._stream_once(messages, max_tokens, stop, until):
                    given = True
                    yield text
            except _FailedError as failed:
                wait = _pause_before_retry(tries) if failed.failure.wait is None else failed.failure.wait
                late = time.monotonic() + wait > until
                if given or not failed.failure.retryable or late or tries == self.patience.retries:
                    raise self._model_failed(failed.failure) from failed
                if stop.wait(wait):
                    return
            else:
                return

    def _stream_once(
        self, messages: Sequence[Message], max_tokens: int, stop: threading.Event, until: float
    ) -> Iterator[str]:
        """Yield the text of one request. Raises _FailedError."""
        if not self.rate.acquire(stop, until):
            if stop.is_set():
                return
            raise _FailedError(
                Failure("may not be asked again yet: `llm_per_minute` is reached. Try again in a minute.")
            )
        call = CancellableRequest()
        try:
            coming = read_in_thread(lambda: self.backend.pieces(messages, max_tokens, call), call)
            yield from _visible_text(_pieces_in_time(coming, self.patience, stop, until), max_tokens, stop)
        finally:
            call.cancel()

    def _model_failed(self, failure: Failure) -> ModelFailedError:
        says = f"The language model {self.name} at {self.where} {failure.reason}"
        return ModelFailedError(
            says.replace(self.secret, "[key]") if len(self.secret) >= _MIN_SECRET_CHARACTERS else says
        )


def _pieces_in_time(
    coming: "queue.Queue[Piece | Failure | None]", patience: TimeLimits, stop: threading.Event, until: float
) -> Iterator[Piece]:
    """Yield pieces until the end or ``stop``. Raises _FailedError, also when the next piece is late."""
    waiting_since, begun = time.monotonic(), False
    while not stop.is_set():
        try:
            got = coming.get(timeout=_POLL_SECONDS)
        except queue.Empty:
            _check_time(time.monotonic(), waiting_since, patience, until, begun)
            continue
        if got is None:
            return
        if isinstance(got, Failure):
            raise _FailedError(got)
        if time.monotonic() > until:
            _check_time(time.monotonic(), waiting_since, patience, until, begun)
        yield got
        waiting_since, begun = time.monotonic(), True


def _check_time(now: float, since: float, patience: TimeLimits, until: float, begun: bool) -> None:
    if now > until:
        raise _FailedError(Failure(f"was not done in {patience.per_reply:g} s. `llm_longest` allows more."))
    if now - since > patience.per_piece:
        what = "fell silent in the middle of its reply" if begun else "did not begin to reply"
        raise _FailedError(Failure(f"{what} for {patience.per_piece:g} s. `llm_timeout` allows more."))


def _visible_text(pieces: Iterator[Piece], max_tokens: int, stop: threading.Event) -> Iterator[str]:
    """Yield what is for the reader, limited in characters, because a server may not count its tokens."""
    left, thought, empty = max_tokens * _MAX_CHARACTERS_PER_TOKEN, ThinkFilter(), True
    for piece in pieces:
        text = "" if piece.hidden else thought.feed(piece.text[:left])
        left -= len(piece.text)
        if text:
            empty = empty and not text.strip()
            yield text
        if left <= 0:
            break
    if rest := thought.finish():
        empty = empty and not rest.strip()
        yield rest
    if empty and not stop.is_set():
        raise _FailedError(Failure(_empty_reply_reason(max_tokens, left)))


def _empty_reply_reason(max_tokens: int, left: int) -> str:
    if left == max_tokens * _MAX_CHARACTERS_PER_TOKEN:
        return "replied with nothing. Ask again, or choose another."
    return f"only thought, and said nothing in {max_tokens} tokens. `llm_max_tokens` allows more."


def _pause_before_retry(tries: int) -> float:
    """Return the seconds before the next try: doubled each time, less up to half so that many clients spread out."""
    return min(_MAX_PAUSE, _MIN_PAUSE * 2.0**tries) * random.uniform(0.5, 1.0)


End = Failure | None
_MAX_PIECES_AHEAD = 64  # pieces read before the reader of the answer takes them
_QUEUE_POLL_SECONDS = 0.1


def read_in_thread(start: Callable[[], Iterator[Piece]], call: CancellableRequest) -> "queue.Queue[Piece | End]":
    """Read pieces in a thread of their own; the queue ends with None, or with the Failure that ended them.

    A read that waits cannot be asked to stop. The thread ends once ``call`` is cancelled.
    """
    coming: queue.Queue[Piece | End] = queue.Queue(_MAX_PIECES_AHEAD)

    def put(what: Piece | End) -> bool:
        while not call.cancelled:
            try:
                coming.put(what, timeout=_QUEUE_POLL_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        end: End = None
        try:
            for piece in start():
                if not put(piece):
                    break
        except Exception as error:  # of any kind: it must end only this request
            end = describe_failure(error, call)
        put(end)

    threading.Thread(target=read, name="onrecord-model", daemon=True).start()
    return coming
