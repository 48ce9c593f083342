"""The routes of the interfaces: who may call them, how errors are answered, and how large a request may be."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route
from starlette.types import Message, Receive

from ui.api.validation import validation_failure
from ui.auth.access import KEY, Access, api_denial
from ui.core.client import note_key, user_of
from ui.core.failures import Failure, RequestFailedError, failure_of

MAX_BODY_BYTES = 4_000_000  # bytes of a request's body
_CLIENT_CLOSED = 499  # nginx's status for a client that closed the connection; nobody reads it

ErrorResponder = Callable[[Failure], Response]


def route_class(respond: ErrorResponder, invalid: int = 422) -> type[APIRoute]:
    """Return routes that answer failures by ``respond``, and a malformed request with the status ``invalid``."""

    class ApiRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handled(request: Request) -> Response:
                try:
                    return await handle(Request(request.scope, _limited(request.receive)))
                except ClientDisconnect:
                    return Response(status_code=_CLIENT_CLOSED)
                except RequestFailedError as failed:
                    return respond(failed.failure)
                except RequestValidationError as error:
                    return respond(validation_failure(error.errors(), invalid))
                except StarletteHTTPException as error:
                    return respond(_unreadable(error))
                except Exception as error:
                    return respond(failure_of(error))

            return handled

    return ApiRoute


def _limited(receive: Receive) -> Receive:
    """Return a ``receive`` that raises when a body grows too large, before all of it is in memory."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY_BYTES:
            raise HTTPException(413, f"A request may have {MAX_BODY_BYTES:,} bytes. Send less.")
        return message

    return limited


def _unreadable(error: StarletteHTTPException) -> Failure:
    kind = "too_large" if error.status_code == 413 else "invalid_request"  # noqa: PLR2004
    return Failure(error.status_code, kind, str(error.detail))


def access_dependencies(access: Access) -> list[Any]:
    """Return the FastAPI dependencies that check ``access`` before a request is read.

    They raise RequestFailedError; with a key, the OpenAPI says so.
    """

    def check(request: Request) -> None:
        failure = api_denial(access, request.scope)
        if failure:
            raise RequestFailedError(failure)
        note_key(request.scope, bool(access.key) and not user_of(request.scope))

    if not access.key:
        return [Depends(check)]
    bearer = HTTPBearer(scheme_name="key", description=f"What {KEY} holds", auto_error=False)
    return [Depends(check), Security(bearer)]


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]


def add_not_found(router: APIRouter, respond: ErrorResponder, path: str = "/{rest:path}") -> None:
    """Add the last route of ``router``, for every other method and address that ``path`` matches.

    The answer has the interface's own format, and is not left to whatever is mounted behind it.
    """
    routes = list(router.routes)

    @router.api_route(path, methods=_METHODS, include_in_schema=False)
    def nowhere(request: Request) -> Response:
        allowed = sorted(_allowed_methods(routes, request.scope["path"]))
        if not allowed:
            return respond(Failure(404, "not_found", "There is nothing at this address. See /openapi.json."))
        response = respond(Failure(405, "wrong_method", f"This address takes {' and '.join(allowed)}."))
        response.headers["Allow"] = ", ".join(allowed)
        return response


def _allowed_methods(routes: Iterable[BaseRoute], path: str) -> set[str]:
    matching = (r for r in routes if isinstance(r, Route) and r.path_regex.match(path))
    return {method for route in matching for method in route.methods or ()}
