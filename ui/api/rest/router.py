"""The REST routes, ``/api/v1``."""

from functools import partial

from fastapi import APIRouter

from ui.api.rest.ask import add_ask
from ui.api.rest.documents import add_documents
from ui.api.rest.errors import error_json
from ui.api.rest.search import add_search
from ui.api.route import add_not_found, route_class
from ui.api.scope import read_scope_fields
from ui.core.protocols import Finder, Groups, Library
from ui.core.streaming import AskFunction
from ui.core.worker_pool import WorkerPool


def rest_router(
    ask_fn: AskFunction, pipeline: Finder, library: Library, pool: WorkerPool, groups: Groups | None = None
) -> APIRouter:
    """Return the router of ``/api/v1``: ask, search and documents."""
    router = APIRouter(prefix="/api/v1", route_class=route_class(error_json), tags=["onrecord"])
    scope_of = partial(read_scope_fields, library, groups)
    add_ask(router, ask_fn, scope_of, pool)
    add_search(router, pipeline, scope_of, pool)
    add_documents(router, library, pool)
    add_not_found(router, error_json)
    return router
