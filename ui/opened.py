"""An open index with its pipeline, for as long as a command needs it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from index.backend import ChosenEmbedder, embedder_for
from index.blas import one_blas_thread
from index.chunk import Chunking
from index.embed import Embedder
from index.open import Shared, fingerprint, open_for_reading, open_shared
from index.store import Store
from rag.cross import cross_encoder
from rag.model import Model
from rag.models.connect import connect
from rag.pipeline import Pipeline, make_pipeline
from ui.configuration import Configuration
from ui.library.carry_out import Hands
from ui.library.check import check_file
from ui.library.collections import Collections
from ui.library.folder import Folder, library_folder
from ui.library.schema import Check
from ui.library.shelf import Shelf
from ui.library.trash import Trash


@contextmanager
def opened(config: Configuration) -> Iterator[Pipeline]:
    """The pipeline over the configured index, with the configured language model.

    Raises IndexMismatch when the index was made with other settings, SettingsError for a model that cannot be had.
    """
    model = connect(config.model, os.environ)
    with open_for_reading(config.index) as store, one_blas_thread():
        embedder, chunking = _made_with(config, store)
        store.check(fingerprint(embedder, chunking))
        yield _pipeline(config, store, embedder, model)


@contextmanager
def opened_with_library(config: Configuration, check: Check = check_file) -> Iterator[tuple[Pipeline, Shelf]]:
    """The same with the library's service over the same store, which is made when missing.

    ``check`` says which files the library takes. Jobs that are under way at the end are ended.
    """
    model = connect(config.model, os.environ)
    made_with = fingerprint(*_made_with(config))
    with open_shared(config.index, made_with) as shared, one_blas_thread():
        embedder, chunking = _made_with(config, shared.store)
        shared.store.check(fingerprint(embedder, chunking))
        pipeline = _pipeline(config, shared.store, embedder, model)
        shelf = _shelf(config, shared, embedder, chunking, check=check, pipeline=pipeline)
        try:
            yield pipeline, shelf
        finally:
            shelf.close()


def _made_with(config: Configuration, store: Store | None = None) -> tuple[ChosenEmbedder, Chunking]:
    """What a new index is made with, or what is to read that of ``store``."""
    embedder = embedder_for(config.index, None if store is None else store.fingerprint.get("model"))
    return embedder, Chunking(config.index.chunk_words)


def _pipeline(config: Configuration, store: Store, embedder: Embedder, model: Model | None) -> Pipeline:
    cross = cross_encoder(config.rag.reranker)
    return make_pipeline(store, embedder, config.rag, cross, model, max_tokens=config.model.llm_max_tokens)


def _shelf(
    config: Configuration, shared: Shared, embedder: Embedder, chunking: Chunking, *, check: Check, pipeline: Pipeline
) -> Shelf:
    root = library_folder(config.index)
    collections = Collections(root, shared.store.documents)
    folder = Folder(root)
    hands = Hands(
        shared.store, embedder, chunking, folder, Trash(folder.trash), collections, tokens=config.index.tokens
    )
    return Shelf(hands, shared.alone, check, closed=shared.closed, refreshed=shared.store.keyword.settle)
