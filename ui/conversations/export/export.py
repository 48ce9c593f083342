"""Export a conversation as Markdown, HTML, DOCX or JSON."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.serialize import to_dict, without_folders
from ui.conversations.export.docx import to_docx
from ui.conversations.export.html import to_html
from ui.conversations.export.markdown import to_markdown
from ui.conversations.models import Conversation, StoredTurn

_MAX_NAME_LENGTH = 60  # characters of a file's name


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: ``make`` writes a conversation as bytes of the media type ``kind``."""

    kind: str
    make: Callable[[Conversation, Sequence[StoredTurn]], bytes]


def export_conversation(name: str, conversation: Conversation, turns: Sequence[StoredTurn]) -> bytes:
    """Return the conversation in the format ``name``, a key of ``FORMATS``. Raises DocxMissingError."""
    return FORMATS[name].make(conversation, turns)


def file_name(conversation: Conversation, name: str) -> str:
    """Return the file's name: the title's letters and digits, and the format ``name`` as its ending."""
    words = re.findall(r"\w+", conversation.title)
    return f"{'-'.join(words)[:_MAX_NAME_LENGTH].strip('-_') or 'conversation'}.{name}"


def to_json(conversation: Conversation, turns: Sequence[StoredTurn]) -> dict[str, Any]:
    """Return the whole conversation; each answer as ``rag.serialize.to_dict`` writes it, without folders."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created,
        "changed": conversation.changed,
        "turns": [
            {"question": t.question, "asked": t.asked, "answer": without_folders(to_dict(t.answer))} for t in turns
        ],
    }


def _markdown(conversation: Conversation, turns: Sequence[StoredTurn]) -> bytes:
    return to_markdown(conversation, turns).encode("utf-8", "replace")


def _html(conversation: Conversation, turns: Sequence[StoredTurn]) -> bytes:
    return to_html(conversation, turns).encode("utf-8", "replace")


def _json(conversation: Conversation, turns: Sequence[StoredTurn]) -> bytes:
    text = json.dumps(to_json(conversation, turns), ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "replace")


FORMATS: Mapping[str, ExportFormat] = {
    "md": ExportFormat("text/markdown", _markdown),
    "html": ExportFormat("text/html", _html),
    "docx": ExportFormat("application/vnd.openxmlformats-officedocument.wordprocessingml.document", to_docx),
    "json": ExportFormat("application/json", _json),
}
