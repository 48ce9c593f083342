"""Find the headings of plain text, which has no marks for them: numbered lines, lines in capitals, underlined lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from index.reading.formats.base import Block

_MOST_WORDS = 10
_MOST_CHARACTERS = 90
_LEAST_OF_A_FORM = 2  # a single line of a form may be anything
_NOUNS = "Rule|Section|Article|Clause|Part|Chapter|Paragraph|Schedule|Annex|Appendix|Item|Step|§"
_NUMBERED = re.compile(rf"(?:(?:{_NOUNS})\s?)?(?P<number>\d{{1,3}}(?:[./]\d{{1,3}})*)[.):]?\s+[^\W\d_a-z][^|]*")
_NAMED = re.compile(rf"(?:{_NOUNS})\s(?P<number>\d{{1,3}}|[IVX]{{1,5}}|[A-Z])")
_LEAST_CAPITALS = 4
_UNDERLINE = re.compile(r"(?P<mark>=|-|~)(?P=mark){2,}")
_ENDED = re.compile(r"[.,;:?!…]$")


def text_blocks(text: str) -> tuple[Block, ...]:
    """Cut normalised plain ``text`` at its headings; joined again, the blocks are the same text.

    A heading is short, has no end mark, begins after a blank line, and there are two of its form at least: a numbered
    one that text follows directly, one in capitals, or one that is underlined.

    >>> [b.text for b in text_blocks("1. Fees\\nThey are low.\\n\\n2. Dogs\\nNone.") if b.kind == "heading"]
    ['1. Fees', '2. Dogs']
    """
    lines = text.split("\n")
    found = dict(_headings(lines))
    return tuple(chain.from_iterable(_cut(lines, found))) if found else (Block(text),)


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the numbers of the lines that are headings, with their levels."""
    forms = {n: form for n in range(len(lines)) if (form := _form(lines, n)) is not None}
    for wanted in ("numbered", "capitals", "underlined"):
        alike = {n: level for n, (form, level) in forms.items() if form == wanted}
        if len(alike) >= _LEAST_OF_A_FORM:
            yield from alike.items()


def _form(lines: Sequence[str], n: int) -> tuple[str, int] | None:
    """Return the form and the level of line ``n`` where it looks like a heading; None where it does not."""
    line = lines[n].strip()
    short = 0 < len(line) <= _MOST_CHARACTERS and len(line.split()) <= _MOST_WORDS
    if not short or _ENDED.search(line) or (n > 0 and lines[n - 1].strip()):
        return None
    following = lines[n + 1].strip() if n + 1 < len(lines) else ""
    if _UNDERLINE.fullmatch(following):
        return "underlined", 1 if following[0] == "=" else 2
    numbered = _NUMBERED.fullmatch(line) or _NAMED.fullmatch(line)
    if numbered and following:
        return "numbered", 1 + numbered["number"].count(".")
    below = next((later.strip() for later in lines[n + 1 :] if later.strip()), "")
    if _in_capitals(line) and below and not _in_capitals(below):
        return "capitals", 1
    return None


def _in_capitals(line: str) -> bool:
    return "|" not in line and line == line.upper() and sum(c.isalpha() for c in line) >= _LEAST_CAPITALS


def _cut(lines: Sequence[str], headings: dict[int, int]) -> Iterator[list[Block]]:
    """Yield the text before each heading and the heading, then what is left."""
    since = 0
    for n in sorted(headings):
        yield _text(lines, since, n)
        yield [Block(lines[n], "heading", level=headings[n])]
        since = n + 1
    yield _text(lines, since, len(lines))


def _text(lines: Sequence[str], start: int, end: int) -> list[Block]:
    text = "\n".join(lines[start:end])
    return [Block(text, tight=bool(start and lines[start].strip()))] if text.strip() else []
