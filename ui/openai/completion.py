"""A finished answer as a chat completion."""

from dataclasses import dataclass
from typing import Any

from rag.schema import Answer
from ui.doors.records import citation_records, verification_record
from ui.openai.schema import MODEL
from ui.openai.text import Shown, content_of


@dataclass(frozen=True, slots=True)
class Reply:
    """What stays the same in every piece of a reply. ``created`` are seconds since 1970, ``read`` words asked."""

    id: str
    created: int
    read: int


def completion(reply: Reply, answer: Answer, shown: Shown = content_of) -> dict[str, Any]:
    """The fields of ``Completion``."""
    content = shown(answer)
    message = {"role": "assistant", "content": content, "refusal": None, **on_record(answer)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": reply.created,
        "model": MODEL,
        "choices": [choice],
        "usage": usage(reply, content),
    }


def on_record(answer: Answer) -> dict[str, Any]:
    """What an answer on the record adds to a message."""
    return {"citations": citation_records(answer), "onrecord": verification_record(answer)}


def usage(reply: Reply, written: str) -> dict[str, int]:
    """Words read and written."""
    wrote = len(written.split())
    return {"prompt_tokens": reply.read, "completion_tokens": wrote, "total_tokens": reply.read + wrote}
