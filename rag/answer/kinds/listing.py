"""Cut and place the sentences that a list or a summary shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.schema import Passage
from index.text.lists import MARKER_PATTERN
from index.text.sentences import Span
from rag.reading.sentence_ranker import Quote

_MARKER = re.compile(rf"(?:{MARKER_PATTERN})\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Overview:
    """Sentences to cite, and the words said before them."""

    lead: str
    quotes: tuple[Quote, ...]


def quotes_at(spans: Sequence[Span], passages: Sequence[Passage]) -> list[Quote]:
    """Give the spans of a document as quotes, each in the first passage that holds it; one cut in two is left out."""
    held = ((next((p for p in passages if p.start <= a and b <= p.end), None), a, b) for a, b in spans)
    return [Quote(passage, a, b, 1.0, ()) for passage, a, b in held if passage is not None]


def without_marker(text: str, span: Span) -> Span:
    """Return the ``span`` of ``text`` without the dash or number of a list item that it begins with.

    >>> without_marker("- a photo", (0, 9))
    (2, 9)
    """
    found = _MARKER.match(text, *span)
    return (found.end(), span[1]) if found else span
