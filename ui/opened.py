"""An open index with its pipeline, for as long as a command needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from index.blas import one_blas_thread
from index.chunk import Chunking
from index.embed import SentenceTransformerEmbedder
from index.open import fingerprint, open_for_reading
from rag.cross import cross_encoder
from rag.pipeline import Pipeline, make_pipeline
from ui.configuration import Configuration


@contextmanager
def opened(config: Configuration) -> Iterator[Pipeline]:
    """The pipeline over the configured index. Raises IndexMismatch when it was made with other settings."""
    embedder = SentenceTransformerEmbedder(config.index.model, config.index.batch_size)
    with open_for_reading(config.index) as store, one_blas_thread():
        store.check(fingerprint(embedder, Chunking(config.index.chunk_words)))
        yield make_pipeline(store, embedder, config.rag, cross_encoder(config.rag.reranker))
