"""Join lines to paragraphs and headings, and words that were divided at line ends."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from index.reading.formats.base import Block
from index.reading.pdf.page import Line, Page

MIN_HEADING_SCALE = 1.12  # times the body's font size; a short line that is larger is a heading
MAX_HEADING_CHARACTERS = 150  # characters
MIN_PARAGRAPH_GAP = 1.35  # times the usual line distance; after a wider one a paragraph begins
MIN_INDENT = 0.8  # of the font's size
MAX_SHORT_LINE = 0.85  # of the column's width; a shorter line that ends a sentence ends the paragraph

_DIVIDED_WORD = re.compile(r"([^\W\d_]+)([-\u2010\u00ad])$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_LIST_ITEM = re.compile(r"(?:[•‣▪◦●·–—*-]|\d{1,3}[.)]|[a-z]\))\s")
_BULLET = re.compile(r"^[•‣▪◦●]\s*")


def pages_to_blocks(pages: Iterable[Page]) -> Iterator[Block]:
    """Yield the text of pages whose lines are in reading order.

    A page's block begins it, and text that runs over from the page before is joined to it.
    """
    pages = tuple(pages)
    body = _body_size(pages)
    knows = _hyphenated_words(line.text for page in pages for line in page.lines)
    before: list[Line] = []
    for page in pages:
        first = True
        for lines in _paragraphs(page.lines):
            heading = _is_heading(lines, body)
            on = first and bool(before) and not heading and _continues_paragraph(before, lines, body)
            text = _join_paragraph(lines, knows)
            if first:
                yield Block("", "page", str(page.number), joined=on)
            yield Block(text, "heading" if heading else "text", joined=on)
            before, first = lines, False


def _body_size(pages: Sequence[Page]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _is_heading(lines: Sequence[Line], body: float) -> bool:
    if lines[0].row:
        return False
    length = sum(len(line.text) for line in lines)
    larger = min(line.size for line in lines) >= MIN_HEADING_SCALE * body
    return larger and length <= MAX_HEADING_CHARACTERS and any(c.isalpha() for line in lines for c in line.text)


def _continues_paragraph(before: Sequence[Line], lines: Sequence[Line], body: float) -> bool:
    """Tell whether the first paragraph of a page continues the last of the page before."""
    last, first = before[-1], lines[0]
    if last.row or first.row:
        return False
    if _SENTENCE_END.search(last.text) or abs(last.size - first.size) > 0.1 * body or _LIST_ITEM.match(first.text):
        return False
    return first.text[:1].islower() or len(last.text) > MAX_SHORT_LINE * len(first.text)


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    if not lines:
        return
    distances = [b.box[3] - a.box[3] for a, b in pairwise(lines) if 0 < b.box[3] - a.box[3] < 3 * b.size]
    usual = median(distances) if distances else 0.0
    column = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    current = [lines[0]]
    for before, line in pairwise(lines):
        if _begins_paragraph(before, line, usual, column):
            yield current
            current = []
        current.append(line)
    yield current


def _begins_paragraph(before: Line, line: Line, usual: float, column: tuple[float, float]) -> bool:
    """Tell whether a paragraph begins with ``line``."""
    down = line.box[3] - before.box[3]
    if abs(line.size - before.size) > 0.1 * max(line.size, before.size):
        return True
    if line.row or before.row or _LIST_ITEM.match(line.text):
        return True
    ended = bool(_SENTENCE_END.search(before.text))
    if down <= 0 or down > 8 * line.size:  # another column, or far down: the words decide
        return ended or not line.text[:1].islower()
    width = column[1] - column[0]
    short = before.box[2] - before.box[0] < MAX_SHORT_LINE * width and before.box[2] < column[1] - 0.1 * width
    indented = line.box[0] - before.box[0] > MIN_INDENT * line.size and line.box[0] - column[0] < 6 * line.size
    return (
        down > MIN_PARAGRAPH_GAP * usual
        or (ended and (short or indented))
        or (indented and not line.text[:1].islower())
    )


def _hyphenated_words(lines: Iterable[str]) -> Callable[[str, str], bool]:
    """Return a function that tells whether a divided word is written with its hyphen elsewhere in the text."""
    words = Counter(word.casefold() for text in lines for word in _WORD.findall(text))

    def hyphenated(head: str, tail: str) -> bool:
        whole, with_hyphen = (head + tail).casefold(), f"{head}-{tail}".casefold()
        return words[with_hyphen] > words[whole]

    return hyphenated


def _join_paragraph(lines: Sequence[Line], hyphenated: Callable[[str, str], bool]) -> str:
    text = _BULLET.sub("- ", lines[0].text)
    for line in lines[1:]:
        text = join_lines(text, line.text, hyphenated)
    return text.replace("\u00ad", "-") if text.endswith("\u00ad") else text.replace("\u00ad", "")


def join_lines(text: str, more: str, hyphenated: Callable[[str, str], bool]) -> str:
    """Join two lines with a space, or as one word if a hyphen divides it."""
    divided = _DIVIDED_WORD.search(text)
    if divided is None:
        return f"{text}{more}" if re.search(r"\w[-\u2010]$", text) and more[:1].isalnum() else f"{text} {more}"
    tail = _WORD.match(more)
    if tail is None or not more[:1].islower():
        return f"{text[:-1]}-{more}"
    if hyphenated(divided[1], tail[0]):
        return f"{text[:-1]}-{more}"
    return text[:-1] + more
