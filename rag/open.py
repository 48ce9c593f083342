"""Open an index to ask it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.storage.open import embedder_of, open_for_reading
from rag.config import ModelConfig, RagConfig
from rag.llm.factory import connect
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import cross_encoder


@contextmanager
def open_pipeline(
    index: IndexConfig | None = None, answering: RagConfig | None = None, model: ModelConfig | None = None
) -> Iterator[Pipeline]:
    """Open the configured index, with the configured language model; without one, answers are quoted.

    Raises IndexMissingError when nothing was indexed, IndexMismatchError when the index was made with other settings,
    and SettingsError for a model that cannot be had.
    """
    index, answering, model = index or IndexConfig(), answering or RagConfig(), model or ModelConfig()
    writer = connect(model, os.environ)
    with open_for_reading(index) as store, one_blas_thread():
        embedder, cross = embedder_of(store, index), cross_encoder(answering.reranker)
        yield make_pipeline(store, embedder, answering, cross, writer, max_tokens=model.llm_max_tokens)
