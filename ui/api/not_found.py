"""Addresses below a door that are none: told in the door's own form, not by whatever is mounted behind it."""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from starlette.routing import BaseRoute, Route

from ui.api.route import Told
from ui.core.failures import Failure

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]


def add_nowhere(router: APIRouter, told: Told, path: str = "/{rest:path}") -> None:
    """Add the last route of ``router``, for every other method, and every other address that ``path`` matches."""
    routes = list(router.routes)

    @router.api_route(path, methods=_METHODS, include_in_schema=False)
    def nowhere(request: Request) -> Response:
        allowed = sorted(_methods(routes, request.scope["path"]))
        if not allowed:
            return told(Failure(404, "not_found", "There is nothing at this address. See /openapi.json."))
        response = told(Failure(405, "wrong_method", f"This address takes {' and '.join(allowed)}."))
        response.headers["Allow"] = ", ".join(allowed)
        return response


def _methods(routes: Iterable[BaseRoute], path: str) -> set[str]:
    matching = (r for r in routes if isinstance(r, Route) and r.path_regex.match(path))
    return {method for route in matching for method in route.methods or ()}
