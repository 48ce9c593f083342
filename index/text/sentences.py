"""Find the sentences of a text: exact spans, any script, one pass, no model."""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]

_CLOSERS = "\"'”’»›)\\]}」』）】"
_OPENERS = "\"'“‘«‹([{„「『（【¿¡-–—*_ "

# Three kinds of stop: those that need white space after them, those of scripts written without spaces, and
# line breaks, whose meaning depends on how the text is laid out. Possessive, and never starting inside a run of
# stops, so that a megabyte of dots takes no longer than a megabyte of prose.
_STOP = re.compile(
    rf"(?<![.!?…؟۔।॥])(?P<spaced>[.!?…؟۔।॥]++[{_CLOSERS}]*+)(?=\s)"
    rf"|(?P<full>[。！？｡]++[{_CLOSERS}]*+)"
    r"|(?P<line>\n+)"
)
_LAST_WORD = re.compile(r"[^\s\"“‘(\[]+$")
_NEXT_WORD = re.compile(r"\w+", re.UNICODE)
SPACELESS_LETTER = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
"""A character of a script that is written without spaces."""
_ENUMERATOR = re.compile(r"\d{1,3}(?:\.\d{1,3})*|[a-z]|[ivx]{1,5}")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")
# Also a field ("Date: …") and a by-line.
_MARKED_LINE = re.compile(
    r"[ \t]*(?:#{1,6}\s|[-*•‣–—]\s|\d{1,3}[.)]\s|\d{1,3}(?:\.\d{1,3})+\.?\s(?=[^\W\d_a-z])|[a-z]\)\s|\||>|"
    r"[A-Z][\w-]{1,15}(?: [\w-]{1,15}){0,2}: |By [A-Z])"
)

# A dot after these never ends a sentence: a name or a number follows.
_BEFORE_NAME = frozenset(
    "mr mrs ms dr prof sen rep gov gen lt col sgt capt cpl maj adm cmdr rev hon pres st mt ft no nos fig figs vol "
    "pp p vs cf eg ie e.g i.e al approx messrs mme mlle sr. dept art arts sec ch para paras cl ref tel ext cat".split()
)
# After these a sentence may end or go on; the next word decides.
_MAY_END_SENTENCE = frozenset(
    "jr sr inc ltd co corp bros etc jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m u.s u.k u.n e.u u.s.a "
    "d.c ph.d b.a m.a".split()
)
_SENTENCE_STARTERS = frozenset(
    "the a an it its he she they we i you this that these those there here in on at as but and or so if when while "
    "after before however meanwhile his her their our my who what why how with for from by to no not".split()
)
# The same in other languages than English, none of them a word of English.
_BEFORE_NAME_ELSEWHERE = frozenset(
    "bzw ca vgl nr abs inkl exkl zzgl evtl ggf sog geb gest frl str dipl anm bsp "
    "sra srta dott dott.ssa sig sig.ra sig.na avv dhr mevr drs bijv blz o.l.v t.a.v m.b.t i.v.m "
    "av avda bd tél tel.nr núm pág pag ej exmo exma dra d.ª prof.ssa".split()
)
_MAY_END_ELSEWHERE = frozenset("mio mrd std usw ecc enz etcétera u.a u.ä o.ä jh jhd e.v".split())
_STARTERS_ELSEWHERE = frozenset(
    "der die das den dem ein eine er sie es wir ich man dies diese dieser in im am auf bei für mit nach aber und oder "
    "le la les un une il elle ils on nous ce cette el los las una lo gli i het de een hij zij o os um uma".split()
)
_GERMAN_MONTHS = frozenset(
    "januar jänner februar märz april mai juni juli august september oktober november dezember".split()
)
_BEFORE_ORDINAL = frozenset(
    "der die das dem den des am im vom zum zur beim bis ab seit jeder jeden jedes jedem ihr sein".split()
)
_MAX_WRAPPED_LINE = 160  # characters; nobody wraps lines wider than this, so longer lines are whole paragraphs
CONTEXT_CHARACTERS = 64  # characters either side of a stop that can change its meaning


