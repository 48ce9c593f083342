"""The OpenAI-compatible door, whole."""

import time
from functools import partial

from fastapi import APIRouter

from ui.doors.answering import Ask
from ui.doors.nowhere import add_nowhere
from ui.doors.room import Room
from ui.doors.route import route_class
from ui.doors.scope import scope_in
from ui.openai.chat import add_chat
from ui.openai.models import add_models
from ui.openai.told import told
from ui.web.ports import Groups, Library


def openai_router(put: Ask, library: Library, room: Room, groups: Groups | None = None) -> APIRouter:
    """``/v1``: chat completions and models."""
    router = APIRouter(prefix="/v1", route_class=route_class(told, invalid=400), tags=["openai"])
    add_chat(router, put, partial(scope_in, library, groups), room)
    add_models(router, int(time.time()))
    add_nowhere(router, told)
    return router
