"""The chunkers of Chroma's report that need nothing but the tokens of OpenAI's cl100k_base.

Source: Smith & Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma 2024. Of its sizes, those
without overlap are here; they are its better ones.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from evals.scoring.metrics.spans import Interval
from index.chunking.chunk import pack_spans
from index.schema import Document
from index.text.sentences import Span

if TYPE_CHECKING:
    from tiktoken import Encoding

_SEPARATORS = ("\n\n", "\n", ".", "?", "!", " ", "")


def fixed_tokens(document: Document, size: int) -> Sequence[Interval]:
    """Cut chunks of ``size`` tokens, wherever that falls."""
    text = document.text
    _, offsets = _encoding().decode_with_offsets(_encoding().encode_ordinary(text))
    starts = offsets[::size]
    ends = [*starts[1:], len(text)]
    return [(document.id, start, end) for start, end in zip(starts, ends, strict=True) if end > start]


def recursive_tokens(document: Document, size: int) -> Sequence[Interval]:
    """Cut chunks of at most ``size`` tokens, at paragraphs where they fit, else lines, sentences, words.

    LangChain's ``RecursiveCharacterTextSplitter`` with the report's separators, each kept at the head of the
    piece it begins, counting in tokens.
    """
    return [(document.id, start, end) for start, end in _split(document.text, 0, len(document.text), size, 0)]


def _split(text: str, start: int, end: int, size: int, level: int) -> Iterator[Span]:
    separator = _SEPARATORS[level]
    fitting: list[tuple[Span, int]] = []
    for piece in _pieces(text, start, end, separator):
        length = _tokens(text[piece[0] : piece[1]])
        if length <= size or not separator:
            fitting.append((piece, length))
            continue
        yield from pack_spans(fitting, size)
        fitting = []
        yield from _split(text, *piece, size, level + 1)
    yield from pack_spans(fitting, size)


def _pieces(text: str, start: int, end: int, separator: str) -> Iterator[Span]:
    if not separator:
        yield from ((i, i + 1) for i in range(start, end))
        return
    first = start
    while first < end:
        found = text.find(separator, first + 1, end)
        yield first, found if found >= 0 else end
        first = found if found >= 0 else end


def _tokens(text: str) -> int:
    return len(_encoding().encode_ordinary(text))


def _encoding() -> "Encoding":
    """Return the encoding, which LlamaIndex brings along: nothing is downloaded once its tokenizer was made."""
    import tiktoken
    from llama_index.core.utils import get_tokenizer

    get_tokenizer()
    return tiktoken.get_encoding("cl100k_base")
