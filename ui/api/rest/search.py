"""``GET`` and ``POST /search``: passages, without an answer."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from ui.api.disconnect import cancel_on_disconnect
from ui.api.rest.errors import errors
from ui.api.rest.models import SearchQuery, SearchRequest, SearchResponse
from ui.api.scope import ReadScope
from ui.api.serialize import hit_records
from ui.core.client import visitor_of
from ui.core.protocols import Finder
from ui.core.streaming import has_words
from ui.core.worker_pool import WorkerPool


def add_search(router: APIRouter, pipeline: Finder, scope_of: ReadScope, pool: WorkerPool) -> None:
    """Add both routes to ``router``."""

    async def found(wanted: SearchRequest, request: Request) -> dict[str, Any]:
        def find() -> dict[str, Any]:
            scope = scope_of(wanted)
            hits = pipeline.search(wanted.query, wanted.k, scope) if has_words(wanted.query) else ()
            return {"query": wanted.query, "hits": hit_records(hits)}

        return await cancel_on_disconnect(request, pool.run_search(find, visitor_of(request.scope)))

    described: dict[str, Any] = {"response_model": SearchResponse}

    @router.get(
        "/search",
        operation_id="search",
        summary="Find passages",
        responses=errors(400, 404, 409, 422, 429, 500, 503),
        **described,
    )
    async def search(query: Annotated[SearchQuery, Query()], request: Request) -> dict[str, Any]:
        """The passages found for a query, best first. Lists are written as `outlets=A&outlets=B`."""
        return await found(query, request)

    @router.post(
        "/search",
        operation_id="searchByBody",
        summary="Find passages, asked for in JSON",
        responses=errors(400, 404, 409, 413, 422, 429, 500, 503),
        **described,
    )
    async def search_by_body(body: SearchRequest, request: Request) -> dict[str, Any]:
        """The same as GET."""
        return await found(body, request)
