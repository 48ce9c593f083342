"""A conversation as a Word document (ECMA-376), footnotes as numbered notes under each answer."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from index.errors import OnrecordError
from rag.schema import Answer
from ui.conversations.export.footnote import footnote
from ui.conversations.models import Conversation, KeptTurn
from ui.conversations.titles import one_line

_INDENT = 228_600  # of a note: a quarter of an inch, in English Metric Units


class WordMissingError(OnrecordError):
    """What writes Word documents is not installed."""


def to_docx(conversation: Conversation, turns: Sequence[KeptTurn]) -> bytes:
    """The whole conversation as plain text in styles; nothing of a document becomes a link, field or picture.

    Raises WordMissingError where python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError as error:
        raise WordMissingError(
            "Word documents need python-docx. Install it with `pip install python-docx`, or export Markdown "
            "or HTML instead."
        ) from error
    made = Document()
    _describe(made, conversation)
    made.add_heading(one_line(conversation.title), 0)
    first = 1
    for turn in turns:
        made.add_heading(one_line(turn.question), 1)
        made.add_paragraph(f"Asked {turn.asked[:16].replace('T', ' ')} UTC", "Subtitle")
        _add_answer(made, turn.answer, first)
        first += len(turn.answer.citations)
    written = BytesIO()
    made.save(written)
    return written.getvalue()


def _describe(made: Any, conversation: Conversation) -> None:
    told = made.core_properties
    told.title, told.author, told.comments = one_line(conversation.title)[:255], "Onrecord", ""
    told.created, told.modified = map(datetime.fromisoformat, (conversation.created, conversation.changed))


def _add_answer(made: Any, answer: Answer, first: int) -> None:
    said = made.add_paragraph()
    if answer.refused:
        said.add_run(one_line(answer.reason))
    numbers = {citation.marker: first + n for n, citation in enumerate(answer.citations)}
    for claim in answer.claims:
        said.add_run(one_line(claim.text))
        for citation in claim.citations:
            said.add_run(f"[{numbers[citation.marker]}]").font.superscript = True
        said.add_run(" ")
    if answer.note:
        made.add_paragraph(one_line(answer.note))
    for n, citation in enumerate(answer.citations):
        note = footnote(citation)
        told = " — ".join([f"“{note.quote}”", note.origin, note.place, *note.more])
        made.add_paragraph(f"[{first + n}] {told}").paragraph_format.left_indent = _INDENT
