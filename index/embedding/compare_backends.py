"""The backends beside each other on this machine: do they agree with torch, and how fast is each."""

import time
from dataclasses import dataclass, replace

import numpy as np

from index.config import IndexConfig
from index.embedding.factory import BACKENDS, embedder_for, export_of
from index.embedding.onnx_export import SAMPLE
from index.embedding.sentence_transformers import Vectors
from index.errors import ModelMissingError

_LONGEST = 0.6  # seconds of measuring each
_TEXTS = SAMPLE[-2:] * 4


@dataclass(frozen=True, slots=True)
class Compared:
    """A backend's passages a second, its least cosine with torch's vectors, or why it cannot be had."""

    backend: str
    rate: float = 0.0
    cosine: float = 0.0
    failed: str = ""


def compared(config: IndexConfig) -> list[Compared]:
    """Every backend, measured for about two seconds once all are loaded; what failed before is tried again.

    Raises ModelMissingError when not even torch can run the model.
    """
    found: list[Compared] = []
    reference: Vectors | None = None
    for backend in BACKENDS[1:]:
        embedder = embedder_for(replace(config, backend=backend))
        try:
            if backend != "torch":
                export = export_of(config, "int8" if backend == "onnx-int8" else "fp32")
                if export.failure():
                    export.forget()
            vectors = embedder.embed(SAMPLE)
        except ModelMissingError as error:
            if reference is None:
                raise
            found.append(Compared(backend, failed=str(error)))
            continue
        reference = vectors if reference is None else reference
        cosine = float(np.sum(reference * vectors, axis=1).min())
        done, since = 0, time.perf_counter()
        while (spent := time.perf_counter() - since) < _LONGEST:
            done += len(embedder.embed(_TEXTS))
        found.append(Compared(backend, done / spent, cosine))
    return found
