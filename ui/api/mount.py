"""Open the doors in a FastAPI application."""

from typing import TYPE_CHECKING

from ui.auth.access import Access
from ui.core.protocols import Finder, Groups, Library

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.routing import BaseRoute

    from ui.core.app_state import Floor
    from ui.core.streaming import Ask


def add_doors(
    app: "FastAPI",
    pipeline: Finder,
    library: Library,
    *,
    answerer: str = "quoted",
    where: str = "",
    access: Access | None = None,
    put: "Ask | None" = None,
    floor: "Floor | None" = None,
    groups: Groups | None = None,
    root_path: str = "",
) -> None:
    """Add ``/api/v1``, ``/v1``, ``/health``, ``/openapi.json`` and, where its package is installed, ``/mcp``.

    To be called before anything is mounted at the root, which would answer first. ``answerer`` and ``where`` are
    what the health check names; ``access`` says who may come in. Everything is done in its visitor's turn on
    ``floor``, but that ``put`` may ask the questions in another way. ``groups`` are the collections that may be named,
    and ``root_path`` is where the doors begin behind a proxy.
    """
    from ui.api.guard import guards
    from ui.api.mcp.http import add_mcp
    from ui.api.mcp.optional_import import installed
    from ui.api.openai.router import openai_router
    from ui.api.openapi import add_description
    from ui.api.rest.errors import errors
    from ui.api.rest.health import health_router
    from ui.api.rest.router import rest_router
    from ui.core.app_state import Floor
    from ui.core.streaming import in_line
    from ui.core.worker_pool import room_before

    access = access or Access()
    floor = floor or Floor()
    room = room_before(floor)
    put = put or in_line(pipeline, floor)
    doors: list[BaseRoute] = []
    add_description(app, doors, root_path)
    before = len(app.routes)
    for prefix in ("", "/api/v1"):
        app.include_router(health_router(library, answerer, where, prefix))
    guarded = guards(access)
    rest = rest_router(put, pipeline, library, room, groups)
    app.include_router(rest, dependencies=guarded, responses=errors(401 if access.key else 403))
    app.include_router(openai_router(put, library, room, groups), dependencies=guarded)
    doors += app.routes[before:]
    if installed():
        add_mcp(app, put, pipeline, library, room, access, groups)
