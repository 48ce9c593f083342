"""The OpenAI-compatible routes, ``/v1``: chat completions and models."""

import time
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path

from ui.api.openai.chat import add_chat
from ui.api.openai.errors import OpenAIError, openai_error_json
from ui.api.openai.models import MODEL, Model, ModelList
from ui.api.route import add_not_found, route_class
from ui.api.scope import read_scope_fields
from ui.core.failures import Failure, RequestFailedError
from ui.core.protocols import Groups, Library
from ui.core.streaming import AskFunction
from ui.core.worker_pool import WorkerPool


def openai_router(ask_fn: AskFunction, library: Library, pool: WorkerPool, groups: Groups | None = None) -> APIRouter:
    """Return the router of ``/v1``."""
    router = APIRouter(prefix="/v1", route_class=route_class(openai_error_json, invalid=400), tags=["openai"])
    add_chat(router, ask_fn, partial(read_scope_fields, library, groups), pool)
    add_models(router, int(time.time()))
    add_not_found(router, openai_error_json)
    return router


_ERROR: dict[int | str, dict[str, Any]] = {"default": {"model": OpenAIError, "description": "What went wrong"}}


def add_models(router: APIRouter, created: int) -> None:
    """Add the list, and the model by its name, to ``router``. ``created`` is in seconds since 1970."""
    only = Model(id=MODEL, object="model", created=created, owned_by="onrecord")

    @router.get("/models", operation_id="listModels", summary="List the models", responses=_ERROR)
    def models() -> ModelList:
        """Whatever writes the answers, they come from one pipeline, and that is the model."""
        return ModelList(object="list", data=[only])

    @router.get("/models/{model}", operation_id="retrieveModel", summary="One model", responses=_ERROR)
    def model(model: Annotated[str, Path(max_length=300)]) -> Model:
        """The model by its name."""
        if model != MODEL:
            message = f"There is no such model here. The one there is is {MODEL!r}."
            raise RequestFailedError(Failure(404, "model_not_found", message, "model"))
        return only
