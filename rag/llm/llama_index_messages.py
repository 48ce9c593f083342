"""Our messages as LlamaIndex's."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.llm.protocol import Message

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage


def chat_messages(messages: Sequence[Message]) -> "list[ChatMessage]":
    """One for one, in order."""
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role=message.role, content=message.text) for message in messages]
