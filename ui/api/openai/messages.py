"""The question and the turns before it, out of OpenAI's messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.schema import Turn
from ui.api.empty_message import has_words
from ui.api.openai.models import Message
from ui.core.failures import Failure, RequestFailedError

UNREAD = "Pictures, recordings and files are not read here, only text."

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NO_QUESTION = Failure(400, "invalid_request", "There is no message with the role user to answer.", "messages")


@dataclass(frozen=True, slots=True)
class Said:
    """The question, the ``turns`` before it, and whether parts came with it that are ``unread``."""

    question: str
    turns: tuple[Turn, ...]
    unread: bool = False


def said_in(messages: Sequence[Message]) -> Said:
    """The last message of the user's, and the exchanges before it. Raises RequestFailedError where it has no text.

    What the assistant said is read as the Markdown it was given in. Messages of other roles are left out.
    """
    turns: list[Turn] = []
    last = -1
    for number, message in enumerate(messages):
        if message.role == "user":
            turns.append(Turn(text_of(message.content), ""))
            last = number
        elif message.role == "assistant" and turns:
            said = _ESCAPED.sub(r"\1", text_of(message.content))
            turns[-1] = Turn(turns[-1].question, f"{turns[-1].answer} {said}".strip())
    if not turns:
        raise RequestFailedError(_NO_QUESTION)
    question, unread = turns[-1].question, _has_unread(messages[last].content)
    if not question.strip():
        why = UNREAD if unread else "The last message of the user's is empty."
        raise RequestFailedError(Failure(400, "invalid_request", f"{why} Ask in words.", f"messages[{last}].content"))
    return Said(question, tuple(turn for turn in turns[:-1] if has_words(turn.question)), unread)


def text_of(content: Any) -> str:
    """The words of a message's content, whether it is one text or parts; parts of other kinds have none."""
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
