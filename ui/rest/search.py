"""``GET`` and ``POST /search``: passages, without an answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from rag.record import hit_to_dict
from ui.doors.ports import Finder
from ui.doors.room import Room
from ui.doors.scope import ScopeOf
from ui.doors.wordless import has_words
from ui.rest.schema import SearchQuery, SearchRequest, SearchResponse
from ui.rest.told import errors


def add_search(router: APIRouter, pipeline: Finder, scope_of: ScopeOf, room: Room) -> None:
    """Add both to ``router``."""

    async def found(request: SearchRequest) -> dict[str, Any]:
        def find() -> dict[str, Any]:
            scope = scope_of(request)
            hits = pipeline.search(request.query, request.k, scope) if has_words(request.query) else ()
            return {"query": request.query, "hits": [hit_to_dict(hit) for hit in hits]}

        return await room.run(find)

    described: dict[str, Any] = {"response_model": SearchResponse}

    @router.get(
        "/search",
        operation_id="search",
        summary="Find passages",
        responses=errors(400, 404, 409, 422, 500, 503),
        **described,
    )
    async def search(query: Annotated[SearchQuery, Query()]) -> dict[str, Any]:
        """The passages found for a query, best first. Lists are written as `outlets=A&outlets=B`."""
        return await found(query)

    @router.post(
        "/search",
        operation_id="searchByBody",
        summary="Find passages, asked for in JSON",
        responses=errors(400, 404, 409, 413, 422, 500, 503),
        **described,
    )
    async def search_by_body(body: SearchRequest) -> dict[str, Any]:
        """The same as GET."""
        return await found(body)
