"""Cut a document into passages: exact slices that begin and end at sentence boundaries."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.schema import Document, Passage, Section
from index.text.pages import page_sections, pages_in_span
from index.text.sentences import Span, sentence_spans, trim

# One unit is about one word as an embedding model sees it: a word (a very long one counts more than once), a
# character of a script written without spaces, a picture, or four of the same mark in a row. No unit reaches over
# the end of a sentence, so the units of sentences add up to those of their passage.
_UNIT = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w{1,12}|[\U0001f000-\U0001faff]|([^\w\s])\1{3}"
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class Chunking:
    """How documents are cut. ``words`` is the most a passage holds, in words."""

    words: int = 180

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same document would be cut differently."""
        return f"sentences-2 words={self.words}"


def chunk(document: Document, chunking: Chunking) -> tuple[Passage, ...]:
    """Passages of ``document`` in order, each ``text == document.text[start:end]``.

    Whole sentences are packed until the next would not fit; a heading begins a new passage once the current
    one is a third full. Only a sentence longer than a whole passage is cut inside, at white space where it
    has any. Every sentence is in exactly one passage.
    """
    headings = [s.start for s in document.sections if s.kind == "heading"]
    spans = pack(_pieces(document.text, chunking.words), chunking.words, headings)
    pages = page_sections(document.sections)
    return tuple(_passage(document, span, pages) for span in spans)


def size(text: str) -> int:
    """Length of ``text`` in words, as passages are measured."""
    return sum(1 for _ in _UNIT.finditer(text))


def _passage(document: Document, span: Span, pages: Sequence[Section]) -> Passage:
    start, end = span
    words, on = document.text[start:end], pages_in_span(pages, start, end)
    passage = Passage(document.id, start, end, words, document.title, document.source, document.metadata, on)
    assert passage.text == document.text[passage.start : passage.end]
    return passage


def _pieces(text: str, words: int) -> Iterator[tuple[Span, int]]:
    for start, end in sentence_spans(text):
        length = size(text[start:end])
        if length <= words:
            yield (start, end), length
        else:
            yield from _cut(text, start, end, words)


def _cut(text: str, start: int, end: int, words: int) -> Iterator[tuple[Span, int]]:
    """Slices of one overlong sentence, each of at most ``words``."""
    units = list(_UNIT.finditer(text, start, end))
    first = start
    for n in range(words, len(units), words):
        cut = _good_cut(text, first, units[n].start())
        if cut > first:
            yield trim(text, first, cut), words
            first = cut
    if text[first:end].strip():
        yield trim(text, first, end), size(text[first:end])


def _good_cut(text: str, first: int, cut: int) -> int:
    """The nearest place at or before ``cut`` that splits no word, else one that splits no visible character."""
    near = max(first + 1, cut - 40)
    for place in range(cut, near, -1):
        if text[place - 1].isspace():
            return place
    place = cut
    while place > near and _continues(text, place):
        place -= 1
    return place


def _continues(text: str, place: int) -> bool:
    return unicodedata.combining(text[place]) > 0 or text[place] in _JOINERS or text[place - 1] == "\u200d"


def pack(pieces: Iterable[tuple[Span, int]], most: int, headings: Sequence[int] = ()) -> Iterator[Span]:
    """Join neighbouring pieces, each with its length, until the next would make more than ``most``.

    A heading, given by its offset, begins a new span once the current one is a third full.
    """
    current: Span | None = None
    filled = 0
    breaks = iter(headings)
    heading = next(breaks, None)
    for (start, end), length in pieces:
        at_heading = False
        while heading is not None and heading <= start:
            at_heading = True
            heading = next(breaks, None)
        if current is not None and (filled + length > most or (at_heading and 3 * filled >= most)):
            yield current
            current, filled = None, 0
        current = (start, end) if current is None else (current[0], end)
        filled += length
    if current is not None:
        yield current
