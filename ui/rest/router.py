"""The REST door, whole."""

from functools import partial

from fastapi import APIRouter

from ui.doors.answering import Ask
from ui.doors.nowhere import add_nowhere
from ui.doors.ports import Finder
from ui.doors.room import Room
from ui.doors.route import route_class
from ui.doors.scope import scope_in
from ui.rest.ask import add_ask
from ui.rest.documents import add_documents
from ui.rest.search import add_search
from ui.rest.told import told
from ui.web.ports import Groups, Library


def rest_router(put: Ask, pipeline: Finder, library: Library, room: Room, groups: Groups | None = None) -> APIRouter:
    """``/api/v1``: ask, search and documents."""
    router = APIRouter(prefix="/api/v1", route_class=route_class(told), tags=["onrecord"])
    scope_of = partial(scope_in, library, groups)
    add_ask(router, put, scope_of, room)
    add_search(router, pipeline, scope_of, room)
    add_documents(router, library, room)
    add_nowhere(router, told)
    return router
