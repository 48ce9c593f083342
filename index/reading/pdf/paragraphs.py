"""Lines to paragraphs and headings, words that were divided at line ends made whole."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from index.reading.formats.base import Block
from index.reading.pdf.lines import Line, Page

LARGER = 1.12  # times the body's size, from which a short line is a heading
MAX_HEADING_CHARACTERS = 150  # characters
LOOSE = 1.35  # times the usual distance of lines, from which a paragraph begins
INDENT = 0.8  # of the font's size
SHORT = 0.85  # of the column's width, below which a line that ends a sentence ends the paragraph too

_DIVIDED = re.compile(r"([^\W\d_]+)([-\u2010\u00ad])$")
_WORD = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")
_ENDS = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_MARKED = re.compile(r"(?:[•‣▪◦●·–—*-]|\d{1,3}[.)]|[a-z]\))\s")
_ONLY_MARKS = re.compile(r"^[•‣▪◦●]\s*")


def blocks_of(pages: Sequence[Page]) -> Iterator[Block]:
    """The text of pages whose lines are in reading order. A page's block begins it, and text that runs over
    from the page before is joined to it.
    """
    body = _body_size(pages)
    knows = _divisions(line.text for page in pages for line in page.lines)
    before: list[Line] = []
    for page in pages:
        first = True
        for lines in _paragraphs(page.lines):
            heading = _is_heading(lines, body)
            on = first and bool(before) and not heading and _runs_on(before, lines, body)
            text = _text(lines, knows)
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
    length = sum(len(line.text) for line in lines)
    larger = min(line.size for line in lines) >= LARGER * body
    return larger and length <= MAX_HEADING_CHARACTERS and any(c.isalpha() for line in lines for c in line.text)


def _runs_on(before: Sequence[Line], lines: Sequence[Line], body: float) -> bool:
    """Whether the first paragraph of a page goes on with the last of the page before."""
    last, first = before[-1], lines[0]
    if _ENDS.search(last.text) or abs(last.size - first.size) > 0.1 * body or _MARKED.match(first.text):
        return False
    return first.text[:1].islower() or (" | " not in first.text and len(last.text) > SHORT * len(first.text))


def _paragraphs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    if not lines:
        return
    distances = [b.box[3] - a.box[3] for a, b in pairwise(lines) if 0 < b.box[3] - a.box[3] < 3 * b.size]
    usual = median(distances) if distances else 0.0
    column = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    current = [lines[0]]
    for before, line in pairwise(lines):
        if _begins(before, line, usual, column):
            yield current
            current = []
        current.append(line)
    yield current


def _begins(before: Line, line: Line, usual: float, column: tuple[float, float]) -> bool:
    """Whether a paragraph begins with ``line``."""
    down = line.box[3] - before.box[3]
    if abs(line.size - before.size) > 0.1 * max(line.size, before.size):
        return True
    if " | " in line.text or " | " in before.text or _MARKED.match(line.text):
        return True
    ended = bool(_ENDS.search(before.text))
    if down <= 0 or down > 8 * line.size:  # another column, or far down: the words decide
        return ended or not line.text[:1].islower()
    width = column[1] - column[0]
    short = before.box[2] - before.box[0] < SHORT * width and before.box[2] < column[1] - 0.1 * width
    indented = line.box[0] - before.box[0] > INDENT * line.size and line.box[0] - column[0] < 6 * line.size
    return down > LOOSE * usual or (ended and (short or indented)) or (indented and not line.text[:1].islower())


def _divisions(lines: Iterable[str]) -> Callable[[str, str], bool]:
    """Whether a word divided at a line's end is written with its hyphen elsewhere in the text."""
    words = Counter(word.casefold() for text in lines for word in _WORD.findall(text))

    def hyphenated(head: str, tail: str) -> bool:
        whole, with_hyphen = (head + tail).casefold(), f"{head}-{tail}".casefold()
        return words[with_hyphen] > words[whole]

    return hyphenated


def _text(lines: Sequence[Line], hyphenated: Callable[[str, str], bool]) -> str:
    text = _ONLY_MARKS.sub("- ", lines[0].text)
    for line in lines[1:]:
        text = joined(text, line.text, hyphenated)
    return text.replace("\u00ad", "-") if text.endswith("\u00ad") else text.replace("\u00ad", "")


def joined(text: str, more: str, hyphenated: Callable[[str, str], bool]) -> str:
    """The two with a space between them, or as one word where a hyphen divides it."""
    divided = _DIVIDED.search(text)
    if divided is None:
        return f"{text}{more}" if re.search(r"\w[-\u2010]$", text) and more[:1].isalnum() else f"{text} {more}"
    tail = _WORD.match(more)
    if tail is None or not more[:1].islower():
        return f"{text[:-1]}-{more}"
    if hyphenated(divided[1], tail[0]):
        return f"{text[:-1]}-{more}"
    return text[:-1] + more
