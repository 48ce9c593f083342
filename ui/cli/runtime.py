"""Open an index with its pipeline and its library, for as long as the chat runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from index.chunking.chunk import Chunking
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from index.embedding.protocol import Embedder
from index.storage.open import SharedStore, embedder_for_index, index_fingerprint, open_shared
from rag.llm.factory import make_model
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import make_cross_encoder
from ui.library.collections import Collections
from ui.library.files import LibraryFolder, library_folder
from ui.library.models import UploadCheck
from ui.library.service import LibraryService
from ui.library.steps import Deps
from ui.library.trash import Trash
from ui.library.uploads.check import check_file
from ui.settings import Configuration


@contextmanager
def open_with_library(
    config: Configuration, check: UploadCheck = check_file
) -> Iterator[tuple[Pipeline, LibraryService]]:
    """Open the pipeline and the library's service over one store, which is created when it is missing.

    ``check`` decides which files the library accepts. Jobs still running at the end are stopped. Raises
    IndexMismatchError when the index was made with other settings, SettingsError for a model that cannot be had.
    """
    model = make_model(config.model, os.environ)
    chunking = Chunking(config.index.chunk_words)
    stamp = index_fingerprint(embedder_for(config.index), chunking)
    with open_shared(config.index, stamp) as shared, one_blas_thread():
        embedder = embedder_for_index(shared.store, config.index)
        cross, tokens = make_cross_encoder(config.rag.reranker), config.model.llm_max_tokens
        pipeline = make_pipeline(shared.store, embedder, config.rag, cross, model, max_tokens=tokens)
        service = _library_service(config, shared, embedder, chunking, check)
        try:
            yield pipeline, service
        finally:
            service.close()


def _library_service(
    config: Configuration, shared: SharedStore, embedder: Embedder, chunking: Chunking, check: UploadCheck
) -> LibraryService:
    root = library_folder(config.index)
    collections = Collections(root, shared.store.documents)
    folder = LibraryFolder(root)
    deps = Deps(shared.store, embedder, chunking, folder, Trash(folder.trash), collections, tokens=config.index.tokens)
    return LibraryService(
        deps, shared.exclusive, check, closed=shared.read_only_reason, on_change=shared.store.keyword.flush
    )
