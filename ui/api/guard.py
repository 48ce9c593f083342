"""The access check as FastAPI runs it before a request is read."""

from typing import Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from ui.auth.access import KEY, Access, denial
from ui.core.client import user_of, with_key
from ui.core.failures import RequestFailedError


def guards(access: Access) -> list[Any]:
    """Dependencies of every route of a door. They raise RequestFailedError; with a key, the OpenAPI says so."""

    def check(request: Request) -> None:
        failure = denial(access, request.scope)
        if failure:
            raise RequestFailedError(failure)
        with_key(request.scope, bool(access.key) and not user_of(request.scope))

    if not access.key:
        return [Depends(check)]
    bearer = HTTPBearer(scheme_name="key", description=f"What {KEY} holds", auto_error=False)
    return [Depends(check), Security(bearer)]
