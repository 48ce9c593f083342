"""One question that was asked, as it stands in the log."""

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ui.logs.setup import log_event

_SHOWN = 12  # characters of a visitor's hash


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a question when it is over.

    ``waited`` and ``seconds`` are the time in line and the time of answering, in seconds; ``steps`` are seconds by
    step. ``error`` is the kind of error that ended it. ``stopped`` where the reader did, or left.
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


Log = Callable[[Asked], None]


def unlogged(_: Asked) -> None:
    """Write nothing."""


def make_log(*, questions: bool) -> Log:
    """Writes each question that was asked, its words only with ``questions``.

    A visitor is named by a hash under a key that is gone when the process ends.
    """
    key = secrets.token_bytes(32)

    def log(asked: Asked) -> None:
        visitor = hmac.new(key, asked.visitor.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:_SHOWN]
        log_event(
            "asked",
            visitor=visitor,
            waited=round(asked.waited, 3),
            seconds=round(asked.seconds, 3),
            model=asked.model,
            refused=asked.refused,
            stopped=asked.stopped,
            error=asked.error,
            steps={step: round(seconds, 3) for step, seconds in asked.steps.items()},
            **({"question": asked.question} if questions else {}),
        )

    return log
