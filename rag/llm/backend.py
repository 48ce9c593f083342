"""What one request to a language model is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.llm.cancellable_request import Call
from rag.llm.protocol import Message


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of a reply, as it came. ``hidden`` when it is the model thinking, which is not for the reader."""

    text: str
    hidden: bool = False


class UnfinishedError(Exception):
    """The reply ended without its end being said."""


class UnsaidError(Exception):
    """A server could not be asked; later it may."""


class RefusedError(Exception):
    """The model said why it will not reply; the message is its own."""


class Backend(Protocol):
    """Sends a request once and reads its reply, without any patience of its own."""

    @property
    def where(self) -> str:
        """Where it runs, as shown."""
        ...

    def ready(self) -> None:
        """Do what takes long only the first time: import, load. Raises ModelFailedError."""
        ...

    def told_context(self) -> int:
        """The tokens of a request and its reply together, as the model says; 0 where it does not. Raises Unsaid."""
        ...

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: Call) -> Iterator[Piece]:
        """The reply as it comes. Raises whatever the library raises, and Unfinished."""
        ...
