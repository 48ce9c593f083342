"""The tools search, ask and read: what each takes and gives, and what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.types import CallToolResult
from pydantic import BaseModel, ConfigDict, Field

from ui.api.empty_message import has_words, or_wordless
from ui.api.lookup import held
from ui.api.mcp.caller import caller
from ui.api.mcp.results import Found, ToldAnswer, answer_result, document_result, hits_result
from ui.api.models import DocumentText
from ui.api.rest.models import AskRequest, SearchRequest
from ui.api.scope import Name, scope_in
from ui.api.serialize import LONGEST_PAGE, PAGE
from ui.core.protocols import Finder, Groups, Library
from ui.core.streaming import Ask, Asked, whole
from ui.core.worker_pool import Room

_SEARCH = "Find the passages of the documents that are about something, best first, with where they stand."
_ASK = (
    "Answer a question from the documents; each sentence is cited to exact words and checked against them. "
    "Says so when the documents don't hold the answer."
)
_READ = (
    f"Read the text of a document, as a citation or a passage names it, from character `start` to `end`. "
    f"{PAGE:,} characters are read without an end, and at most {LONGEST_PAGE:,}; `next` is where to go on."
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
    """What can be called by ``name``: ``run`` is given a ``takes``, and its structured result is a ``gives``."""

    name: str
    title: str
    about: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Any], Awaitable[CallToolResult]]


def tools_of(put: Ask, pipeline: Finder, library: Library, room: Room, groups: Groups | None) -> tuple[Tool, ...]:
    """The tools over ``pipeline`` and ``library``, whose work is done in ``room``. They raise as the doors do."""
    put = or_wordless(put)

    async def search(request: SearchRequest) -> CallToolResult:
        def find() -> CallToolResult:
            scope = scope_in(library, groups, request)
            return hits_result(pipeline.search(request.query, request.k, scope) if has_words(request.query) else ())

        return await room.search(find, caller())

    async def ask(request: AskRequest) -> CallToolResult:
        scope = await room.run(lambda: scope_in(library, groups, request))
        asked = Asked(request.question, request.turns(), scope, caller())
        return answer_result(await whole(put, asked, room))

    async def read(request: ReadRequest) -> CallToolResult:
        def reading() -> CallToolResult:
            return document_result(held(library, request.document, _WHERE_IDS_ARE), request.start, request.end)

        return await room.read(reading, caller())

    return (
        Tool("search", "Find passages", _SEARCH, SearchRequest, Found, search),
        Tool("ask", "Answer a question", _ASK, AskRequest, ToldAnswer, ask),
        Tool("read", "Read a document", _READ, ReadRequest, DocumentText, read),
    )
