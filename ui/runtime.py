"""An open index with its pipeline, for as long as a command needs it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from index.chunking.chunk import Chunking
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from index.embedding.protocol import Embedder
from index.storage.open import SharedStore, embedder_for_index, index_fingerprint, open_shared
from index.storage.store import Store
from rag.llm.factory import make_model
from rag.llm.protocol import Model
from rag.pipeline import Pipeline, make_pipeline, open_pipeline
from rag.retrieval.cross_encoder import make_cross_encoder
from ui.library.accept import check_file
from ui.library.collections import Collections
from ui.library.files import Folder, library_folder
from ui.library.models import Check
from ui.library.service import Shelf
from ui.library.steps import Hands
from ui.library.trash import Trash
from ui.settings import Configuration


def opened(config: Configuration) -> AbstractContextManager[Pipeline]:
    """The pipeline over the configured index, with the configured language model.

    Raises IndexMismatchError when the index was made with other settings, SettingsError for a model that cannot be had.
    """
    return open_pipeline(config.index, config.rag, config.model)


@contextmanager
def opened_with_library(config: Configuration, check: Check = check_file) -> Iterator[tuple[Pipeline, Shelf]]:
    """The same with the library's service over the same store, which is made when missing.

    ``check`` says which files the library takes. Jobs that are under way at the end are ended.
    """
    model = make_model(config.model, os.environ)
    chunking = Chunking(config.index.chunk_words)
    made_with = index_fingerprint(embedder_for(config.index), chunking)
    with open_shared(config.index, made_with) as shared, one_blas_thread():
        embedder = embedder_for_index(shared.store, config.index)
        pipeline = _pipeline(config, shared.store, embedder, model)
        shelf = _shelf(config, shared, embedder, chunking, check=check, pipeline=pipeline)
        try:
            yield pipeline, shelf
        finally:
            shelf.close()


def _pipeline(config: Configuration, store: Store, embedder: Embedder, model: Model | None) -> Pipeline:
    cross = make_cross_encoder(config.rag.reranker)
    return make_pipeline(store, embedder, config.rag, cross, model, max_tokens=config.model.llm_max_tokens)


def _shelf(
    config: Configuration,
    shared: SharedStore,
    embedder: Embedder,
    chunking: Chunking,
    *,
    check: Check,
    pipeline: Pipeline,
) -> Shelf:
    root = library_folder(config.index)
    collections = Collections(root, shared.store.documents)
    folder = Folder(root)
    hands = Hands(
        shared.store, embedder, chunking, folder, Trash(folder.trash), collections, tokens=config.index.tokens
    )
    return Shelf(hands, shared.exclusive, check, closed=shared.read_only_reason, refreshed=shared.store.keyword.flush)
