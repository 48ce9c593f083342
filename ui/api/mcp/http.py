"""The MCP server at an address of the web app, as streamable HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ui.api.disconnect import run_until_disconnect
from ui.api.mcp.caller import calling_as
from ui.auth.access import Access, api_denial
from ui.core.client import note_key, user_of, visitor_of
from ui.core.protocols import Finder, Groups, Library
from ui.core.streaming import AskFunction
from ui.core.worker_pool import WorkerPool

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
_INVALID_REQUEST = -32600  # JSON-RPC 2.0, section 5.1


def add_mcp(  # noqa: PLR0917  # what each part of it needs
    app: "FastAPI",
    ask_fn: AskFunction,
    pipeline: Finder,
    library: Library,
    pool: WorkerPool,
    access: Access,
    groups: Groups | None,
) -> None:
    """Serve the tools at ``/mcp``. Every request is independent, so that nothing is kept of a client."""
    from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.routing import Route

    from ui.api.mcp.server import mcp_server

    server = mcp_server(ask_fn, pipeline, library, pool, groups)
    # GuardedApp checks the access before, as in the other interfaces.
    open_door = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(
        streamable_http_path=PATH, json_response=True, stateless_http=True, transport_security=open_door
    )
    manager: StreamableHTTPSessionManager = server.session_manager
    app.router.routes.append(Route(PATH, endpoint=GuardedApp(StreamableHTTPASGIApp(manager), access)))
    _run_with(app, manager)


class GuardedApp:
    """An application that only callers whom ``access`` lets in can reach."""

    def __init__(self, app: "ASGIApp", access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass the request on, or answer why not."""
        from starlette.responses import Response

        failure = api_denial(self._access, scope)
        if failure is None:
            note_key(scope, bool(self._access.key) and not user_of(scope))
            with calling_as(visitor_of(scope)):
                await run_until_disconnect(self._app, scope, receive, send)
            return
        error = {"code": _INVALID_REQUEST, "message": failure.message}
        body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error})
        await Response(body, failure.status, failure.headers, "application/json")(scope, receive, send)


def _run_with(app: "FastAPI", manager: Any) -> None:
    """Keep the server's tasks running as long as ``app`` does."""
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: "FastAPI") -> AsyncIterator[Any]:
        async with before(started) as state, manager.run():
            yield state

    app.router.lifespan_context = lifespan
