"""Bring lines of Arabic and Hebrew into the order in which they are read, from where their letters stand.

PDFs hold letters as they are drawn, and PDFium's own guess at the reading order turns words, ligatures and brackets
round. What is drawn is read backwards, but for Latin words and numbers (the Unicode bidirectional algorithm, UAX #9).
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, pairwise
from statistics import median

from index.reading.pdf.page import Line, Page, Rectangle, middle_of

_RTL_LETTER = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ARABIC_LETTER = re.compile("[\u0600-\u065f\u0670-\u06ef\u0700-\u08ff]")
_WORD_GAP = 0.25  # times the font's size; a wider gap parts words
_SPACE_GAP = 0.16  # times the font's size; a wider gap near a space does; the spaces of some programs stand askew
_NEAR = 0.6  # times the font's size
_SAME_LINE = 1 / 3  # of the font's size, by which the feet of one line's letters differ
_WIDE_GAP = 1.5  # times the font's size; a wider gap lies between cells, each of which is read by itself
# A Latin phrase with the numbers in it as it looks backwards, or a number; by the classes of ``_class_of``.
_LATIN = r"(?:B(?=[^RB]*B[^R]*L))?[LD][^R]*L|L"
_KEPT_RUNS = re.compile(rf"{_LATIN}|T*D(?:[CE]?D)*T*")
_KEPT_RUNS_IN_ARABIC = re.compile(rf"{_LATIN}|D(?:C?D)*")
_END_AHEAD = re.compile(r"([.,:;!?]+)(.*)", re.DOTALL)  # of a sentence that runs from right to left
_BRACKETS = ("()", "[]", "{}", "«»")


@dataclass(frozen=True, slots=True)
class _Glyph:
    """What was drawn at one place: the letters of a ligature together, a letter with its marks."""

    text: str
    box: Rectangle


def is_right_to_left(lines: Sequence[Line]) -> bool:
    """Tell whether most letters of a page are Arabic or Hebrew."""
    letters = [c for line in lines for c in line.text if c.isalpha()]
    return 2 * sum(map(bool, map(_RTL_LETTER.match, letters))) > len(letters)


def lines_as_read(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines of a page whose letters are mostly Arabic or Hebrew, each in its reading order."""
    return tuple(_as_read(line) for line in _join_pieces(lines))


def mirrored(page: Page) -> Page:
    """Return the page as in a mirror, so that its lines run from left to right; the same again is the page itself."""
    lines = tuple(replace(line, boxes=_mirrored(line.boxes, page.width)) for line in page.lines)
    return replace(page, lines=lines, rules=_mirrored(page.rules, page.width))


def _mirrored(boxes: Sequence[Rectangle], width: float) -> tuple[Rectangle, ...]:
    return tuple((width - x1, y0, width - x0, y1) for x0, y0, x1, y1 in boxes)


def _join_pieces(lines: Sequence[Line]) -> Iterator[Line]:
    """Join lines that follow one another at one height, as programs that draw word by word leave them."""
    pieces: list[Line] = []
    for line in lines:
        if pieces and abs(line.box[3] - pieces[-1].box[3]) >= _SAME_LINE * line.size:
            yield _joined(pieces)
            pieces = []
        pieces.append(line)
    if pieces:
        yield _joined(pieces)


def _joined(pieces: Sequence[Line]) -> Line:
    text, boxes = pieces[0].text, list(pieces[0].boxes)
    for piece in pieces[1:]:
        text += " " + piece.text
        edge = piece.boxes[0]
        boxes += [(edge[2], edge[1], edge[2], edge[3]), *piece.boxes]
    return Line(text, tuple(boxes), median(piece.size for piece in pieces))


def _as_read(line: Line) -> Line:
    if not _RTL_LETTER.search(line.text):
        ahead = _END_AHEAD.fullmatch(line.text)
        at = 0 if ahead is None else ahead.end(1)
        return replace(line, text=line.text[at:] + line.text[:at], boxes=line.boxes[at:] + line.boxes[:at])
    drawn = list(_glyphs(line))
    spaces = [middle_of(glyph.box) for glyph in drawn if glyph.text.isspace()]
    glyphs = _with_marks(sorted((g for g in drawn if not g.text.isspace()), key=lambda glyph: middle_of(glyph.box)))
    cells = [_read_backwards(cell) for cell in _cells(_with_spaces(glyphs, spaces, line.size), line.size)]
    ordered: list[_Glyph] = []
    for cell in reversed(cells):
        ordered += [_Glyph(" ", ordered[-1].box), *cell] if ordered else cell
    text = _set_brackets("".join(glyph.text for glyph in ordered))
    return Line(text, tuple(glyph.box for glyph in ordered for _ in glyph.text), line.size)


def _glyphs(line: Line) -> Iterator[_Glyph]:
    """Yield what was drawn, without the spaces that PDFium made up, which have their neighbour's edge for a place."""
    edge = 0.0
    for box, group in groupby(zip(line.text, line.boxes, strict=True), key=lambda each: each[1]):
        letters = "".join(character for character, _ in group)
        if not (letters.isspace() and box[0] == box[2] == edge):
            yield _Glyph(_as_written(letters), box)
        edge = box[2]


