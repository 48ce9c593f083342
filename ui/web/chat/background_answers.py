"""Running answers, each in a thread of its own, which go on when their reader looks elsewhere or leaves."""

import logging
import threading
from collections.abc import Callable, Iterator
from itertools import count

from index.errors import OnrecordError
from ui.core.cancel import CancelRegistry
from ui.logs.setup import SEE_LOG, WENT_WRONG
from ui.web.chat.run_turn import SourcePane, TurnStep
from ui.web.chat.state import ChatState, with_error

_log = logging.getLogger(__name__)

_MAX_PER_OWNER = 4  # running answers of one owner, so that nobody fills the queue with forgotten questions
_MAX_UNSEEN_FAILURES = 100  # failures that nobody saw, remembered until their conversation is opened
_UNEXPECTED_ERROR = f"{WENT_WRONG} while answering. {SEE_LOG}; try again."
_LEFT_CHECK_SECONDS = 0.5  # seconds between checks whether the reader went elsewhere


class TooManyAnswersError(OnrecordError):
    """The visitor has too many running answers."""


class BackgroundAnswer:
    """One running answer. Thread-safe."""

    def __init__(self, owner: str, conversation: str, question: str, stop: threading.Event) -> None:
        self.owner = owner
        self.conversation = conversation
        self.question = question
        self.stop = stop
        self.over = False
        self.told = False
        self._chat: ChatState = ()
        self._pane: SourcePane | None = None
        self._steps = 0
        self._pane_at = 0
        self._changed = threading.Condition()

    @property
    def chat(self) -> ChatState:
        """The conversation so far."""
        with self._changed:
            return self._chat

    @property
    def failed(self) -> bool:
        """Whether it ended without an answer while nobody looked."""
        with self._changed:
            return self.over and not self.told and bool(self._chat) and bool(self._chat[-1].error)

    def follow(self, look: threading.Event) -> Iterator[TurnStep]:
        """Yield the answer now and each time it has grown, until it is finished or ``look`` is set.

        Several may follow. A slow follower gets the newest step, not every step.
        """
        seen = 0
        while not look.is_set():
            with self._changed:
                if seen == self._steps and not self.over:
                    self._changed.wait(_LEFT_CHECK_SECONDS)
                if seen == self._steps and not self.over:
                    continue
                pane = self._pane if self._pane_at > seen else None
                step, seen, over = TurnStep(self._chat, pane), self._steps, self.over
                self.told = self.told or over
            yield step
            if over:
                return

    def grow(self, step: TurnStep) -> None:
        """Take one more step."""
        with self._changed:
            self._steps += 1
            self._chat = step.chat
            if step.pane is not None:
                self._pane, self._pane_at = step.pane, self._steps
            self._changed.notify_all()

    def end(self) -> None:
        """Mark the answer as over."""
        with self._changed:
            self.over = True
            self._changed.notify_all()


class BackgroundAnswers:
    """The running answers, by owner and conversation. ``cancels`` can end them all."""

    def __init__(self, cancels: CancelRegistry) -> None:
        self._cancels = cancels
        self._jobs: list[BackgroundAnswer] = []
        self._numbers = count()
        self._lock = threading.Lock()

    def begin(
        self,
        owner: str,
        conversation: str,
        question: str,
        steps: Callable[[threading.Event], Iterator[TurnStep]],
        *,
        stop: threading.Event | None = None,
    ) -> BackgroundAnswer:
        """Start an answer in a thread. ``steps`` is given the event that cancels it, which is ``stop`` where given.

        The first step is taken before this returns. Raises TooManyAnswersError where the owner has several running.
        """
        name = f"answer {next(self._numbers)}"
        job = BackgroundAnswer(owner, conversation, question, stop or self._cancels.begin(name))
        with self._lock:
            if stop is None and sum(not each.over for each in self._jobs if each.owner == owner) >= _MAX_PER_OWNER:
                self._cancels.cancel(name)
                raise TooManyAnswersError(
                    f"{_MAX_PER_OWNER} of your questions are being answered. Wait for one of them, or stop one."
                )
            self._jobs.append(job)
        try:
            coming = steps(job.stop)
            job.grow(next(coming))
            threading.Thread(target=self._run, args=(job, coming, name), name="onrecord-answer", daemon=True).start()
        except BaseException:
            # Nothing else will end it, and it must not count as running.
            self._ended(job, name)
            raise
        return job

    def of(self, owner: str, conversation: str) -> BackgroundAnswer | None:
        """Return the latest answer of the conversation that is running, or failed while nobody looked."""
        return next((job for job in self.held(owner) if job.conversation == conversation), None)

    def held(self, owner: str) -> tuple[BackgroundAnswer, ...]:
        """Return the owner's answers that are running, or failed while nobody looked; the latest first."""
        with self._lock:
            jobs = [job for job in self._jobs if job.owner == owner]
        return tuple(job for job in reversed(jobs) if not job.over or job.failed)

    def end(self, owner: str, conversation: str) -> None:
        """Cancel the running answer of the conversation, and forget it."""
        with self._lock:
            ended = [job for job in self._jobs if (job.owner, job.conversation) == (owner, conversation)]
            self._jobs = [job for job in self._jobs if job not in ended]
        for job in ended:
            job.stop.set()

    def _run(self, job: BackgroundAnswer, coming: Iterator[TurnStep], name: str) -> None:
        try:
            for step in coming:
                job.grow(step)
        except Exception:
            _log.exception("An answer under way ended early")
            job.grow(TurnStep(with_error(job.chat, _UNEXPECTED_ERROR)))
        finally:
            self._ended(job, name)

    def _ended(self, job: BackgroundAnswer, name: str) -> None:
        job.end()
        self._cancels.cancel(name)
        with self._lock:
            untold = [each for each in self._jobs if each.failed][-_MAX_UNSEEN_FAILURES:]
            self._jobs = [each for each in self._jobs if not each.over or each in untold]
