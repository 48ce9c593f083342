"""Find what stands between quotation marks, straight or typographic, paragraph by paragraph."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.text.sentences import Span

_MAX_WRAPPED_BREAKS = 0.3  # share of line breaks inside sentences above which lines are not paragraphs
_OPENING = "“„«"
_CLOSING = "”»"
_DOUBLE = re.compile(r"[“”„«»\"]")
# A single mark is also an apostrophe, so it closes only beside the stop that news style places there.
_SINGLE = re.compile(r"(?<!\w)['‘](?=\w)[^\n“”\"‘]{1,600}?(?:[,.!?…]['’]|['’](?=[,.]))(?!\w)")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Quoted words with their marks, within one paragraph.

    ``goes_on`` says that the paragraph ends before the quotation does.
    """

    start: int
    end: int
    goes_on: bool = False


def paragraphs(text: str, sentences: Sequence[Span]) -> list[Span]:
    """Return the paragraphs of ``text``: lines, or blocks between blank lines where sentences run over line breaks."""
    inside = sum(text.count("\n", start, end) for start, end in sentences)
    wrapped = inside > _MAX_WRAPPED_BREAKS * text.count("\n")
    pattern = r"\S(?:.|\n(?!\s*\n))*" if wrapped else r"\S.*"
    return [match.span() for match in re.finditer(pattern, text)]


def quotations(text: str, blocks: Sequence[Span]) -> list[Quotation]:
    """Return every quotation of ``text``, in order, none inside another.

    A quotation that its paragraph never closes ends with the paragraph; it goes on when the next paragraph opens with a
    mark again, as newspapers write long quotations.
    """
    found: list[Quotation] = []
    for number, (start, end) in enumerate(blocks):
        following = text[blocks[number + 1][0]] if number + 1 < len(blocks) else ""
        doubles = list(_double_quotations(text, start, end))
        if doubles and doubles[-1].goes_on and not (following and following in _OPENING + '"'):
            doubles[-1] = Quotation(doubles[-1].start, end)
        singles = [Quotation(*match.span()) for match in _SINGLE.finditer(text, start, end)]
        opened = [double.start for double in doubles]
        alone = [s for s in singles if (n := bisect_left(opened, s.end)) == 0 or doubles[n - 1].end <= s.start]
        found += sorted([*doubles, *alone], key=lambda q: q.start)
    return found


def _double_quotations(text: str, start: int, end: int) -> Iterator[Quotation]:
    begun = -1
    for match in _DOUBLE.finditer(text, start, end):
        mark, at = match.group(), match.start()
        if begun < 0:
            if mark in _OPENING or (mark == '"' and _can_open(text, at, end)):
                begun = at
        elif mark in _CLOSING or mark == '"':
            yield Quotation(begun, at + 1)
            begun = -1
    if begun >= 0:
        yield Quotation(begun, end, goes_on=True)


def _can_open(text: str, at: int, end: int) -> bool:
    """Tell whether a straight mark can open.

    It touches the word after it and none before it, so a mark of inches cannot.
    """
    return at + 1 < end and not text[at + 1].isspace() and (at == 0 or not text[at - 1].isalnum())
