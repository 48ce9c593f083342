"""Cut a document into passages: exact slices that begin and end at sentence boundaries."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.schema import Document, Passage, Section
from index.text.headings import heading_sections, headings_in_span
from index.text.pages import page_sections, pages_in_span
from index.text.sentences import Span, sentence_spans, trim_span

# One unit is about one word as an embedding model sees it: a word (a very long one counts more than once), a
# character of a script written without spaces, a picture, or four of the same mark in a row. No unit reaches over
# the end of a sentence, so the units of sentences add up to those of their passage.
_UNIT = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w{1,12}|[\U0001f000-\U0001faff]|([^\w\s])\1{3}"
)
_JOINERS = "\u200c\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class Chunking:
    """How documents are cut. ``words`` is the largest number of words in a passage."""

    words: int = 180

    @property
    def fingerprint(self) -> str:
        """A name that changes whenever the same document would be cut differently."""
        return f"sentences-4 headings words={self.words}"


def chunk(document: Document, chunking: Chunking) -> tuple[Passage, ...]:
    """Cut ``document`` into passages, in order, each with ``text == document.text[start:end]``.

    Whole sentences are packed until the next would not fit. A heading begins a new passage once the current one is a
    third full. Only a sentence longer than a whole passage is cut inside, at white space if it has any. Every sentence
    is in exactly one passage.

    >>> from index import Document
    >>> text = "The bridge was closed in May. It opened again in June."
    >>> [passage.text for passage in chunk(Document("d1", "Bridge", "bridge.txt", text), Chunking(words=7))]
    ['The bridge was closed in May.', 'It opened again in June.']
    """
    headings = [s.start for s in document.sections if s.kind == "heading"]
    spans = pack_spans(_sentence_pieces(document.text, chunking.words), chunking.words, headings)
    pages, named = page_sections(document.sections), heading_sections(document.sections)
    return tuple(_make_passage(document, span, pages, named) for span in spans)


def count_words(text: str) -> int:
    """Count the words of ``text`` as passages are measured."""
    return sum(1 for _ in _UNIT.finditer(text))


def _make_passage(document: Document, span: Span, pages: Sequence[Section], named: Sequence[Section]) -> Passage:
    start, end = span
    passage = Passage(
        document.id,
        start,
        end,
        document.text[start:end],
        document.title,
        document.source,
        document.metadata,
        pages_in_span(pages, start, end),
        headings_in_span(named, start, end),
    )
    assert passage.text == document.text[passage.start : passage.end]
    return passage


def _sentence_pieces(text: str, words: int) -> Iterator[tuple[Span, int]]:
    for start, end in sentence_spans(text):
        length = count_words(text[start:end])
        if length <= words:
            yield (start, end), length
        else:
            yield from _cut_sentence(text, start, end, words)


def _cut_sentence(text: str, start: int, end: int, words: int) -> Iterator[tuple[Span, int]]:
    """Cut one overlong sentence into slices of at most ``words``."""
    units = list(_UNIT.finditer(text, start, end))
    first = start
    for n in range(words, len(units), words):
        cut = _place_to_cut(text, first, units[n].start())
        if cut > first:
            yield trim_span(text, first, cut), words
            first = cut
    if text[first:end].strip():
        yield trim_span(text, first, end), count_words(text[first:end])


def _place_to_cut(text: str, first: int, cut: int) -> int:
    """Find the nearest place at or before ``cut`` that splits no word, else one that splits no visible character."""
    near = max(first + 1, cut - 40)
    for place in range(cut, near, -1):
        if text[place - 1].isspace():
            return place
    place = cut
    while place > near and _is_inside_character(text, place):
        place -= 1
    return place


def _is_inside_character(text: str, place: int) -> bool:
    return unicodedata.combining(text[place]) > 0 or text[place] in _JOINERS or text[place - 1] == "\u200d"


def pack_spans(pieces: Iterable[tuple[Span, int]], most: int, headings: Sequence[int] = ()) -> Iterator[Span]:
    """Join neighbouring pieces, each given with its length, until the next would make more than ``most``.

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
