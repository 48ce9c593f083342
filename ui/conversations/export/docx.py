"""A conversation as a Word document (ECMA-376), with footnotes as numbered notes under each answer."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from index.errors import OnrecordError
from rag.schema import Answer
from ui.conversations.export.footnote import footnote
from ui.conversations.models import Conversation, StoredTurn
from ui.conversations.titles import printable_line

_INDENT = 228_600  # the indent of a note: a quarter of an inch, in English Metric Units


class DocxMissingError(OnrecordError):
    """The package that writes Word documents is not installed."""


def to_docx(conversation: Conversation, turns: Sequence[StoredTurn]) -> bytes:
    """Return the whole conversation as styled plain text; nothing of a document becomes a link, field or picture.

    Raises DocxMissingError where python-docx is not installed.
    """
    try:
        from docx import Document
    except ImportError as error:
        raise DocxMissingError(
            "Word documents need python-docx. Install it with `pip install python-docx`, or export Markdown "
            "or HTML instead."
        ) from error
    document = Document()
    _describe(document, conversation)
    document.add_heading(printable_line(conversation.title), 0)
    first = 1
    for turn in turns:
        document.add_heading(printable_line(turn.question), 1)
        document.add_paragraph(f"Asked {turn.asked[:16].replace('T', ' ')} UTC", "Subtitle")
        _add_answer(document, turn.answer, first)
        first += len(turn.answer.citations)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _describe(document: Any, conversation: Conversation) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.comments = printable_line(conversation.title)[:255], "Onrecord", ""
    properties.created, properties.modified = map(datetime.fromisoformat, (conversation.created, conversation.changed))


def _add_answer(document: Any, answer: Answer, first: int) -> None:
    paragraph = document.add_paragraph()
    if answer.refused:
        paragraph.add_run(printable_line(answer.reason))
    numbers = {citation.marker: first + n for n, citation in enumerate(answer.citations)}
    for line in answer.lead.splitlines():
        paragraph.add_run(printable_line(line))
        paragraph = document.add_paragraph()
    for number, claim in enumerate(answer.claims):
        if answer.is_list:
            paragraph = paragraph if number == 0 else document.add_paragraph()
            if title := answer.group_titles[number]:
                paragraph.add_run(printable_line(title))
                paragraph = document.add_paragraph()
            paragraph.style = "List Bullet"
        paragraph.add_run(printable_line(claim.text))
        for citation in claim.citations:
            paragraph.add_run(f"[{numbers[citation.marker]}]").font.superscript = True
        paragraph.add_run(" ")
    if answer.note:
        document.add_paragraph(printable_line(answer.note))
    for n, citation in enumerate(answer.citations):
        note = footnote(citation)
        text = " — ".join([f"“{note.quote}”", note.origin, note.place, *note.more])
        document.add_paragraph(f"[{first + n}] {text}").paragraph_format.left_indent = _INDENT
