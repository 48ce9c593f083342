"""The log entry of one question."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ui.logs.setup import log_event

_HASH_LENGTH = 12  # characters of a visitor's hash


@dataclass(frozen=True, slots=True)
class QuestionEntry:
    """What is known of a question when it is over.

    ``waited`` and ``seconds`` are the seconds in the queue and of answering; ``steps`` are seconds by step. ``error``
    is the type of the error that ended it. ``stopped`` is true where the reader stopped it or left.
    """

    visitor: str
    question: str
    waited: float
    seconds: float
    model: str = ""
    refused: bool = False
    stopped: bool = False
    error: str = ""
    steps: Mapping[str, float] = field(default_factory=dict)


QuestionLog = Callable[[QuestionEntry], None]


def unlogged(_: QuestionEntry) -> None:
    """Write nothing."""


def make_log(*, questions: bool) -> QuestionLog:
    """Return a function that writes each question to the log, with its words only where ``questions`` is true.

    A visitor is named by a hash under a key that is gone when the process ends.
    """
    key = secrets.token_bytes(32)

    def log(entry: QuestionEntry) -> None:
        visitor = hmac.new(key, entry.visitor.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:_HASH_LENGTH]
        log_event(
            "asked",
            visitor=visitor,
            waited=round(entry.waited, 3),
            seconds=round(entry.seconds, 3),
            model=entry.model,
            refused=entry.refused,
            stopped=entry.stopped,
            error=entry.error,
            steps={step: round(seconds, 3) for step, seconds in entry.steps.items()},
            **({"question": entry.question} if questions else {}),
        )

    return log
