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
    """A question as it was asked, its answer, and when: UTC in ISO 8601."""

    question: str
    answer: Answer
    asked: str


class ConversationMissing(OnrecordError):  # noqa: N818
    """There is no such conversation, or it is somebody else's."""


class ConversationsBroken(OnrecordError):  # noqa: N818
    """The file of conversations cannot be read or written."""


def history_of(turns: Iterable[KeptTurn]) -> tuple[Turn, ...]:
    """What the pipeline takes as history."""
    return tuple(Turn(turn.question, turn.answer.text) for turn in turns)
