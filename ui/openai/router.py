"""The OpenAI-compatible door, whole."""

import time

from fastapi import APIRouter

from ui.doors.answering import Ask
from ui.doors.nowhere import add_nowhere
from ui.doors.room import Room
from ui.doors.route import route_class
from ui.openai.chat import add_chat
from ui.openai.models import add_models
from ui.openai.told import told
from ui.web.ports import Library


def openai_router(put: Ask, library: Library, room: Room) -> APIRouter:
    """``/v1``: chat completions and models."""
    router = APIRouter(prefix="/v1", route_class=route_class(told, invalid=400), tags=["openai"])
    add_chat(router, put, library, room)
    add_models(router, int(time.time()))
    add_nowhere(router, told)
    return router
