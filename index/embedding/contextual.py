"""Embed passages in context: the model reads its title and headings before it, which no offset counts."""

from collections.abc import Callable, Sequence

import numpy as np

from index.embedding.protocol import Embedder, TokenEmbedder, Vectors
from index.embedding.token_codes import Floats, TokenCodes, TokenVectors, content_tokens, encode_tokens
from index.schema import Passage
from index.text.headings import context_lines


def text_in_context(passage: Passage) -> str:
    """Return the passage's text below its document's title and the headings that it stands under."""
    return f"{_context(passage)}{passage.text}"


def embed_passages(
    embedder: Embedder, passages: Sequence[Passage], rotation: Callable[[int], Floats] | None = None
) -> tuple[Vectors, tuple[TokenCodes, ...]]:
    """Embed passages in context: vectors of shape ``(len(passages), dimension)``, and the codes of their own tokens.

    ``rotation`` returns the rotation for a dimension. Without it, or with an embedder that gives no token vectors,
    there are no codes.
    """
    vectors, found = encode_passages(embedder, passages, tokens=rotation is not None)
    return vectors, () if rotation is None else make_codes(passages, vectors, found, rotation)


def encode_passages(
    embedder: Embedder, passages: Sequence[Passage], *, tokens: bool
) -> tuple[Vectors, tuple[TokenVectors, ...]]:
    """Compute the vectors of passages in context and, with ``tokens``, those of their own tokens if there are any."""
    texts = [text_in_context(passage) for passage in passages]
    if not tokens or not texts or not isinstance(embedder, TokenEmbedder):
        return embedder.embed(texts), ()
    vectors, found = embedder.embed_tokens(texts)
    own = [_tokens_after(told, len(_context(passage))) for passage, told in zip(passages, found, strict=True)]
    return vectors, tuple(_add_tails(embedder, passages, own))


def make_codes(
    passages: Sequence[Passage], vectors: Vectors, tokens: Sequence[TokenVectors], rotation: Callable[[int], Floats]
) -> tuple[TokenCodes, ...]:
    """Make codes of the token vectors that ``encode_passages`` returned; none if it returned none."""
    if not tokens:
        return ()
    turned = rotation(vectors.shape[1])
    return tuple(encode_tokens(content_tokens(p.text, told), turned) for p, told in zip(passages, tokens, strict=True))


def _add_tails(
    embedder: TokenEmbedder, passages: Sequence[Passage], tokens: Sequence[TokenVectors]
) -> list[TokenVectors]:
    """Add the tokens of words that lie beyond what the model reads of a text at once; they are read by themselves."""
    whole = list(tokens)
    ends = [int(t.offsets[-1, 1]) if len(t.offsets) else len(p.text) for p, t in zip(passages, tokens, strict=True)]
    cut = [n for n, (p, end) in enumerate(zip(passages, ends, strict=True)) if p.text[end:].strip()]
    if not cut:
        return whole
    _, tails = embedder.embed_tokens([f"{_context(passages[n])}{passages[n].text[ends[n] :]}" for n in cut])
    for n, tail in zip(cut, tails, strict=True):
        rest = _tokens_after(tail, len(_context(passages[n])))
        places = np.concatenate([whole[n].offsets, rest.offsets + ends[n]])
        whole[n] = TokenVectors(np.concatenate([whole[n].vectors, rest.vectors]), places)
    return whole


def _context(passage: Passage) -> str:
    return "".join(f"{line}\n" for line in context_lines(passage))


def _tokens_after(tokens: TokenVectors, before: int) -> TokenVectors:
    inside = tokens.offsets[:, 0] >= before
    return TokenVectors(tokens.vectors[inside], tokens.offsets[inside] - before)
