"""An open index with its pipeline, for as long as a command needs it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from index.blas import one_blas_thread
from index.chunk import Chunking
from index.embed import SentenceTransformerEmbedder
from index.open import fingerprint, open_for_reading
from rag.cross import cross_encoder
from rag.models.connect import connect
from rag.pipeline import Pipeline, make_pipeline
from ui.configuration import Configuration


@contextmanager
def opened(config: Configuration) -> Iterator[Pipeline]:
    """The pipeline over the configured index, with the configured language model.

    Raises IndexMismatch when the index was made with other settings, SettingsError for a model that cannot be had.
    """
    model = connect(config.model, os.environ)
    embedder = SentenceTransformerEmbedder(config.index.model, config.index.batch_size)
    with open_for_reading(config.index) as store, one_blas_thread():
        store.check(fingerprint(embedder, Chunking(config.index.chunk_words)))
        cross = cross_encoder(config.rag.reranker)
        yield make_pipeline(store, embedder, config.rag, cross, model, max_tokens=config.model.llm_max_tokens)
