"""``GET /health``: whether the server can answer."""

from importlib.metadata import version
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from index.errors import OnrecordError
from ui.api.models import ErrorRecord
from ui.api.rest.errors import error_json, error_model
from ui.api.route import add_not_found, route_class
from ui.core.failures import failure_of
from ui.core.protocols import Library


class Health(BaseModel):
    """What the server answers from and with."""

    ok: Literal[True]
    documents: int
    passages: int
    model: str = Field(description='The language model that writes, or "quoted"')
    where: str = Field(description="Where it runs; empty without one")
    version: str = Field(description="Of Onrecord")


class Unhealthy(ErrorRecord):
    """Why the server cannot answer."""

    ok: Literal[False]


def health_router(library: Library, model: str = "quoted", where: str = "", prefix: str = "") -> APIRouter:
    """Return a router with ``GET /health`` below ``prefix``, for anybody, since monitoring has no key."""
    router = APIRouter(prefix=prefix, route_class=route_class(error_json), tags=["health"])
    unwell: dict[str, Any] = {"model": Unhealthy, "description": "The index cannot be read"}

    @router.head("/health", include_in_schema=False)
    @router.get(
        "/health",
        summary="Whether the index can be read",
        response_model=Health,
        responses={503: unwell, **error_model()},
    )
    def health() -> Any:
        """The shortest document is read from the disk to know."""
        try:
            documents, passages = _read(library)
        except OnrecordError as error:
            failure = failure_of(error)
            return JSONResponse({"ok": False, "error": {"message": failure.message, "type": "unavailable"}}, 503)
        return Health(
            ok=True, documents=documents, passages=passages, model=model, where=where, version=version("onrecord")
        )

    add_not_found(router, error_json, "/health")
    return router


def _read(library: Library) -> tuple[int, int]:
    documents = library.documents()
    if documents:
        library.document(min(documents, key=lambda info: info.size).id)
    return len(documents), sum(info.passages for info in documents)
