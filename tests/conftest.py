"""What every test shares: no network but loopback, a small deterministic embedder, the starter article."""

import hashlib
import os

# Read once, when the hub's library is first imported, whichever test that is.
os.environ["HF_HUB_OFFLINE"] = "1"

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import loaded_once
from hypothesis import HealthCheck, settings
from llm_server import Smol, smol_server
from no_network.sitecustomize import loopback_only

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.protocol import Vectors
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.embedding.token_codes import TokenVectors
from index.ingest.build import build
from index.ingest.plan import plan
from index.storage.open import index_fingerprint, open_for_writing
from index.storage.store import Store
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder

# A busy machine takes as long as it takes: no example is wrong for being slow.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
ARTICLE = SEEDS / "documents" / "000_63e6dbb909c853d0.txt"


class NetworkBlockedError(Exception):
    """A test tried to leave the machine."""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Any connection or name look-up beyond loopback is stopped, and fails the test even if a library hides it."""
    attempts: list[str] = []

    def stop(attempt: str) -> NetworkBlockedError:
        attempts.append(attempt)
        return NetworkBlockedError(attempt)

    connect, look_up = loopback_only(stop)
    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    yield attempts
    assert attempts == []


def watched(log: Path) -> dict[str, str]:
    """The environment of a user's command, its attempts to leave the machine stopped and written to ``log``."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ONRECORD_") and k != "HF_HUB_OFFLINE"}
    path = os.pathsep.join([str(ROOT / "tests" / "no_network"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept | {"PYTHONPATH": path, "NETWORK_LOG": str(log)}


class WordEmbedder:
    """Hashed bags of words: deterministic, instant, and texts sharing words are near each other."""

    fingerprint = "words-256"

    def __init__(self) -> None:
        self.embedded = 0

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        return np.stack([self.embed_query(t) for t in texts]) if texts else np.zeros((0, 256), np.float32)

    def embed_query(self, text: str) -> Vectors:
        vector = np.full(256, 1e-3, dtype=np.float32)
        for word in re.findall(r"\w+", text.casefold()):
            vector[int.from_bytes(hashlib.md5(word.encode()).digest()[:2]) % 256] += 1
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class TokenWordEmbedder(WordEmbedder):
    """The same with a token a word: a word is near itself and far from any other."""

    fingerprint = "token-words-256"

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        return self.embed(texts), [self._tokens(text) for text in texts]

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        return self.embed_query(text), self._tokens(text)

    def _tokens(self, text: str) -> TokenVectors:
        found = list(re.finditer(r"\w+|[^\w\s]", text))
        seeds = [int.from_bytes(hashlib.md5(m.group().casefold().encode()).digest()[:4]) for m in found]
        vectors = np.array([np.random.default_rng(seed).standard_normal(256) for seed in seeds]).reshape(-1, 256)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        places = np.array([m.span() for m in found], dtype=np.int32).reshape(-1, 2)
        return TokenVectors((vectors / np.maximum(lengths, 1e-9)).astype(np.float32), places)


@pytest.fixture
def words() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    made = tmp_path / "documents"
    made.mkdir()
    return made


@pytest.fixture
def config(tmp_path: Path) -> IndexConfig:
    return IndexConfig(data_dir=tmp_path / "data")


@pytest.fixture
def store(config: IndexConfig, words: WordEmbedder) -> Iterator[Store]:
    """An empty store, open for writing, made with the word embedder."""
    with open_for_writing(config, index_fingerprint(words, Chunking())) as opened:
        yield opened


@pytest.fixture
def indexed(store: Store, words: WordEmbedder, folder: Path) -> Callable[..., Pipeline]:
    """Index ``name=text`` files with the word embedder and get a pipeline over them."""

    def make(**files: str) -> Pipeline:
        for name, text in files.items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        build(store, words, Chunking(), plan(store, [folder]))
        return make_pipeline(store, words, RagConfig(), None)

    return make


@pytest.fixture(scope="module")
def finding() -> Any:
    """What the doors of a test file ask: the scripted answerer, which finds too."""
    from door_fixtures import Finding

    return Finding()


@pytest.fixture(scope="module")
def door(finding: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the doors over ``finding``, with two collections."""
    from door_fixtures import served, stone_bridges

    with served(finding, groups=stone_bridges(tmp_path_factory.mktemp("library"))) as address:
        yield address


@pytest.fixture(scope="session")
def minilm() -> SentenceTransformerEmbedder:
    """The default model on torch, loaded once."""
    return SentenceTransformerEmbedder()


@contextmanager
def real_pipeline(data_dir: Path, documents: Sequence[Path]) -> Iterator[Pipeline]:
    """The pipeline that a user gets over ``documents``, with the models that this process has loaded already."""
    embedder = loaded_once(IndexConfig(), "fp32")
    with open_for_writing(IndexConfig(data_dir=data_dir), index_fingerprint(embedder, Chunking())) as opened:
        build(opened, embedder, Chunking(), plan(opened, documents))
        yield make_pipeline(opened, embedder, RagConfig(), make_cross_encoder(DEFAULT_RERANKER))


@pytest.fixture(scope="session")
def seed_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The real pipeline over the starter documents."""
    with real_pipeline(tmp_path_factory.mktemp("seeds"), [SEEDS / "documents"]) as made:
        yield made


@pytest.fixture(scope="session")
def smol() -> Iterator[Smol]:
    """A real language model behind llama.cpp's server, one reply at a time."""
    with smol_server() as server:
        yield server


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser, one for all tests of a file."""
    from web_browser import launched

    with launched() as browser:
        yield browser
