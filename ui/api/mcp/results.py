"""The results of the tools: a text, and the same as a record."""

from typing import Any

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from index.schema import Document, Hit
from rag.schema import Answer
from ui.api.mcp.texts import answer_text, document_page_text, hits_text
from ui.api.models import Citation, Passage, Verification
from ui.api.serialize import citation_records, document_text, hit_records, verification_record


class AnswerResult(Verification):
    """An answer on the record."""

    question: str
    answer: str = Field(description="The text with its markers, or the refusal")
    citations: list[Citation]
    closest: list[Passage] = Field(description="On a refusal, the closest passages")


class SearchResult(BaseModel):
    """The passages found, best first."""

    hits: list[Passage]


def answer_result(answer: Answer) -> CallToolResult:
    """Return an answer with its sources, and an ``AnswerResult``."""
    record = {
        **verification_record(answer),
        "question": answer.question,
        "answer": answer.text,
        "citations": citation_records(answer),
        "closest": hit_records(answer.hits) if answer.refused else [],
    }
    return _result(answer_text(answer), record)


def hits_result(hits: tuple[Hit, ...]) -> CallToolResult:
    """Return passages, and a ``SearchResult``."""
    return _result(hits_text(hits), {"hits": hit_records(hits)})


def document_result(document: Document, start: int, end: int | None) -> CallToolResult:
    """Return a part of a document, and a ``DocumentText``."""
    page = document_text(document, start, end)
    return _result(document_page_text(page), page)


def _result(text: str, record: dict[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=record)
