"""The words of a passage as the model sees them in context: one vector a token, kept at one bit a dimension.

Late interaction (Khattab and Zaharia 2020, "ColBERT", doi 10.1145/3397271.3401075) needs every token's vector of
a passage, which the indexing pass computes anyway. Here they are turned by a random rotation and only the signs
are kept, the question's side staying exact (Gao and Long 2024, "RaBitQ", doi 10.1145/3654970): 48 bytes a token
for a model of 384 dimensions, and no measurable loss.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.text.terms import STOPWORDS

_WORD = re.compile(r"[^\W_]+")

Floats = NDArray[np.float32]
Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens: unit ``vectors``, shape ``(n, dimension)``, and the ``places`` where they start and end in
    the text, shape ``(n, 2)``, in characters."""

    vectors: Floats
    places: Places


@dataclass(frozen=True, slots=True)
class Codes:
    """Kept tokens: ``signs`` of the rotated vectors, eight a byte, shape ``(n, dimension / 8)`` rounded up, and the
    place each starts at, shape ``(n,)``."""

    signs: NDArray[np.uint8]
    starts: Places

    def vectors(self, dimension: int) -> Floats:
        """Unit vectors of the signs, shape ``(n, dimension)``, to be met by a rotated question."""
        bits = np.unpackbits(self.signs, axis=1, count=dimension).astype(np.float32)
        return (2 * bits - 1) / np.float32(np.sqrt(dimension))


def telling(text: str, tokens: Tokens) -> Tokens:
    """The tokens that belong to words with a meaning of their own; all of them where there are none.

    Function words and punctuation are near everything and cost as much as the rest.
    """
    inside = np.zeros(len(text) + 1, dtype=bool)
    for word in _WORD.finditer(text):
        inside[word.start() : word.end()] = word.group().casefold() not in STOPWORDS
    kept = inside[tokens.places[:, 0]]
    return Tokens(tokens.vectors[kept], tokens.places[kept]) if kept.any() else tokens


def encode(tokens: Tokens, rotation: Floats) -> Codes:
    """One bit a dimension of each token; ``rotation`` has shape ``(dimension, dimension)``."""
    if not len(tokens.places):
        return Codes(np.zeros((0, -(-len(rotation) // 8)), dtype=np.uint8), np.zeros(0, dtype=np.int32))
    return Codes(np.packbits(tokens.vectors @ rotation > 0, axis=1), tokens.places[:, 0].astype(np.int32))


def random_rotation(dimension: int) -> Floats:
    """An orthogonal matrix. Kept with the index that uses it, since another library may draw another one."""
    drawn = np.random.default_rng(0).standard_normal((dimension, dimension))
    return np.asarray(np.linalg.qr(drawn)[0], dtype=np.float32)


def best_matches(question: Floats, codes: Sequence[Codes]) -> list[Floats]:
    """For each text, how near each of its tokens is to each of the question's: ``(question tokens, n)``.

    ``question`` is rotated already. One multiplication for all, since many small ones cost more.
    """
    if not codes:
        return []
    lengths = np.cumsum([len(c.starts) for c in codes])[:-1]
    bits = np.unpackbits(np.concatenate([c.signs for c in codes]), axis=1, count=question.shape[1])
    # What the unit vectors of the signs would give, without writing these down: a bit b stands for 2b - 1.
    near = 2 * (question @ bits.astype(np.float32).T) - question.sum(axis=1, keepdims=True)
    return np.split(near / np.float32(np.sqrt(question.shape[1])), lengths, axis=1)
