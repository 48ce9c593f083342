"""What the rest of the product needs of a language model: messages in, text out as it is written."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index.errors import OnrecordError

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a model."""

    role: Role
    text: str


class ModelFailedError(OnrecordError):
    """A language model could not be reached, took too long, or stopped in the middle; the message says which."""


class Model(Protocol):
    """A language model that can be asked. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """The name as it was chosen, such as ``"ollama/llama3.2"``; a file without its folders."""
        ...

    @property
    def where(self) -> str:
        """Where the model runs, to be shown: ``"127.0.0.1:11434"``, ``"api.anthropic.com"``, ``"this computer"``."""
        ...

    @property
    def context(self) -> int:
        """How many tokens a request and its reply may hold together."""
        ...

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: threading.Event | None = None
    ) -> Iterator[str]:
        """Yield the reply in pieces as it is written, at most ``max_tokens`` tokens.

        Ends early once ``stop`` is set; closing the iterator cancels the request. Raises ModelFailedError, also after
        pieces were yielded.
        """
        ...


def complete(model: Model, messages: Sequence[Message], *, max_tokens: int) -> str:
    """Return the whole reply. Raises ModelFailedError."""
    return "".join(model.stream(messages, max_tokens=max_tokens))


_PROBE_MESSAGES = (Message("system", "You are brief."), Message("user", "Name the seven days of the week."))
_ENOUGH_PIECES = 20


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of trying a model.

    ``pieces`` were received, the first and the last after so many seconds; ``context`` is in tokens.
    """

    pieces: int
    first: float
    last: float
    context: int


def probe(model: Model, max_tokens: int) -> Probe:
    """Ask ``model`` a small question, and hang up once it is clear that the reply streams. Raises ModelFailedError."""
    began = time.monotonic()
    came: list[float] = []
    for _ in model.stream(_PROBE_MESSAGES, max_tokens=max_tokens):
        came.append(time.monotonic() - began)
        if len(came) == _ENOUGH_PIECES:
            break
    if not came:
        raise ModelFailedError(f"The language model {model.name} at {model.where} replied with nothing.")
    return Probe(len(came), came[0], came[-1], model.context)
