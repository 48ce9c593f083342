"""The REST door, whole."""

from functools import partial

from fastapi import APIRouter

from ui.api.not_found import add_nowhere
from ui.api.rest.ask import add_ask
from ui.api.rest.documents import add_documents
from ui.api.rest.errors import told
from ui.api.rest.search import add_search
from ui.api.route import route_class
from ui.api.scope import scope_in
from ui.core.protocols import Finder, Groups, Library
from ui.core.streaming import Ask
from ui.core.worker_pool import Room


def rest_router(put: Ask, pipeline: Finder, library: Library, room: Room, groups: Groups | None = None) -> APIRouter:
    """``/api/v1``: ask, search and documents."""
    router = APIRouter(prefix="/api/v1", route_class=route_class(told), tags=["onrecord"])
    scope_of = partial(scope_in, library, groups)
    add_ask(router, put, scope_of, room)
    add_search(router, pipeline, scope_of, room)
    add_documents(router, library, room)
    add_nowhere(router, told)
    return router