def sentence_spans(text: str) -> list[Span]:
    """Return the spans ``(start, end)`` of the sentences of ``text``, in order.

    Spans do not overlap, neither begin nor end with white space, and together hold every character that is not white
    space. A blank line always ends a sentence. A single line break does unless the line looks wrapped, that is, unless
    the next word would not have fitted on it. Time is linear in the text.

    >>> text = "Dr. Lee left at 3 p.m. on Monday. Nobody knew why."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['Dr. Lee left at 3 p.m. on Monday.', 'Nobody knew why.']
    """
    spans: list[Span] = []
    start = 0
    for end in (*_sentence_ends(text), len(text)):
        first, last = trim_span(text, start, end)
        if first < last:
            spans.append((first, last))
        start = end
    return spans


def trim_span(text: str, start: int, end: int) -> Span:
    """Return the span without white space at either side; empty when it holds nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _sentence_ends(text: str) -> Iterator[int]:
    wraps = _wrapped_breaks(text)
    for stop in _STOP.finditer(text):
        if stop["full"]:
            yield stop.end()
        elif stop["line"]:
            if len(stop["line"]) > 1 or stop.start() not in wraps:
                yield stop.end()
        elif _ends_sentence(text, stop):
            yield stop.end()


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    following = text[stop.end() : stop.end() + CONTEXT_CHARACTERS].lstrip()
    bare = following.lstrip(_OPENERS)
    if bare[:1].islower():
        return False
    if stop["spaced"][:1] != "." or stop["spaced"].startswith(".."):
        return True
    before = text[max(0, stop.start() - CONTEXT_CHARACTERS) : stop.start()]
    last = _LAST_WORD.search(before)
    if last is None:
        return True
    return _dot_ends_sentence(last.group(), bare, before[: last.start()].rstrip(" \t"))


def _dot_ends_sentence(word: str, following: str, before: str) -> bool:
    key = word.casefold()
    next_word = _NEXT_WORD.match(following)
    starter = next_word is not None and next_word.group().casefold() in _SENTENCE_STARTERS
    if key in _BEFORE_NAME or key in _BEFORE_NAME_ELSEWHERE:
        return False
    if before[-1:] in ("", "\n") and _ENUMERATOR.fullmatch(key):
        return False  # "1. First point"
    if _is_german(key, following, before) and not starter:
        return False
    if key in _MAY_END_ELSEWHERE:
        return next_word is not None and next_word.group().casefold() in _STARTERS_ELSEWHERE
    initial = len(word) == 1 and word.isupper()
    if initial or key in _MAY_END_SENTENCE or _DOTTED.fullmatch(word):
        return starter
    return True


def _is_german(key: str, following: str, before: str) -> bool:
    """Tell whether the dot belongs to a German number, "12. März" and "im 3. Stock", or to "z. B." and its like."""
    next_word = _NEXT_WORD.match(following)
    if next_word is None:
        return False
    if len(key) == 1 and key.isalpha():
        return len(next_word.group()) == 1 and following[1:2] == "."
    if not (key.isdigit() and len(key) <= 2):  # noqa: PLR2004
        return False
    article = _LAST_WORD.search(before)
    return next_word.group().casefold() in _GERMAN_MONTHS or (
        article is not None and article.group().casefold() in _BEFORE_ORDINAL
    )


def _wrapped_breaks(text: str) -> frozenset[int]:
    """Return the offsets of the line breaks that only wrap a line."""
    wraps: list[int] = []
    lines: list[Span] = []
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if end > start:
            lines.append((start, end))
        else:
            wraps.extend(_wraps_of_block(text, lines))
            lines = []
        start = end + 1
    wraps.extend(_wraps_of_block(text, lines))
    return frozenset(wraps)


def _wraps_of_block(text: str, lines: list[Span]) -> Iterator[int]:
    width = max((end - start for start, end in lines), default=0)
    if width > _MAX_WRAPPED_LINE:
        return
    for (start, end), (next_start, next_end) in pairwise(lines):
        head = text[next_start:next_end].lstrip()
        # A script without spaces may be wrapped after any character.
        first_word = 1 if SPACELESS_LETTER.match(head) else len(head.split(maxsplit=1)[0]) if head else 0
        if end - start + 1 + first_word > width and not _MARKED_LINE.match(text, next_start, next_end):
            yield end
