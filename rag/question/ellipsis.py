"""Fragments that change one part of the question before them: "and in 2024?", "what about Germany?", "why?"."""

import re
from datetime import date

from rag.question.key_terms import Name, names
from rag.question.time_expressions import read_period
from rag.speech.asked_speaker import asked_speaker
from rag.speech.lexicon import GROUPS, ROLES
from rag.speech.tokens import tokens

_FRAME = re.compile(
    r"^(?:(?:and|but|or|so|also|then|no|not that|sorry|actually|rather|i (?:meant|mean)|(?:what|how) about"
    r"|is (?:it|that) the same)\b[\s,:]*)+",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?P<word>about|on|regarding|for|in|at|by|with|to|from|against|under)\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_ABOUT = ("about", "on", "regarding")
_STOPS = frozenset(
    (
        "about on regarding for in at by with to from against under over after before during since until and or but "
        "when where why how who which that because if while is are was were will would did does do has have had can "
        "could should say said tell told think"
    ).split()
)
_CLAUSE = frozenset(
    (
        "what who whom whose which when where why how is are was were do does did has have had will would can could "
        "should may might must i you he she it they we me him her them tell give explain that this those these there"
    ).split()
)
_LONGEST = 8  # words of a fragment
_BARE = re.compile(
    r"^(?:and |but |so )*(?P<word>why|when|where|how)(?: so| exactly| not| then| is that| was that| did that happen)?$",
    re.IGNORECASE,
)
_TURNED = re.compile(
    r"^(?:(?:when|where|how|why) )?"
    r"(?P<rest>(?:did|do|does|is|are|was|were|will|would|can|could|has|have|had|should)\s.+)$",
    re.IGNORECASE,
)


def completed(question: str, before: str, today: date) -> str:
    """``question`` made whole from the question ``before``, where one part of that can be told to change; else empty.

    "And in 2024?" after "What did Varga say about the tram in 2023?" is "What did Varga say about the tram in
    2024?". A stale time is never kept beside a new one.
    """
    bare = question.strip().rstrip("?!. ")
    turned = _asked_back(bare, before)
    if turned:
        return turned
    fragment = _FRAME.sub("", bare)
    if not fragment or "?" in fragment or "(" in fragment:
        return ""
    timed = _with_time(fragment, before, today)
    if timed:
        return timed
    words = [token.low for token in tokens(fragment)]
    if fragment == bare or len(words) > _LONGEST or _CLAUSE & set(words):
        return ""
    period = read_period(fragment, today)
    if period.bounded:
        made = _with_part(period.question, read_period(before, today).question)
        return made and _ending(made, period.words)
    return _with_part(fragment, before)


def _asked_back(bare: str, before: str) -> str:
    asked, turned = _BARE.match(bare), _TURNED.match(before)
    if not asked or not turned:
        return ""
    rest = turned["rest"].rstrip("?!. ")
    return f"{asked['word'].capitalize()} {rest[0].lower()}{rest[1:]}?"


def _with_time(fragment: str, before: str, today: date) -> str:
    for words in (fragment, f"in {fragment}"):
        period = read_period(words, today)
        if period.bounded and period.words == words:
            return _ending(read_period(before, today).question, words)
    return ""


def _with_part(fragment: str, before: str) -> str:
    return _with_phrase(fragment, before) or _with_name(fragment, before)


def _with_phrase(fragment: str, before: str) -> str:
    """The question with another "about …" or "in …"."""
    given = _PREPOSITION.match(fragment)
    if given is None:
        return "" if fragment[0].isupper() or _is_somebody(fragment) else _swapped(before, _ABOUT, fragment)
    word, rest = given["word"].lower(), given["rest"]
    alike = _ABOUT if word in _ABOUT else (word,)
    swapped = _swapped(before, alike, rest)
    if swapped:
        return swapped
    return _ending(before, fragment) if word not in _ABOUT or asked_speaker(before) else ""


def _swapped(before: str, words: tuple[str, ...], rest: str) -> str:
    """``before`` with ``rest`` after the last of ``words``, in place of what stands there."""
    found = tokens(before)
    at = next((n for n in range(len(found) - 1, 0, -1) if found[n].low in words), None)
    if at is None or at + 1 >= len(found):
        return ""
    last = at + 1
    while last + 1 < len(found) and found[last + 1].low not in _STOPS and found[last + 1].text[0].isalnum():
        last += 1
    return before[: found[at + 1].start] + rest + before[found[last].end :]


def _with_name(fragment: str, before: str) -> str:
    """The question asked of somebody or something else: the one name in it, or whose words it asks for."""
    given = names(fragment[0].upper() + fragment[1:])
    if not (_is_somebody(fragment) or (len(given) == 1 and fragment[0].isupper())):
        return ""
    place = _asked_place(before)
    if place is None:
        held = names(before)
        place = held[0] if len(held) == 1 and not _is_somebody(fragment) else None
    return before[: place.start] + fragment + before[place.end :] if place else ""


def _asked_place(before: str) -> Name | None:
    who = asked_speaker(before)
    found = re.search(rf"(?:\b(?:the|a|an) )?{re.escape(who)}", before, re.IGNORECASE) if who else None
    return Name(found.group(), *found.span()) if found else None


def _is_somebody(fragment: str) -> bool:
    found = tokens(fragment)
    return len(found) > 1 and found[0].low in ("the", "her", "his", "their") and found[-1].low in ROLES | GROUPS


def _ending(before: str, words: str) -> str:
    return f"{before.rstrip('?!. ')} {words}?"
