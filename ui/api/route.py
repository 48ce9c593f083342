"""A route whose every error is told in the door's own form, and which reads only so much."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from ui.api.faults import faults_of
from ui.core.failures import Failure, RequestFailedError, failure_of

LARGEST = 4_000_000  # bytes of a request's body
_LEFT = 499  # nginx's status for a client that closed the connection; nobody reads it

Told = Callable[[Failure], Response]


def route_class(told: Told, invalid: int = 422) -> type[APIRoute]:
    """Routes that answer a failure with ``told``, and a request of the wrong shape with the status ``invalid``."""

    class DoorRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handled(request: Request) -> Response:
                try:
                    return await handle(Request(request.scope, _limited(request.receive)))
                except ClientDisconnect:
                    return Response(status_code=_LEFT)
                except RequestFailedError as failed:
                    return told(failed.failure)
                except RequestValidationError as error:
                    return told(faults_of(error.errors(), invalid))
                except StarletteHTTPException as error:
                    return told(_unreadable(error))
                except Exception as error:
                    return told(failure_of(error))

            return handled

    return DoorRoute


def _limited(receive: Receive) -> Receive:
    """``receive`` that raises when a body grows too large, before all of it is in memory."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST:
            raise HTTPException(413, f"A request may have {LARGEST:,} bytes. Send less.")
        return message

    return limited


def _unreadable(error: StarletteHTTPException) -> Failure:
    kind = "too_large" if error.status_code == 413 else "invalid_request"  # noqa: PLR2004
    return Failure(error.status_code, kind, str(error.detail))
