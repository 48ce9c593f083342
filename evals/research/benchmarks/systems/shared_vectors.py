"""Vectors shared by the systems of one benchmark: a text is embedded once, and still costs each."""

import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.embedding.protocol import Embedder, TokenEmbedder, Vectors
from index.embedding.token_codes import TokenVectors

_BATCH = 256
_NONE = TokenVectors(np.zeros((0, 0), dtype=np.float32), np.zeros((0, 2), dtype=np.int32))


class SharedVectors:
    """An embedder that remembers passages, and what each cost.

    ``seconds_saved`` grows by what remembered texts took when they were embedded, so that the time of a
    system that finds them done can be reported as if it had done them. Questions are never remembered.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[str, tuple[Vectors, float]] = {}
        self._tokens: dict[str, TokenVectors] = {}
        self.seconds_saved = 0.0

    @property
    def fingerprint(self) -> str:
        """See ``Embedder.fingerprint``."""
        return self._embedder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        if not texts:
            return self._embedder.embed(texts)
        keys = [_key(text) for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        self.seconds_saved += sum(self._kept[key][1] for key in dict.fromkeys(keys) if key in self._kept)
        todo = list(new.items())
        for start in range(0, len(todo), _BATCH):
            self._remember(todo[start : start + _BATCH])
        return np.stack([self._kept[key][0] for key in keys])

    def embed_query(self, text: str) -> Vectors:
        """See ``Embedder.embed_query``."""
        return self._embedder.embed_query(text)

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """See ``TokenEmbedder.embed_tokens``; empty for an embedder that has no token vectors."""
        new = [text for text in dict.fromkeys(texts) if _key(text) not in self._tokens]
        for start in range(0, len(new), _BATCH):
            self._remember_tokens(new[start : start + _BATCH])
        return self.embed(texts), [self._tokens[_key(text)] for text in texts]

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """See ``TokenEmbedder.embed_query_tokens``."""
        if isinstance(self._embedder, TokenEmbedder):
            return self._embedder.embed_query_tokens(text)
        return self._embedder.embed_query(text), _NONE

    def save(self, file: Path) -> None:
        """Write everything remembered to ``file`` (.npz)."""
        if self._kept:
            vectors, seconds = zip(*self._kept.values(), strict=True)
            keys = np.array(list(self._kept))
            np.savez(file, model=self.fingerprint, keys=keys, vectors=np.stack(vectors), seconds=seconds)

    def load(self, file: Path) -> None:
        """Remember what ``file`` holds, if it was made with the same model."""
        with np.load(file) as held:
            if str(held["model"]) == self.fingerprint:
                costs = zip(held["vectors"], held["seconds"].tolist(), strict=True)
                self._kept.update(zip(held["keys"].tolist(), costs, strict=True))

    def _remember_tokens(self, texts: Sequence[str]) -> None:
        if not isinstance(self._embedder, TokenEmbedder):
            self._tokens |= dict.fromkeys((_key(text) for text in texts), _NONE)
            return
        since = time.perf_counter()
        vectors, tokens = self._embedder.embed_tokens(texts)
        each = (time.perf_counter() - since) / len(texts)
        for text, vector, told in zip(texts, vectors, tokens, strict=True):
            self._kept[_key(text)] = (vector, each)
            self._tokens[_key(text)] = TokenVectors(told.vectors.astype(np.float16), told.offsets)  # half the memory

    def _remember(self, batch: Sequence[tuple[str, str]]) -> None:
        since = time.perf_counter()
        vectors = self._embedder.embed([text for _, text in batch])
        each = (time.perf_counter() - since) / len(batch)
        self._kept |= {key: (vector, each) for (key, _), vector in zip(batch, vectors, strict=True)}


def _key(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
