"""Compare the backends on this machine: whether they agree with torch, and how fast each is."""

import time
from dataclasses import dataclass, replace

import numpy as np

from index.config import IndexConfig
from index.embedding.factory import BACKENDS, embedder_for, export_of
from index.embedding.onnx_export import SAMPLE_TEXTS
from index.embedding.protocol import Vectors
from index.errors import ModelMissingError

_SECONDS_PER_BACKEND = 0.6  # spent on measuring
_TEXTS = SAMPLE_TEXTS[-2:] * 4


@dataclass(frozen=True, slots=True)
class BackendComparison:
    """A backend's speed and its least cosine with torch's vectors, or the reason why it cannot be used."""

    backend: str
    passages_per_second: float = 0.0
    min_cosine: float = 0.0
    failure: str = ""


def compare_backends(config: IndexConfig) -> list[BackendComparison]:
    """Measure every backend for about two seconds once all are loaded, and try again those that failed before.

    Raises ModelMissingError when not even torch can run the model.
    """
    found: list[BackendComparison] = []
    reference: Vectors | None = None
    for backend in BACKENDS[1:]:
        embedder = embedder_for(replace(config, backend=backend))
        try:
            if backend != "torch":
                export = export_of(config, "int8" if backend == "onnx-int8" else "fp32")
                if export.failure():
                    export.delete()
            vectors = embedder.embed(SAMPLE_TEXTS)
        except ModelMissingError as error:
            if reference is None:
                raise
            found.append(BackendComparison(backend, failure=str(error)))
            continue
        reference = vectors if reference is None else reference
        cosine = float(np.sum(reference * vectors, axis=1).min())
        done, since = 0, time.perf_counter()
        while (spent := time.perf_counter() - since) < _SECONDS_PER_BACKEND:
            done += len(embedder.embed(_TEXTS))
        found.append(BackendComparison(backend, done / spent, cosine))
    return found
