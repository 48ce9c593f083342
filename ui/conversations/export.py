"""A conversation as plain data, for JSON."""

from collections.abc import Sequence
from typing import Any

from rag.record import to_dict
from ui.conversations.schema import Conversation, KeptTurn


def to_json(conversation: Conversation, turns: Sequence[KeptTurn]) -> dict[str, Any]:
    """The whole conversation; each answer as ``rag.record.to_dict`` gives it, with citations and offsets."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created,
        "changed": conversation.changed,
        "turns": [{"question": t.question, "asked": t.asked, "answer": to_dict(t.answer)} for t in turns],
    }
