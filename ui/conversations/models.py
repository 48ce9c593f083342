"""The nouns of kept conversations."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.errors import OnrecordError
from rag.schema import Answer, Turn


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation, without its turns. ``created`` and ``changed`` are UTC in ISO 8601.

    ``owner`` is whose it is, empty where there is one user; ``turns`` counts them.
    """

    id: str
    owner: str
    title: str
    created: str
    changed: str
    turns: int


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question as it was asked, its answer, and when: UTC in ISO 8601.

    ``number`` is its place in the conversation, which no other turn of it ever gets while it is there. ``good`` is what
    the owner thinks of the answer, none while they have not said.
    """

    question: str
    answer: Answer
    asked: str
    number: int = 0
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn is kept: the id of its conversation and its number there."""

    conversation: str
    number: int


class ConversationMissingError(OnrecordError):
    """There is no such conversation, or it is somebody else's."""


class ConversationsBrokenError(OnrecordError):
    """The file of conversations cannot be read or written."""


def history_of(turns: Iterable[KeptTurn]) -> tuple[Turn, ...]:
    """What the pipeline takes as history."""
    return tuple(Turn(turn.question, turn.answer.text) for turn in turns)
