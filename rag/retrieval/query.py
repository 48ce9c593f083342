"""Embed a question once for all the steps that need it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from index.embedding.protocol import Embedder, TokenEmbedder, Vectors
from index.embedding.token_codes import Floats, TokenVectors

_MAX_CACHED_QUERIES = 64


@dataclass(frozen=True, slots=True)
class Query:
    """An embedded question.

    ``vector`` has length 1. ``tokens`` are unit vectors of its words, shape ``(n, dimension)``, rotated as the index's
    codes are; None where passages are indexed without tokens. ``places`` is where each word stands in ``text``, shape
    ``(n, 2)``.
    """

    text: str
    vector: Vectors
    tokens: Floats | None
    places: tuple[tuple[int, int], ...] = ()


QueryEncoder = Callable[[str], Query]


def make_query_encoder(embedder: Embedder, rotation: Callable[[int], Floats | None]) -> QueryEncoder:
    """Return a function that embeds questions and caches the last few.

    Queries have no tokens where ``rotation`` returns none for their dimension, or where the embedder makes none.
    """

    @lru_cache(maxsize=_MAX_CACHED_QUERIES)
    def seen(text: str) -> tuple[Vectors, TokenVectors | None]:
        return (
            embedder.embed_query_tokens(text)
            if isinstance(embedder, TokenEmbedder)
            else (embedder.embed_query(text), None)
        )

    def read(text: str) -> Query:
        vector, tokens = seen(text)
        turned = None if tokens is None or not len(tokens.offsets) else rotation(len(vector))
        if tokens is None or turned is None:
            return Query(text, vector, None)
        places = tuple((int(a), int(b)) for a, b in tokens.offsets)
        return Query(text, vector, tokens.vectors @ turned, places)

    return read