def _as_written(letters: str) -> str:
    """Turn the letters of a ligature round, which PDFium turned, unless it took them from a character of Unicode."""
    if len(letters) == 1 or not all(map(_RTL_LETTER.match, letters)):
        return letters
    turned = letters[::-1]
    return letters if letters in _ligatures() and turned not in _ligatures() else turned


@cache
def _ligatures() -> frozenset[str]:
    """Return what the ligatures stand for that have a character of their own."""
    codes = (*range(0xFB1D, 0xFE00), *range(0xFE70, 0xFEFD))
    return frozenset(spelt for spelt in (unicodedata.normalize("NFKC", chr(c)) for c in codes) if len(spelt) > 1)


def _with_marks(glyphs: Sequence[_Glyph]) -> list[_Glyph]:
    """Put each mark, such as a vowel sign, behind the letter that it stands over or under."""
    letters = [glyph for glyph in glyphs if not unicodedata.combining(glyph.text[0])]
    marks: dict[int, str] = {}
    for mark in (glyph for glyph in glyphs if unicodedata.combining(glyph.text[0])):
        at = min(range(len(letters)), key=lambda n: abs(middle_of(letters[n].box) - middle_of(mark.box)), default=None)
        if at is not None:
            marks[at] = marks.get(at, "") + mark.text
    return [replace(letter, text=letter.text + marks.get(n, "")) for n, letter in enumerate(letters)]


def _with_spaces(glyphs: Sequence[_Glyph], spaces: Sequence[float], size: float) -> list[_Glyph]:
    """Put a space into each gap between words: where it is wide, or the widest near a space that was drawn."""
    gaps = [(glyph.box[0] - before.box[2], (glyph.box[0] + before.box[2]) / 2) for before, glyph in pairwise(glyphs)]
    parted = {n for n, (width, _) in enumerate(gaps) if width > _WORD_GAP * size}
    middles = [middle for _, middle in gaps]
    for space in spaces:
        near = range(bisect_left(middles, space - _NEAR * size), bisect_right(middles, space + _NEAR * size))
        widest = max(near, key=lambda n: gaps[n][0] - abs(middles[n] - space), default=None)
        parted |= {widest} if widest is not None and gaps[widest][0] > _SPACE_GAP * size else set()
    found: list[_Glyph] = []
    for n, glyph in enumerate(glyphs):
        found.append(glyph)
        if n in parted:
            _, y0, x1, y1 = glyph.box
            found.append(_Glyph(" ", (x1, y0, glyphs[n + 1].box[0], y1)))
    return found


def _cells(glyphs: Sequence[_Glyph], size: float) -> Iterator[list[_Glyph]]:
    """Cut at wide gaps; yields the cells from left to right, without the spaces at their ends."""
    cell: list[_Glyph] = []
    for glyph in (g for g in glyphs if not g.text.isspace() or cell):
        inked = next((g for g in reversed(cell) if not g.text.isspace()), None)
        if inked is not None and not glyph.text.isspace() and glyph.box[0] - inked.box[2] > _WIDE_GAP * size:
            yield cell[: cell.index(inked) + 1]
            cell = []
        cell.append(glyph)
    while cell and cell[-1].text.isspace():
        cell.pop()
    if cell:
        yield cell


def _read_backwards(drawn: Sequence[_Glyph]) -> list[_Glyph]:
    """Return the glyphs of a cell, given from left to right, in their reading order."""
    if not any(_RTL_LETTER.match(glyph.text) for glyph in drawn):
        return list(drawn)
    found = list(reversed(drawn))
    arabic = any(_ARABIC_LETTER.match(glyph.text) for glyph in drawn)
    classes = "".join(_class_of(glyph.text) for glyph in found)
    for run in (_KEPT_RUNS_IN_ARABIC if arabic else _KEPT_RUNS).finditer(classes):
        found[run.start() : run.end()] = reversed(found[run.start() : run.end()])
    return found


def _class_of(text: str) -> str:
    """Return the class of a glyph: R, L, a digit D, a bracket B, a sign in a number C or E, one beside it T, or N."""
    if any(text[0] in pair for pair in _BRACKETS):
        return "B"
    kind = unicodedata.bidirectional(text[0])
    return {"R": "R", "AL": "R", "L": "L", "EN": "D", "AN": "D", "CS": "C", "ES": "E", "ET": "T"}.get(kind, "N")


def _set_brackets(text: str) -> str:
    """Turn brackets the way they enclose: some programs draw them mirrored, and PDFium turns some of them once more."""
    set_right = list(text)
    for n, character in enumerate(text):
        pair = next((pair for pair in _BRACKETS if character in pair), "")
        before, after = text[n - 1 : n] or " ", text[n + 1 : n + 2] or " "
        if pair and before.isspace() != after.isspace():
            set_right[n] = pair[0] if before.isspace() else pair[1]
        elif pair and not before.isspace() and not after.isalnum() and before.isalnum():
            set_right[n] = pair[1]
    return "".join(set_right)
