"""An open index to ask, with the answerers that search it."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from evals.runner.answerer import Answerer, NoSuchAnswererError, load_callable
from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from index.embedding.protocol import Embedder
from index.errors import OnrecordError
from index.ingest.build import build
from index.ingest.plan import plan
from index.storage.open import embedder_for_index, index_fingerprint, open_for_reading, open_for_writing
from index.storage.store import Store
from index.system.progress import progress_bar
from rag.config import ModelConfig, RagConfig
from rag.llm.address import host_of
from rag.llm.factory import is_model_name, make_model
from rag.pipeline import make_pipeline
from rag.retrieval.cross_encoder import make_cross_encoder

_NO_MODEL = ModelConfig()
_WARM_UP = "What is this about?"

# One side of the search only: how much of it the other side adds.
ANSWERERS: Mapping[str, Mapping[str, float | str]] = {
    "quoted": {},
    "dense": {"dense_weight": 1.0, "late_weight": 0.0, "reranker": "none"},
    "keyword": {"dense_weight": 0.0, "late_weight": 0.0, "reranker": "none"},
}


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """An index open for reading, and the model it was made with."""

    store: Store
    embedder: Embedder
    config: IndexConfig


@contextmanager
def open_index(config: IndexConfig, documents: Sequence[Path] = ()) -> Iterator[OpenIndex]:
    """Open the configured index, or one of just ``documents``, kept in the data folder's cache.

    Raises IndexMissingError without an index, IndexMismatchError for one made with other settings, UnreadableFileError
    for a path that is not there or when nothing could be read.
    """
    embedder = embedder_for(config)
    made_with = index_fingerprint(embedder, Chunking(config.chunk_words))
    if documents:
        config = replace(config, data_dir=_cache(config, documents, made_with))
        _index(config, documents, embedder, made_with)
    with open_for_reading(config) as store, one_blas_thread():
        yield OpenIndex(store, embedder_for_index(store, config), config)


def make_answerer(
    name: str, index: OpenIndex, config: RagConfig, model: ModelConfig = _NO_MODEL
) -> tuple[Answerer, RagConfig | None]:
    """Make the named answerer, and return the configuration it answers with where it is one of ours.

    A name such as ``"ollama/llama3.2"`` is a language model, which is reached as ``model`` says. Ours have asked once
    already, so that loading them is no part of the first case's time. Raises ``NoSuchAnswererError``, and SettingsError
    for a model that cannot be had.
    """
    if name in ANSWERERS:
        config = replace(config, **ANSWERERS[name])  # type: ignore[arg-type]
        written = None
    elif is_model_name(name):
        written = make_model(replace(model, llm=name), os.environ)
    elif ":" in name:
        return load_callable(name), None
    else:
        raise NoSuchAnswererError(
            f"There is no answerer {name!r}: use {', '.join(ANSWERERS)}, a language model such as ollama/llama3.2, or "
            "package.module:function."
        )
    cross = make_cross_encoder(config.reranker)
    pipeline = make_pipeline(index.store, index.embedder, config, cross, written, max_tokens=model.llm_max_tokens)
    replace(pipeline, writer=None).ask(_WARM_UP)
    return pipeline.ask, config


def model_settings(name: str, model: ModelConfig) -> dict[str, object]:
    """Return what a run records of the language model ``name``: empty for another answerer, and never a key."""
    if not is_model_name(name):
        return {}
    return {**asdict(replace(model, llm=name)), "llm_url": host_of(model.llm_url) if model.llm_url else ""}


def _cache(config: IndexConfig, documents: Sequence[Path], made_with: Mapping[str, str]) -> Path:
    named = json.dumps([sorted(str(path.resolve()) for path in documents), dict(made_with)])
    return config.data_dir / "cache" / f"eval-{hashlib.sha256(named.encode()).hexdigest()[:12]}"


def _index(config: IndexConfig, documents: Sequence[Path], embedder: Embedder, made_with: Mapping[str, str]) -> None:
    with open_for_writing(config, made_with) as store:
        planned = plan(store, documents)
        with progress_bar(len(planned.new) + len(planned.changed), "files") as progress:
            report = build(store, embedder, Chunking(config.chunk_words), planned, progress, tokens=config.tokens)
        if not store.documents():
            reasons = "; ".join(reason for _, reason in report.failed[:3])
            raise OnrecordError(f"Nothing in {', '.join(map(str, documents))} could be read. {reasons}".strip())
