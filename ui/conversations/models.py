"""The types of kept conversations."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.errors import OnrecordError
from rag.schema import Answer, Turn


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation, without its turns. ``created`` and ``changed`` are UTC in ISO 8601.

    ``owner`` is whose it is, empty where there is one user; ``turns`` is their number.
    """

    id: str
    owner: str
    title: str
    created: str
    changed: str
    turns: int


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question as it was asked, its answer, and when: UTC in ISO 8601.

    ``number`` is its place in the conversation, which no other turn gets while it is there. ``good`` is the owner's
    judgement of the answer, None while there is none.
    """

    question: str
    answer: Answer
    asked: str
    number: int = 0
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class TurnLocation:
    """Where a turn is kept: the id of its conversation and its number there."""

    conversation: str
    number: int


class ConversationMissingError(OnrecordError):
    """There is no such conversation, or it is somebody else's."""


class ConversationsBrokenError(OnrecordError):
    """The database of conversations cannot be read or written."""


def history_of(turns: Iterable[StoredTurn]) -> tuple[Turn, ...]:
    """Return the turns as the history that the pipeline takes."""
    return tuple(Turn(turn.question, turn.answer.text) for turn in turns)
