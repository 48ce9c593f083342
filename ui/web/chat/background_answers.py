"""Answers under way, each in a thread of its own: one goes on when its reader looks at something else, or leaves."""

import logging
import threading
from collections.abc import Callable, Iterator
from itertools import count

from index.errors import OnrecordError
from ui.core.cancel import Stops
from ui.web.chat.run_turn import Pane, Step
from ui.web.chat.state import Talk, failed

_log = logging.getLogger(__name__)

_MOST = 4  # answers under way for one owner, so that nobody fills the line with what they no longer look at
_LONGEST_UNTOLD = 100  # answers that failed while nobody looked, remembered until their conversation is opened
_BROKE = "Something went wrong while answering. The server's log says what; try again."
_LOOK = 0.5  # seconds between looks at whether the reader went elsewhere


class TooManyError(OnrecordError):
    """The visitor has too many answers under way already."""


class Job:
    """One answer under way. Safe between threads."""

    def __init__(self, owner: str, conversation: str, question: str, stop: threading.Event) -> None:
        self.owner = owner
        self.conversation = conversation
        self.question = question
        self.stop = stop
        self.over = False
        self.told = False
        self._talk: Talk = ()
        self._pane: Pane | None = None
        self._steps = 0
        self._pane_at = 0
        self._changed = threading.Condition()

    @property
    def talk(self) -> Talk:
        """The conversation as it stands."""
        with self._changed:
            return self._talk

    @property
    def failed(self) -> bool:
        """Whether it ended without an answer, and nobody was there to be told."""
        with self._changed:
            return self.over and not self.told and bool(self._talk) and bool(self._talk[-1].error)

    def follow(self, look: threading.Event) -> Iterator[Step]:
        """The answer as it stands, and each time it has grown, until it is there or ``look`` is set.

        Several may follow. Whoever is slow gets the newest, not each.
        """
        seen = 0
        while not look.is_set():
            with self._changed:
                if seen == self._steps and not self.over:
                    self._changed.wait(_LOOK)
                if seen == self._steps and not self.over:
                    continue
                pane = self._pane if self._pane_at > seen else None
                step, seen, over = Step(self._talk, pane), self._steps, self.over
                self.told = self.told or over
            yield step
            if over:
                return

    def grow(self, step: Step) -> None:
        """Take one more step."""
        with self._changed:
            self._steps += 1
            self._talk = step.talk
            if step.pane is not None:
                self._pane, self._pane_at = step.pane, self._steps
            self._changed.notify_all()

    def end(self) -> None:
        """Say that no more comes."""
        with self._changed:
            self.over = True
            self._changed.notify_all()


class Underway:
    """The answers under way, by owner and conversation. ``stops`` can end them all."""

    def __init__(self, stops: Stops) -> None:
        self._stops = stops
        self._jobs: list[Job] = []
        self._numbers = count()
        self._lock = threading.Lock()

    def begin(
        self,
        owner: str,
        conversation: str,
        question: str,
        steps: Callable[[threading.Event], Iterator[Step]],
        *,
        stop: threading.Event | None = None,
    ) -> Job:
        """Answer in a thread: ``steps`` is given what is set when the answer is to end, ``stop`` if that is given.

        The first step is taken before this returns. Raise TooMany where the owner has several under way.
        """
        name = f"answer {next(self._numbers)}"
        job = Job(owner, conversation, question, stop or self._stops.begin(name))
        with self._lock:
            if stop is None and sum(not each.over for each in self._jobs if each.owner == owner) >= _MOST:
                self._stops.end(name)
                raise TooManyError(f"{_MOST} of your questions are being answered. Wait for one of them, or stop one.")
            self._jobs.append(job)
        try:
            coming = steps(job.stop)
            job.grow(next(coming))
            threading.Thread(target=self._run, args=(job, coming, name), name="onrecord-answer", daemon=True).start()
        except BaseException:
            # Nothing will ever end it, and it must not count among those under way.
            self._ended(job, name)
            raise
        return job

    def of(self, owner: str, conversation: str) -> Job | None:
        """The latest that is under way in the conversation, or failed there while nobody looked."""
        return next((job for job in self.held(owner) if job.conversation == conversation), None)

    def held(self, owner: str) -> tuple[Job, ...]:
        """Those of the owner that are under way, or failed while nobody looked; the latest first."""
        with self._lock:
            jobs = [job for job in self._jobs if job.owner == owner]
        return tuple(job for job in reversed(jobs) if not job.over or job.failed)

    def end(self, owner: str, conversation: str) -> None:
        """End what is under way in the conversation, and forget it."""
        with self._lock:
            ended = [job for job in self._jobs if (job.owner, job.conversation) == (owner, conversation)]
            self._jobs = [job for job in self._jobs if job not in ended]
        for job in ended:
            job.stop.set()

    def _run(self, job: Job, coming: Iterator[Step], name: str) -> None:
        try:
            for step in coming:
                job.grow(step)
        except Exception:
            _log.exception("An answer under way ended early")
            job.grow(Step(failed(job.talk, _BROKE)))
        finally:
            self._ended(job, name)

    def _ended(self, job: Job, name: str) -> None:
        job.end()
        self._stops.end(name)
        with self._lock:
            untold = [each for each in self._jobs if each.failed][-_LONGEST_UNTOLD:]
            self._jobs = [each for each in self._jobs if not each.over or each in untold]
