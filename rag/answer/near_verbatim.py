"""Find where a text carries the words of another, small edits apart."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from index.text.terms import STOPWORDS, fold_word_spans

_MIN_CARRIED = 0.85  # share of the words looked for, in order
_MAX_EXTRA_WORDS = 3  # and a fifth of the words looked for, that may have been inserted
_MIN_NAME_SIMILARITY = 0.75  # "Defence" and "Defense" reach it, "Wednesday" and "Tuesday" do not
_NEGATIONS = frozenset("not no never nor neither without none cannot nobody nothing t".split())  # t as in "didn’t"
# "VELDMARK, Feb. 12 (Wire) - ", "Paris (AFP) — ": each outlet writes its own before the first sentence. Possessive, so
# that a line of commas and capitals takes no longer than prose.
_DATELINE = re.compile(
    r"(?:[A-Z][A-Z.’'-]++(?:[\s,]++[A-Z\d(][^\s—–]{0,30}+){0,7}+"
    r"|[A-Z][\w.’'-]++(?:[\s,]++[A-Z\d][^\s—–]{0,30}+){0,6}+\s*+\([^\n()]{2,30}+\))"
    r"\s*+[—–-]{1,2}+\s++(?=\W*\w)"
)

_Word = tuple[str, int, int]
_Opcode = tuple[str, int, int, int, int]


def find_near_verbatim(words: str, text: str) -> tuple[int, int] | None:
    """Return the span of ``text`` that says what ``words`` say, with the marks that touch it; None where there is none.

    Nearly all the words stand there in the same order, with little between them. A number or a negation that was added,
    lost or changed makes another statement, and so does one name in the place of another, spelling aside (names by
    their capital letter, negations in English). A dateline before the words is ignored.

    >>> find_near_verbatim("The bridge will close on Monday.", "Look: the bridge will close on Monday. Boats may pass.")
    (6, 38)
    """
    dateline = _DATELINE.match(words)
    words = words[dateline.end() :] if dateline else words
    wanted, here = fold_word_spans(words), fold_word_spans(text)
    plain = [word for word, _, _ in wanted]
    if len(set(plain) & {word for word, _, _ in here}) < _MIN_CARRIED * len(set(plain)) or not plain:
        return None
    slack = _MAX_EXTRA_WORDS + len(plain) // 5
    matcher = SequenceMatcher(None, [word for word, _, _ in here], plain, autojunk=False)
    core = matcher.find_longest_match()
    first = max(0, core.a - core.b - slack)
    window = here[first : core.a + len(plain) - core.b + slack]
    steps = _trim_ends(SequenceMatcher(None, [word for word, _, _ in window], plain, autojunk=False).get_opcodes())
    same = sum(j2 - j1 for kind, _, _, j1, j2 in steps if kind == "equal")
    extra = sum(i2 - i1 for kind, i1, i2, _, _ in steps if kind != "equal")
    if same < _MIN_CARRIED * len(plain) or extra > slack:
        return None
    if any(_changes_meaning(window[i1:i2], wanted[j1:j2], text, words) for _, i1, i2, j1, j2 in steps):
        return None
    return _extend_over_marks(text, window[steps[0][1]][1], window[steps[-1][2] - 1][2])


def _extend_over_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the quotation marks and stops that touch it."""
    while start > 0 and not (text[start - 1].isspace() or text[start - 1].isalnum()):
        start -= 1
    while end < len(text) and not (text[end].isspace() or text[end].isalnum()):
        end += 1
    return start, end


def _trim_ends(steps: Sequence[_Opcode]) -> list[_Opcode]:
    """Return the steps without what stands before the first and after the last word looked for."""
    inner = list(steps)
    for end in (0, -1):
        if inner and inner[end][0] == "delete":
            inner.pop(end)
    if inner and inner[0][0] == "replace":
        kind, i1, i2, j1, j2 = inner[0]
        inner[0] = (kind, max(i1, i2 - (j2 - j1)), i2, j1, j2)
    if inner and inner[-1][0] == "replace":
        kind, i1, i2, j1, j2 = inner[-1]
        inner[-1] = (kind, i1, min(i2, i1 + (j2 - j1)), j1, j2)
    return inner


def _changes_meaning(here: Sequence[_Word], wanted: Sequence[_Word], text: str, words: str) -> bool:
    if _numbers_and_negations(here) != _numbers_and_negations(wanted):
        return True
    one, other = _name_letters(here, text), _name_letters(wanted, words)
    return bool(one and other) and SequenceMatcher(None, one, other, autojunk=False).ratio() < _MIN_NAME_SIMILARITY


def _numbers_and_negations(words: Sequence[_Word]) -> list[str]:
    """Return the numbers in order, and "not" for each negation."""
    return ["not" if word in _NEGATIONS else word for word, _, _ in words if word in _NEGATIONS or word[0].isdigit()]


def _name_letters(words: Sequence[_Word], text: str) -> str:
    return "".join(word for word, start, _ in words if text[start].isupper() and word not in STOPWORDS)
