"""What the model reads of a passage: its words with the document's title before them, which no offset counts."""

from collections.abc import Callable, Sequence

from index.embed import Embedder, TokenEmbedder, Vectors
from index.schema import Passage
from index.tokens import Codes, Floats, Tokens, encode, telling


def in_context(passage: Passage) -> str:
    """The passage's text under its document's title, unless it begins with it."""
    return f"{_heading(passage)}{passage.text}"


def embed_passages(
    embedder: Embedder, passages: Sequence[Passage], rotation: Callable[[int], Floats] | None = None
) -> tuple[Vectors, tuple[Codes, ...]]:
    """The vectors of passages in context, shape ``(len(passages), dimension)``, and the codes of their own tokens.

    ``rotation`` gives the one for a dimension; without it, or with an embedder that tells no tokens, there are
    no codes.
    """
    texts = [in_context(passage) for passage in passages]
    if rotation is None or not texts or not isinstance(embedder, TokenEmbedder):
        return embedder.embed(texts), ()
    vectors, found = embedder.embed_tokens(texts)
    turned = rotation(vectors.shape[1])
    own = (_own(tokens, len(_heading(passage))) for passage, tokens in zip(passages, found, strict=True))
    return vectors, tuple(encode(telling(p.text, tokens), turned) for p, tokens in zip(passages, own, strict=True))


def _heading(passage: Passage) -> str:
    title = passage.title.strip()
    return f"{title}\n" if title and not passage.text.startswith(title) else ""


def _own(tokens: Tokens, before: int) -> Tokens:
    inside = tokens.places[:, 0] >= before
    return Tokens(tokens.vectors[inside], tokens.places[inside] - before)
