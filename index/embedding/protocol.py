"""Define what an embedder is, whichever library runs its model."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.embedding.token_codes import TokenVectors

Vectors = NDArray[np.float32]
"""Vectors of shape ``(n, dimension)``, or one of shape ``(dimension,)``."""


class Embedder(Protocol):
    """Whatever turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """A name that changes whenever the same text would get another vector. Known without loading a model."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: vectors of shape ``(len(texts), dimension)``, each of length 1."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Embed a question: a vector of shape ``(dimension,)`` and length 1."""
        ...


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that also gives a vector for each token."""

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """Embed passages as ``embed`` does, and their tokens, in the same pass."""
        ...

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """Embed a question as ``embed_query`` does, and its tokens, in the same pass."""
        ...
