"""Add the interfaces for programs to a FastAPI application."""

from typing import TYPE_CHECKING

from ui.auth.access import Access
from ui.core.protocols import Finder, Groups, Library

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.routing import BaseRoute

    from ui.core.app_state import AppState
    from ui.core.streaming import AskFunction


def add_api(
    app: "FastAPI",
    pipeline: Finder,
    library: Library,
    *,
    answerer: str = "quoted",
    where: str = "",
    access: Access | None = None,
    ask_fn: "AskFunction | None" = None,
    app_state: "AppState | None" = None,
    groups: Groups | None = None,
    root_path: str = "",
) -> None:
    """Add ``/api/v1``, ``/v1``, ``/health``, ``/openapi.json`` and, where its package is installed, ``/mcp``.

    Call it before anything is mounted at the root, which would answer first. ``answerer`` and ``where`` are named by
    the health check; ``access`` says who may come in. All work passes the queues of ``app_state``, except that
    ``ask_fn`` may ask the questions in another way. ``groups`` are the collections that may be named, and ``root_path``
    is where the interfaces begin behind a proxy.
    """
    from ui.api.mcp.http import add_mcp
    from ui.api.mcp.optional_import import mcp_installed
    from ui.api.openai.router import openai_router
    from ui.api.openapi import add_openapi
    from ui.api.rest.errors import errors
    from ui.api.rest.health import health_router
    from ui.api.rest.router import rest_router
    from ui.api.route import access_dependencies
    from ui.core.app_state import AppState
    from ui.core.streaming import ask_in_queue
    from ui.core.worker_pool import pool_for

    access = access or Access()
    app_state = app_state or AppState()
    pool = pool_for(app_state)
    ask_fn = ask_fn or ask_in_queue(pipeline, app_state)
    described: list[BaseRoute] = []
    add_openapi(app, described, root_path)
    before = len(app.routes)
    for prefix in ("", "/api/v1"):
        app.include_router(health_router(library, answerer, where, prefix))
    guarded = access_dependencies(access)
    rest = rest_router(ask_fn, pipeline, library, pool, groups)
    app.include_router(rest, dependencies=guarded, responses=errors(401 if access.key else 403))
    app.include_router(openai_router(ask_fn, library, pool, groups), dependencies=guarded)
    described += app.routes[before:]
    if mcp_installed():
        add_mcp(app, ask_fn, pipeline, library, pool, access, groups)
