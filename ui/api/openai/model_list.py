"""``GET /v1/models``: the one model there is."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from ui.api.openai.errors import OpenAIError
from ui.api.openai.models import MODEL, Model, ModelList
from ui.core.failures import Failure, RequestFailedError

_ERROR: dict[int | str, dict[str, Any]] = {"default": {"model": OpenAIError, "description": "What went wrong"}}


def add_models(router: APIRouter, created: int) -> None:
    """Add the list, and the model by its name, to ``router``. ``created`` are seconds since 1970."""
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
