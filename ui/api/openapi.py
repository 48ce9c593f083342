"""The OpenAPI of the interfaces for programs, and of nothing else that the application serves."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

_ABOUT = """\
Answers from your own documents, every sentence cited to the exact words and checked before it is given.

Offsets count characters (code points). A citation is the same object everywhere: `text` is characters `start` to `end`
of `document`, and `GET /api/v1/documents/{id}?start=…&end=…` gives it back."""


def add_openapi(app: FastAPI, routes: Sequence[BaseRoute], root_path: str = "") -> None:
    """Serve the description of ``routes`` at ``/openapi.json`` and ``/api/v1/openapi.json``.

    ``root_path`` is where a proxy has the server begin, for a generated client to know. Call it before the routes are
    added, since their routers answer every other address; they are read when asked.
    """
    made: dict[str, Any] = {}

    def described(request: Request) -> dict[str, Any]:
        if not made:
            made.update(get_openapi(title="Onrecord", version=version("onrecord"), description=_ABOUT, routes=routes))
        # Behind a proxy, addresses begin with the proxy's path.
        root = (str(request.scope.get("root_path", "")) or root_path).rstrip("/")
        return {**made, "servers": [{"url": root}]} if root else made

    for path in ("/openapi.json", "/api/v1/openapi.json"):
        app.add_api_route(path, described, methods=["GET"], include_in_schema=False)
