"""Errors in OpenAI's format."""

from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel

from ui.core.failures import Failure

_CLIENT, _SERVER = 400, 500


class OpenAIFault(BaseModel):
    """What went wrong, as OpenAI's clients read it."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """The body of every response that is no success."""

    error: OpenAIFault


def openai_error_json(failure: Failure) -> JSONResponse:
    """Return the failure with its status."""
    return JSONResponse(error_record(failure), failure.status, failure.headers)


def error_record(failure: Failure) -> dict[str, Any]:
    """Return the fields of ``OpenAIError``."""
    of_caller = _CLIENT <= failure.status < _SERVER
    kind = "invalid_request_error" if of_caller else "server_error"
    return {
        "error": {"message": failure.message, "type": kind, "param": failure.field or None, "code": failure.kind},
    }
