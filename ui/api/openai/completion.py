"""A finished answer as a chat completion."""

from dataclasses import dataclass
from typing import Any

from rag.schema import Answer
from ui.api.openai.models import MODEL
from ui.api.openai.text import RenderAnswer, answer_markdown
from ui.api.serialize import citation_records, verification_record


@dataclass(frozen=True, slots=True)
class ReplyHeader:
    """What stays the same in every piece of a reply. ``created`` is in seconds since 1970, ``read`` counts words."""

    id: str
    created: int
    read: int


def completion(reply: ReplyHeader, answer: Answer, render: RenderAnswer = answer_markdown) -> dict[str, Any]:
    """Return the fields of ``Completion``."""
    content = render(answer)
    message = {"role": "assistant", "content": content, "refusal": None, **record_fields(answer)}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        "id": reply.id,
        "object": "chat.completion",
        "created": reply.created,
        "model": MODEL,
        "choices": [choice],
        "usage": usage(reply, content),
    }


def record_fields(answer: Answer) -> dict[str, Any]:
    """Return what an answer on the record adds to a message."""
    return {"citations": citation_records(answer), "onrecord": verification_record(answer)}


def usage(reply: ReplyHeader, written: str) -> dict[str, int]:
    """Return the words read and written."""
    written_words = len(written.split())
    return {"prompt_tokens": reply.read, "completion_tokens": written_words, "total_tokens": reply.read + written_words}
