"""The REST door, whole."""

from fastapi import APIRouter

from ui.doors.answering import Ask
from ui.doors.nowhere import add_nowhere
from ui.doors.ports import Finder
from ui.doors.room import Room
from ui.doors.route import route_class
from ui.rest.ask import add_ask
from ui.rest.documents import add_documents
from ui.rest.search import add_search
from ui.rest.told import told
from ui.web.ports import Library


def rest_router(put: Ask, pipeline: Finder, library: Library, room: Room) -> APIRouter:
    """``/api/v1``: ask, search and documents."""
    router = APIRouter(prefix="/api/v1", route_class=route_class(told), tags=["onrecord"])
    add_ask(router, put, library, room)
    add_search(router, pipeline, library, room)
    add_documents(router, library)
    add_nowhere(router, told)
    return router
