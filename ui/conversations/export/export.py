"""A conversation as a file to take away: Markdown, HTML, DOCX or JSON."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.serialize import to_dict
from ui.conversations.export.docx import to_docx
from ui.conversations.export.html import to_html
from ui.conversations.export.markdown import to_markdown
from ui.conversations.models import Conversation, KeptTurn

_LONGEST_NAME = 60  # characters of a file's name


@dataclass(frozen=True, slots=True)
class Format:
    """``make`` writes a conversation as bytes of the media type ``kind``."""

    kind: str
    make: Callable[[Conversation, Sequence[KeptTurn]], bytes]


def exported(name: str, conversation: Conversation, turns: Sequence[KeptTurn]) -> bytes:
    """The conversation in the format ``name``, a key of ``FORMATS``. Raises WordMissingError as ``to_docx`` does."""
    return FORMATS[name].make(conversation, turns)


def file_name(conversation: Conversation, name: str) -> str:
    """What to call the file of it: the title's letters and digits, and the format as its ending."""
    words = re.findall(r"\w+", conversation.title)
    return f"{'-'.join(words)[:_LONGEST_NAME].strip('-_') or 'conversation'}.{name}"


def to_json(conversation: Conversation, turns: Sequence[KeptTurn]) -> dict[str, Any]:
    """The whole conversation; each answer as ``rag.serialize.to_dict`` gives it, with citations and offsets."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created,
        "changed": conversation.changed,
        "turns": [{"question": t.question, "asked": t.asked, "answer": to_dict(t.answer)} for t in turns],
    }


def _markdown(conversation: Conversation, turns: Sequence[KeptTurn]) -> bytes:
    return to_markdown(conversation, turns).encode("utf-8", "replace")


def _html(conversation: Conversation, turns: Sequence[KeptTurn]) -> bytes:
    return to_html(conversation, turns).encode("utf-8", "replace")


def _json(conversation: Conversation, turns: Sequence[KeptTurn]) -> bytes:
    text = json.dumps(to_json(conversation, turns), ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "replace")


FORMATS: Mapping[str, Format] = {
    "md": Format("text/markdown", _markdown),
    "html": Format("text/html", _html),
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_docx),
    "json": Format("application/json", _json),
}
