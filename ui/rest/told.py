"""Errors as the REST door tells them."""

from typing import Any

from fastapi.responses import JSONResponse

from ui.doors.failures import Failure
from ui.doors.schema import ErrorRecord

_WHY = {
    400: "The question cannot be asked",
    401: "The server's key is missing or wrong",
    403: "A web page of another site, or a name that the server does not answer to",
    404: "The index does not hold what was named",
    409: "Bounds that cannot both hold, or an index made with other settings",
    413: "The request is too large",
    422: "The request has another shape than described",
    500: "A fault of the server; its log says more",
    503: "The index cannot be read, a model is not there, or too many questions wait",
}


def told(failure: Failure) -> JSONResponse:
    """``{"error": {"message": …, "type": …}}`` with the status of the failure."""
    headers = {"WWW-Authenticate": "Bearer"} if failure.status == 401 else None  # noqa: PLR2004
    body = {"error": {"message": failure.message, "type": failure.kind}}
    return JSONResponse(body, failure.status, headers)


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI says of the errors with ``statuses``."""
    return {status: {"model": ErrorRecord, "description": _WHY[status]} for status in statuses}
