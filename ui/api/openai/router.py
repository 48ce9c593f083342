"""The OpenAI-compatible door, whole."""

import time
from functools import partial

from fastapi import APIRouter

from ui.api.not_found import add_nowhere
from ui.api.openai.chat import add_chat
from ui.api.openai.errors import told
from ui.api.openai.model_list import add_models
from ui.api.route import route_class
from ui.api.scope import scope_in
from ui.core.protocols import Groups, Library
from ui.core.streaming import Ask
from ui.core.worker_pool import Room


def openai_router(put: Ask, library: Library, room: Room, groups: Groups | None = None) -> APIRouter:
    """``/v1``: chat completions and models."""
    router = APIRouter(prefix="/v1", route_class=route_class(told, invalid=400), tags=["openai"])
    add_chat(router, put, partial(scope_in, library, groups), room)
    add_models(router, int(time.time()))
    add_nowhere(router, told)
    return router
