"""Choose the library that runs the embedding model: torch, or onnxruntime on a graph made from the model.

At full precision both give the same vectors, to about a millionth, so an index made with one is read with the other.
Eight bits give others, and the fingerprint says so.
"""

import logging
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

from index.config import IndexConfig
from index.embedding.model_folder import read_pooled_transformer
from index.embedding.onnx import OnnxEmbedder
from index.embedding.onnx_export import OnnxExport, Precision
from index.embedding.protocol import TokenEmbedder, Vectors
from index.embedding.sentence_transformers import SentenceTransformerEmbedder, model_folder
from index.embedding.token_codes import TokenVectors
from index.errors import ModelMissingError, SettingsError
from index.system.threadsafe import loaded_once

_log = logging.getLogger(__name__)

BACKENDS = ("auto", "torch", "onnx", "onnx-int8")
INT8_SUFFIX = "+int8"
"""The end of the fingerprint of vectors made at eight bits."""


class ConfiguredEmbedder:
    """The configured model, run by the library that ``backend`` names; a ``TokenEmbedder`` that loads at first use.

    ``"auto"`` takes onnxruntime if the model allows it and its graph agrees, else torch; only the speed differs.
    ``"onnx"`` and ``"onnx-int8"`` raise ModelMissingError when they cannot be used. ``fingerprint`` and ``folder`` are
    known without loading anything. Safe to use from several threads.
    """

    def __init__(self, config: IndexConfig, backend: str) -> None:
        self._config = config
        self._backend = backend
        self._torch = SentenceTransformerEmbedder(config.model, config.batch_size)

    @cached_property
    def folder(self) -> Path | None:
        """The folder of the model; None for a hub name."""
        return model_folder(self._config.model)

    @cached_property
    def fingerprint(self) -> str:
        """See ``Embedder.fingerprint``."""
        return self._torch.fingerprint + (INT8_SUFFIX if self._backend == "onnx-int8" else "")

    @property
    def running_backend(self) -> Literal["torch", "onnx", "onnx-int8"]:
        """The backend that runs the model; loads it."""
        if isinstance(self._chosen, SentenceTransformerEmbedder):
            return "torch"
        return "onnx-int8" if self._backend == "onnx-int8" else "onnx"

    @loaded_once
    def _chosen(self) -> TokenEmbedder:
        if self._backend == "torch":
            return self._torch
        try:
            found = onnx_embedder(self._config, "int8" if self._backend == "onnx-int8" else "fp32")
            found.load()
        except ModelMissingError as error:
            if self._backend == "auto":
                _log.info("The model is run by torch, which takes longer: %s", error)
                return self._torch
            raise ModelMissingError(
                f'{error} It is asked for by `backend = "{self._backend}"`; "auto" does without.'
            ) from None
        return found

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        return self._chosen.embed(texts)

    def embed_query(self, text: str) -> Vectors:
        """See ``Embedder.embed_query``."""
        return self._chosen.embed_query(text)

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """See ``TokenEmbedder.embed_tokens``."""
        return self._chosen.embed_tokens(texts)

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """See ``TokenEmbedder.embed_query_tokens``."""
        return self._chosen.embed_query_tokens(text)


def embedder_for(config: IndexConfig, made_with: str | None = None) -> ConfiguredEmbedder:
    """Return the embedder of a configuration; with ``backend = "auto"``, the one that made the index.

    ``made_with`` is the model fingerprint recorded in the index. Raises SettingsError for an unknown backend.
    """
    if config.backend not in BACKENDS:
        raise SettingsError(f"backend is {config.backend!r}; it can be {', '.join(BACKENDS)}.")
    eight = config.backend == "auto" and made_with is not None and made_with.endswith(INT8_SUFFIX)
    return ConfiguredEmbedder(config, "onnx-int8" if eight else config.backend)


def onnx_embedder(config: IndexConfig, precision: Precision) -> OnnxEmbedder:
    """Return the configured model on onnxruntime. Raises ModelMissingError when it cannot run there."""
    export = export_of(config, precision)
    end = INT8_SUFFIX if precision == "int8" else ""
    return OnnxEmbedder(export.transformer, export.fingerprint + end, export.read)


def export_of(config: IndexConfig, precision: Precision) -> OnnxExport:
    """Return the ONNX export of the configured model. Raises ModelMissingError when there can be none."""
    folder = model_folder(config.model)
    plain = None if folder is None else read_pooled_transformer(folder)
    if plain is None:
        raise ModelMissingError(
            f"The model {config.model!r} cannot be run by onnxruntime: that takes a folder with a transformer whose "
            "tokens are averaged, and nothing else."
        )
    return OnnxExport(plain, SentenceTransformerEmbedder(config.model).fingerprint, precision, config.cache_dir)
