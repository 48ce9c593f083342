"""Errors of the REST interface."""

from typing import Any

from fastapi.responses import JSONResponse

from ui.api.models import ErrorRecord
from ui.core.failures import Failure

_DESCRIPTIONS = {
    400: "The question cannot be asked",
    401: "The server's key is missing or wrong",
    403: "A web page of another site, or a name that the server does not answer to",
    404: "The index does not hold what was named",
    409: "Bounds that cannot both hold, or an index made with other settings",
    413: "The request is too large",
    422: "The request has another shape than described",
    429: "Others wait, and you have the most waiting; Retry-After says how long",
    500: "A fault of the server; its log says more",
    503: "The index cannot be read, a model is not there, or too many questions wait (Retry-After says how long)",
}
_SCHEMA = {"$ref": f"#/components/schemas/{ErrorRecord.__name__}"}


def error_json(failure: Failure) -> JSONResponse:
    """Return ``{"error": {"message": …, "type": …}}`` with the status of the failure."""
    body = {"error": {"message": failure.message, "type": failure.kind}}
    return JSONResponse(body, failure.status, failure.headers)


def error_model() -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI of a server error, which adds the record that the other errors refer to."""
    return {500: {"model": ErrorRecord, "description": _DESCRIPTIONS[500]}}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI of the errors with ``statuses``."""
    return {
        # The media type is stated since a streaming route would use its own.
        status: {"description": _DESCRIPTIONS[status], "content": {"application/json": {"schema": _SCHEMA}}}
        for status in statuses
    }
