"""Try a language model as a question would use it."""

import time
from dataclasses import dataclass

from rag.llm.protocol import Message, Model, ModelFailedError

_ASKED = (Message("system", "You are brief."), Message("user", "Name the seven days of the week."))
_ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Probe:
    """``pieces`` of a reply and when the first and the last of them came, in seconds; the context in tokens."""

    pieces: int
    first: float
    last: float
    context: int


def probe(model: Model, max_tokens: int) -> Probe:
    """Ask something small, and hang up once it is clear that the reply streams. Raises ModelFailedError."""
    began = time.monotonic()
    came: list[float] = []
    for _ in model.stream(_ASKED, max_tokens=max_tokens):
        came.append(time.monotonic() - began)
        if len(came) == _ENOUGH:
            break
    if not came:
        raise ModelFailedError(f"The language model {model.name} at {model.where} replied with nothing.")
    return Probe(len(came), came[0], came[-1], model.context)
