"""The tools search, ask and read: what each takes and returns."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.types import CallToolResult
from pydantic import BaseModel, ConfigDict, Field

from ui.api.mcp.caller import caller
from ui.api.mcp.results import AnswerResult, SearchResult, answer_result, document_result, hits_result
from ui.api.models import DocumentText
from ui.api.rest.models import AskRequest, SearchRequest
from ui.api.scope import Name, read_scope_fields
from ui.api.serialize import MAX_PAGE_LENGTH, PAGE_LENGTH, find_document
from ui.core.ask import QuestionRequest
from ui.core.protocols import Finder, Groups, Library
from ui.core.streaming import AskFunction, final_answer, has_words, refuse_wordless
from ui.core.worker_pool import WorkerPool

_SEARCH = "Find the passages of the documents that are about something, best first, with where they stand."
_ASK = (
    "Answer a question from the documents; each sentence is cited to exact words and checked against them. "
    "Says so when the documents don't hold the answer."
)
_READ = (
    f"Read the text of a document, as a citation or a passage names it, from character `start` to `end`. "
    f"{PAGE_LENGTH:,} characters are read without an end, and at most {MAX_PAGE_LENGTH:,}; `next` is where to go on."
)
_WHERE_IDS_ARE = "`search` and `ask` name documents by their ids."


class ReadRequest(BaseModel):
    """A document, and which part of it."""

    model_config = ConfigDict(extra="forbid")

    document: Name = Field(description="The document's id")
    start: int = Field(default=0, ge=0, description="The first character, 0 if left out")
    end: int | None = Field(default=None, ge=0, description="The character after the last")


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: ``run`` is given a ``takes``, and its structured result is a ``gives``."""

    name: str
    title: str
    about: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Any], Awaitable[CallToolResult]]


def make_tools(
    ask_fn: AskFunction, pipeline: Finder, library: Library, pool: WorkerPool, groups: Groups | None
) -> tuple[Tool, ...]:
    """Return the tools over ``pipeline`` and ``library``, whose work runs in ``pool``. They raise as the REST routes
    do.
    """
    ask_fn = refuse_wordless(ask_fn)

    async def search(request: SearchRequest) -> CallToolResult:
        def find() -> CallToolResult:
            scope = read_scope_fields(library, groups, request)
            return hits_result(pipeline.search(request.query, request.k, scope) if has_words(request.query) else ())

        return await pool.run_search(find, caller())

    async def ask(request: AskRequest) -> CallToolResult:
        scope = await pool.run(lambda: read_scope_fields(library, groups, request))
        asked = QuestionRequest(request.question, request.turns(), scope, caller())
        return answer_result(await final_answer(ask_fn, asked, pool))

    async def read(request: ReadRequest) -> CallToolResult:
        def reading() -> CallToolResult:
            return document_result(find_document(library, request.document, _WHERE_IDS_ARE), request.start, request.end)

        return await pool.run_read(reading, caller())

    return (
        Tool("search", "Find passages", _SEARCH, SearchRequest, SearchResult, search),
        Tool("ask", "Answer a question", _ASK, AskRequest, AnswerResult, ask),
        Tool("read", "Read a document", _READ, ReadRequest, DocumentText, read),
    )
