"""Read the question and the turns before it from OpenAI's messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.schema import Turn
from ui.api.openai.models import Message
from ui.core.failures import Failure, RequestFailedError
from ui.core.streaming import has_words

UNREAD_NOTE = "Pictures, recordings and files are not read here, only text."
EMPTY_MESSAGE = "The last message of the user's is empty."

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NO_QUESTION = Failure(400, "invalid_request", "There is no message with the role user to answer.", "messages")


@dataclass(frozen=True, slots=True)
class ParsedMessages:
    """The question, the ``turns`` before it, and whether it came with parts that are ``unread``."""

    question: str
    turns: tuple[Turn, ...]
    unread: bool = False


def parse_messages(messages: Sequence[Message]) -> ParsedMessages:
    """Return the user's last message, and the exchanges before it. Raises RequestFailedError where it has no text.

    The assistant's messages are read as the Markdown they were given in. Messages of other roles are left out.
    """
    turns: list[Turn] = []
    last = -1
    for number, message in enumerate(messages):
        if message.role == "user":
            turns.append(Turn(text_of(message.content), ""))
            last = number
        elif message.role == "assistant" and turns:
            text = _ESCAPED.sub(r"\1", text_of(message.content))
            turns[-1] = Turn(turns[-1].question, f"{turns[-1].answer} {text}".strip())
    if not turns:
        raise RequestFailedError(_NO_QUESTION)
    question, unread = turns[-1].question, _has_unread(messages[last].content)
    if not question.strip():
        why = UNREAD_NOTE if unread else EMPTY_MESSAGE
        raise RequestFailedError(Failure(400, "invalid_request", f"{why} Ask in words.", f"messages[{last}].content"))
    return ParsedMessages(question, tuple(turn for turn in turns[:-1] if has_words(turn.question)), unread)


def text_of(content: Any) -> str:
    """Return the words of a message's content, whether it is one text or parts; parts of other kinds have none."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(text for part in content if (text := _text(part)))


def _text(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


def _has_unread(content: Any) -> bool:
    return isinstance(content, list) and any(part.get("type") != "text" for part in content)
