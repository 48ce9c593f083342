"""Answers and documents as the records of ``ui.api.models``."""

from typing import Any

from index.schema import Document
from rag.question.scope import scope_to_dict
from rag.schema import Answer
from rag.serialize import citation_to_dict, to_dict
from ui.core.document_records import head_record

PAGE = 20_000  # characters of a document that are read when no end is given
LONGEST_PAGE = 200_000


def answer_record(answer: Answer) -> dict[str, Any]:
    """The fields of ``AnswerRecord``."""
    return {**to_dict(answer), "citations": citation_records(answer), "done": answer.done}


def citation_records(answer: Answer) -> list[dict[str, Any]]:
    """Every citation once, by marker: the objects that every door gives."""
    return [citation_to_dict(citation) for citation in answer.citations]


def verification_record(answer: Answer) -> dict[str, Any]:
    """The fields of ``Verification``: what stands behind an answer whose text and citations are given elsewhere."""
    held = to_dict(answer)
    names = ("refused", "reason", "confidence", "answerer", "where", "query", "note", "claims")
    return {name: held[name] for name in names} | {"scope": scope_to_dict(answer.scope)}


def document_text(document: Document, start: int = 0, end: int | None = None) -> dict[str, Any]:
    """The fields of ``DocumentText``; ``start`` and ``end`` are clamped to the text and to one page."""
    size = len(document.text)
    start = min(max(0, start), size)
    last = min(start + PAGE if end is None else max(start, end), start + LONGEST_PAGE, size)
    return {
        **head_record(document),
        "metadata": dict(document.metadata),
        "size": size,
        "start": start,
        "end": last,
        "next": last if last < size else None,
        "text": document.text[start:last],
    }
