"""Complete fragments that change one part of the earlier question: "and in 2024?", "what about Germany?", "why?"."""

import re
from datetime import date

from index.text.terms import fold_word
from rag.question.key_terms import Name, find_names, is_content_word
from rag.question.time_expressions import parse_period
from rag.speech.asked_speaker import asked_speaker
from rag.speech.lexicon import GROUPS, ROLES
from rag.speech.tokens import tokenize

_LEAD_IN = re.compile(
    r"^(?:(?:and|but|or|so|also|then|no|not that|sorry|actually|rather|i (?:meant|mean)|(?:what|how) about"
    r"|is (?:it|that) the same)\b[\s,:]*)+",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?P<word>about|on|regarding|for|in|at|by|with|to|from|against|under)\s+(?P<rest>\S.*)$", re.IGNORECASE
)
_ABOUT = ("about", "on", "regarding")
_PHRASE_ENDS = frozenset(
    (
        "about on regarding for in at by with to from against under over after before during since until and or but "
        "when where why how who which that because if while is are was were will would did does do has have had can "
        "could should say said tell told think"
    ).split()
)
_CLAUSE_WORDS = frozenset(
    (
        "what who whom whose which when where why how is are was were do does did has have had will would can could "
        "should may might must i you he she it they we me him her them tell give explain that this those these there"
    ).split()
)
_CODE = re.compile(r"(?P<letters>(?<![\w.,])[A-Za-z]{0,4}-?)(?P<number>\d{1,6})(?![\w%]|[.,]\d)")
_MAX_FRAGMENT_WORDS = 8  # a longer question is no fragment
_BARE_QUESTION_WORD = re.compile(
    r"^(?:and |but |so )*(?P<word>why|when|where|how(?: long| often| far)?|(?:since|until|till) when)"
    r"(?: so| exactly| then| is that| was that| did that happen)?$",
    re.IGNORECASE,
)
_YES_NO_QUESTION = re.compile(
    r"^(?:(?:when|where|how|why|how long|how often) )?"
    r"(?P<rest>(?:did|do|does|is|are|was|were|will|would|can|could|has|have|had|should)\s.+)$",
    re.IGNORECASE,
)


def complete_fragment(question: str, before: str, today: date) -> str:
    """Return the question ``before`` with the part changed that ``question`` names; empty where that is not clear.

    "And in 2024?" after "What did Varga say about the tram in 2023?" is "What did Varga say about the tram in 2024?".
    An old time is never kept beside a new one.
    """
    bare = question.strip().rstrip("?!. ")
    turned = _with_question_word(bare, before)
    if turned:
        return turned
    fragment = _LEAD_IN.sub("", bare)
    if not fragment or "?" in fragment or "(" in fragment:
        return ""
    timed = _with_time(fragment, before, today)
    if timed:
        return timed
    words = [token.low for token in tokenize(fragment)]
    if fragment == bare or len(words) > _MAX_FRAGMENT_WORDS or _CLAUSE_WORDS & set(words):
        return ""
    period = parse_period(fragment, today)
    if period.bounded:
        made = _with_fragment(period.question, parse_period(before, today).question)
        return made and _with_ending(made, period.words)
    return _with_fragment(fragment, before)


def _with_question_word(bare: str, before: str) -> str:
    asked, turned = _BARE_QUESTION_WORD.match(bare), _YES_NO_QUESTION.match(before)
    if not asked or not turned:
        return ""
    rest = turned["rest"].rstrip("?!. ")
    return f"{asked['word'].capitalize()} {rest[0].lower()}{rest[1:]}?"


def _with_time(fragment: str, before: str, today: date) -> str:
    for words in (fragment, f"in {fragment}"):
        period = parse_period(words, today)
        if period.bounded and period.words == words:
            return _with_ending(parse_period(before, today).question, words)
    return ""


def _with_fragment(fragment: str, before: str) -> str:
    return (
        _with_code(fragment, before)
        or _with_phrase(fragment, before)
        or _with_name(fragment, before)
        or _with_like_thing(fragment, before)
    )


def _with_code(fragment: str, before: str) -> str:
    """Return the question about another code or number: "and E04" or "and 04" after one about E01."""
    given = _CODE.fullmatch(fragment)
    held = [found for found in _CODE.finditer(before) if given and len(found["number"]) == len(given["number"])]
    if given is None or len(held) != 1 or (given["letters"] and not held[0]["letters"]):
        return ""
    return (
        before[: held[0].start()] + (given["letters"] or held[0]["letters"]) + given["number"] + before[held[0].end() :]
    )


def _with_phrase(fragment: str, before: str) -> str:
    """Return the question with another "about …" or "in …"."""
    given = _PREPOSITION.match(fragment)
    if given is None:
        return "" if fragment[0].isupper() or _is_role_phrase(fragment) else _replace_object(before, _ABOUT, fragment)
    word, rest = given["word"].lower(), given["rest"]
    alike = _ABOUT if word in _ABOUT else (word,)
    swapped = _replace_object(before, alike, rest) or _with_like_thing(rest, before)
    if swapped:
        return swapped
    return _with_ending(before, fragment) if word not in _ABOUT or asked_speaker(before) else ""


def _replace_object(before: str, words: tuple[str, ...], rest: str) -> str:
    """Return ``before`` with ``rest`` after the last of ``words``, in place of what stands there."""
    found = tokenize(before)
    at = next((n for n in range(len(found) - 1, 0, -1) if found[n].low in words), None)
    if at is None or at + 1 >= len(found):
        return ""
    last = at + 1
    while last + 1 < len(found) and found[last + 1].low not in _PHRASE_ENDS and found[last + 1].text[0].isalnum():
        last += 1
    return before[: found[at + 1].start] + rest + before[found[last].end :]


def _with_name(fragment: str, before: str) -> str:
    """Return the question about somebody or something else: in place of its one name, or of the speaker it asks for."""
    given = find_names(fragment[0].upper() + fragment[1:])
    if not (_is_role_phrase(fragment) or (len(given) == 1 and fragment[0].isupper())):
        return ""
    place = _find_asked_speaker(before)
    if place is None:
        held = find_names(before)
        place = held[0] if len(held) == 1 and not _is_role_phrase(fragment) else None
    return before[: place.start] + fragment + before[place.end :] if place else ""


def _with_like_thing(fragment: str, before: str) -> str:
    """Return the question about another of its kind: "the lake room" after one about the garden room."""
    kind = fold_word(tokenize(fragment)[-1].text)
    found = tokenize(before)
    last = next((n for n in range(len(found) - 1, 0, -1) if fold_word(found[n].text) == kind), None)
    if last is None or len(tokenize(fragment)) == 1:
        return ""
    first = last
    while first > 0 and is_content_word(found[first - 1].text) and found[first - 1].text[0].isalnum():
        first -= 1
    if first == last:
        return ""
    if first > 0 and found[first - 1].low in ("the", "a", "an"):
        first -= 1
    return before[: found[first].start] + fragment + before[found[last].end :]


def _find_asked_speaker(before: str) -> Name | None:
    who = asked_speaker(before)
    found = re.search(rf"(?:\b(?:the|a|an) )?{re.escape(who)}", before, re.IGNORECASE) if who else None
    return Name(found.group(), *found.span()) if found else None


def _is_role_phrase(fragment: str) -> bool:
    found = tokenize(fragment)
    return len(found) > 1 and found[0].low in ("the", "her", "his", "their") and found[-1].low in ROLES | GROUPS


def _with_ending(before: str, words: str) -> str:
    return f"{before.rstrip('?!. ')} {words}?"
