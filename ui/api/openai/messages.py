"""The question and the turns before it, out of OpenAI's messages."""

import re
from collections.abc import Sequence
from typing import Any

from rag.schema import Turn
from ui.api.openai.models import Message, UserMessage
from ui.core.failures import Failure, RequestFailed

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_NO_QUESTION = Failure(400, "invalid_request", "There is no message with the role user to answer.", "messages")


def question_and_history(messages: Sequence[Message]) -> tuple[str, tuple[Turn, ...]]:
    """The last message of the user's, and the exchanges before it. Raises RequestFailed where there is none.

    What the assistant said is read as the Markdown it was given in. Messages of other roles are left out.
    """
    turns: list[Turn] = []
    for message in messages:
        if isinstance(message, UserMessage):
            turns.append(Turn(text_of(message.content), ""))
        elif message.role == "assistant" and turns:
            said = _ESCAPED.sub(r"\1", text_of(message.content))
            turns[-1] = Turn(turns[-1].question, f"{turns[-1].answer} {said}".strip())
    if not turns:
        raise RequestFailed(_NO_QUESTION)
    earlier = (turn for turn in turns[:-1] if any(map(str.isalnum, turn.question)))
    return turns[-1].question, tuple(earlier)


def text_of(content: Any) -> str:
    """The words of a message's content, whether it is one text or parts; parts of other kinds have none."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(text for part in content if (text := _text(part)))


def _text(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else getattr(part, "text", None)
    return text if isinstance(text, str) else ""
