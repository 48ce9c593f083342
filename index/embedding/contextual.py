"""What the model reads of a passage: its words with the document's title before them, which no offset counts."""

from collections.abc import Callable, Sequence

import numpy as np

from index.embedding.sentence_transformers import Embedder, TokenEmbedder, Vectors
from index.embedding.token_codes import Codes, Floats, Tokens, encode, telling
from index.schema import Passage


def text_with_title(passage: Passage) -> str:
    """The passage's text under its document's title, unless it begins with it."""
    return f"{_heading(passage)}{passage.text}"


def embed_passages(
    embedder: Embedder, passages: Sequence[Passage], rotation: Callable[[int], Floats] | None = None
) -> tuple[Vectors, tuple[Codes, ...]]:
    """The vectors of passages in context, shape ``(len(passages), dimension)``, and the codes of their own tokens.

    ``rotation`` gives the one for a dimension; without it, or with an embedder that tells no tokens, there are
    no codes.
    """
    vectors, found = encode_passages(embedder, passages, tokens=rotation is not None)
    return vectors, () if rotation is None else codes_of(passages, vectors, found, rotation)


def encode_passages(
    embedder: Embedder, passages: Sequence[Passage], *, tokens: bool
) -> tuple[Vectors, tuple[Tokens, ...]]:
    """The vectors of passages in context and, where asked for and told, their own tokens: the encoder's part."""
    texts = [text_with_title(passage) for passage in passages]
    if not tokens or not texts or not isinstance(embedder, TokenEmbedder):
        return embedder.embed(texts), ()
    vectors, found = embedder.embed_tokens(texts)
    own = [_own(told, len(_heading(passage))) for passage, told in zip(passages, found, strict=True)]
    return vectors, tuple(_with_tails(embedder, passages, own))


def codes_of(
    passages: Sequence[Passage], vectors: Vectors, tokens: Sequence[Tokens], rotation: Callable[[int], Floats]
) -> tuple[Codes, ...]:
    """The codes of what ``encode_passages`` gave; none where it gave no tokens."""
    if not tokens:
        return ()
    turned = rotation(vectors.shape[1])
    return tuple(encode(telling(p.text, told), turned) for p, told in zip(passages, tokens, strict=True))


def _with_tails(embedder: TokenEmbedder, passages: Sequence[Passage], tokens: Sequence[Tokens]) -> list[Tokens]:
    """The tokens with those of words that stand behind what the model reads of a text at once, read by themselves."""
    whole = list(tokens)
    ends = [int(t.places[-1, 1]) if len(t.places) else len(p.text) for p, t in zip(passages, tokens, strict=True)]
    cut = [n for n, (p, end) in enumerate(zip(passages, ends, strict=True)) if p.text[end:].strip()]
    if not cut:
        return whole
    _, tails = embedder.embed_tokens([f"{_heading(passages[n])}{passages[n].text[ends[n] :]}" for n in cut])
    for n, tail in zip(cut, tails, strict=True):
        rest = _own(tail, len(_heading(passages[n])))
        places = np.concatenate([whole[n].places, rest.places + ends[n]])
        whole[n] = Tokens(np.concatenate([whole[n].vectors, rest.vectors]), places)
    return whole


def _heading(passage: Passage) -> str:
    title = passage.title.strip()
    return f"{title}\n" if title and not passage.text.startswith(title) else ""


def _own(tokens: Tokens, before: int) -> Tokens:
    inside = tokens.places[:, 0] >= before
    return Tokens(tokens.vectors[inside], tokens.places[inside] - before)
