"""Keep a passage's words as the model sees them in context: one vector a token, at one bit a dimension.

Late interaction (Khattab and Zaharia 2020, "ColBERT", doi 10.1145/3397271.3401075) needs the vector of every token of a
passage, which the indexing pass computes anyway. Here a random rotation is applied and only the signs are kept, while
the question's side stays exact (Gao and Long 2024, "RaBitQ", doi 10.1145/3654970): 48 bytes a token for a model of 384
dimensions, and no measurable loss.
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
class TokenVectors:
    """The tokens of a text: unit ``vectors``, shape ``(n, dimension)``, and ``offsets``, shape ``(n, 2)``.

    The offsets say where each token starts and ends in the text, in characters.
    """

    vectors: Floats
    offsets: Places


@dataclass(frozen=True, slots=True)
class TokenCodes:
    """Stored tokens: ``signs`` of the rotated vectors, eight a byte, and the offset at which each token ``starts``.

    ``signs`` has shape ``(n, dimension / 8)``, rounded up; ``starts`` has shape ``(n,)``.
    """

    signs: NDArray[np.uint8]
    starts: Places

    def vectors(self, dimension: int) -> Floats:
        """Return unit vectors of the signs, shape ``(n, dimension)``, to compare with a rotated question."""
        bits = np.unpackbits(self.signs, axis=1, count=dimension).astype(np.float32)
        return (2 * bits - 1) / np.float32(np.sqrt(dimension))


def content_tokens(text: str, tokens: TokenVectors) -> TokenVectors:
    """Return the tokens of words with a meaning of their own; all tokens if there are none.

    Function words and punctuation are near everything and cost as much as the rest.
    """
    inside = np.zeros(len(text) + 1, dtype=bool)
    for word in _WORD.finditer(text):
        inside[word.start() : word.end()] = word.group().casefold() not in STOPWORDS
    kept = inside[tokens.offsets[:, 0]]
    return TokenVectors(tokens.vectors[kept], tokens.offsets[kept]) if kept.any() else tokens


def encode_tokens(tokens: TokenVectors, rotation: Floats) -> TokenCodes:
    """Encode each token at one bit a dimension; ``rotation`` has shape ``(dimension, dimension)``."""
    if not len(tokens.offsets):
        return TokenCodes(np.zeros((0, -(-len(rotation) // 8)), dtype=np.uint8), np.zeros(0, dtype=np.int32))
    return TokenCodes(np.packbits(tokens.vectors @ rotation > 0, axis=1), tokens.offsets[:, 0].astype(np.int32))


def random_rotation(dimension: int) -> Floats:
    """Draw an orthogonal matrix. It is stored with the index, since another library version may draw another one."""
    drawn = np.random.default_rng(0).standard_normal((dimension, dimension))
    return np.asarray(np.linalg.qr(drawn)[0], dtype=np.float32)


def best_matches(question: Floats, codes: Sequence[TokenCodes]) -> list[Floats]:
    """Compute for each text how near its tokens are to those of the question: arrays of ``(question tokens, n)``.

    ``question`` is rotated already. All texts share one multiplication, since many small ones cost more.
    """
    if not codes:
        return []
    lengths = np.cumsum([len(c.starts) for c in codes])[:-1]
    bits = np.unpackbits(np.concatenate([c.signs for c in codes]), axis=1, count=question.shape[1])
    # What the unit vectors of the signs would give, without writing these down: a bit b stands for 2b - 1.
    near = 2 * (question @ bits.astype(np.float32).T) - question.sum(axis=1, keepdims=True)
    return np.split(near / np.float32(np.sqrt(question.shape[1])), lengths, axis=1)
