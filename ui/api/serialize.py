"""Answers and documents as the records of ``ui.api.models``."""

from collections.abc import Iterable
from typing import Any

from index.schema import Document, Hit
from rag.question.scope import scope_to_dict
from rag.schema import Answer
from rag.serialize import citation_to_dict, hit_to_dict, to_dict, without_folders
from ui.core.document_records import document_header
from ui.core.failures import NotFoundError
from ui.core.protocols import Library

PAGE_LENGTH = 20_000  # characters of a document that are read when no end is given
MAX_PAGE_LENGTH = 200_000


def answer_record(answer: Answer) -> dict[str, Any]:
    """Return the fields of ``AnswerRecord``."""
    return {**without_folders(to_dict(answer)), "citations": citation_records(answer), "done": answer.done}


def citation_records(answer: Answer) -> list[dict[str, Any]]:
    """Return every citation once, by marker: the same objects in every interface."""
    return [without_folders(citation_to_dict(citation)) for citation in answer.citations]


def hit_records(hits: Iterable[Hit]) -> list[dict[str, Any]]:
    """Return found passages with their scores: the same objects in every interface."""
    return [without_folders(hit_to_dict(hit)) for hit in hits]


def verification_record(answer: Answer) -> dict[str, Any]:
    """Return the fields of ``Verification``, for an answer whose text and citations are returned elsewhere."""
    record = to_dict(answer)
    names = (
        "refused", "reason", "confidence", "answerer", "where", "query", "note", "kind", "lead", "perhaps", "claims"
    )  # fmt: skip
    return {name: record[name] for name in names} | {"scope": scope_to_dict(answer.scope)}


def document_text(document: Document, start: int = 0, end: int | None = None) -> dict[str, Any]:
    """Return the fields of ``DocumentText``; ``start`` and ``end`` are clamped to the text and to one page."""
    size = len(document.text)
    start = min(max(0, start), size)
    last = min(start + PAGE_LENGTH if end is None else max(start, end), start + MAX_PAGE_LENGTH, size)
    return {
        **document_header(document),
        "metadata": dict(document.metadata),
        "size": size,
        "start": start,
        "end": last,
        "next": last if last < size else None,
        "text": document.text[start:last],
    }


def find_document(library: Library, document_id: str, advice: str) -> Document:
    """Return the whole document; only ids of the index are looked up.

    Raises NotFoundError when there is none with that id, with ``advice`` on where to find one.
    """
    if not any(info.id == document_id for info in library.documents()):
        raise NotFoundError(f"The index holds no document {document_id[:80]!r}. {advice}")
    return library.document(document_id)
