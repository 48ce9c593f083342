"""Whose words a question asks for, and whether a speaker is that person."""

import re
from collections.abc import Collection, Iterable, Sequence

from rag.cast import Role, points_to
from rag.fold import fold

_BASE = (
    "say|tell|warn|announce|argue|claim|deny|promise|respond|react|reply|describe|call|suggest|propose|insist|believe|"
    "think|add|explain|predict|urge|demand|threaten|comment|mention|write|tweet|ask|confirm|admit|pledge|vow|criticise|"
    "criticize|accuse|dismiss|reject|defend|praise|blame|complain|acknowledge|estimate|declare|stress|recommend|state|"
    "apologise|apologize|note|answer"
)
_PAST = (
    "said|says|saying|told|tells|warned|announced|argued|claimed|denied|promised|responded|reacted|replied|described|"
    "called|suggested|proposed|insisted|added|explained|predicted|urged|demanded|threatened|wrote|tweeted|confirmed|"
    "admitted|pledged|vowed|criticised|criticized|accused|dismissed|rejected|thinks|believes|declared|estimated"
)
_WHO = r"(?P<who>(?:[^\W_][\w.'’-]*)(?: [\w.'’-]+){0,6}?)"
_VIEW = (
    "view|views|position|opinion|stance|take|response|reaction|warning|statement|comment|comments|remarks|promise|claim|"
    "reply|answer|prediction|estimate|explanation|argument|message|words"
)
_GOES_ON = r"(?:what|who|how|why|when|where|which|is|are|was|were|will|did|does)\b"
_ASKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\baccording to {_WHO}(?=\s*(?:[,?]|$| {_GOES_ON}))",
        rf"\b(?:did|does|do|has|had|have|would) {_WHO} (?:ever |also |publicly |actually )?(?:{_BASE}|{_PAST})\b",
        rf"\b(?:what|how|why|when|that|whether|where) {_WHO} (?:has |had )?(?:{_PAST})\b",
        rf"\b(?:what|how)(?: is|'s|’s|s| was| were| are) {_WHO}(?:['’]s?| s) (?:\w+ )?(?:{_VIEW})\b",
        rf"\b(?:is|was|were|are) {_WHO}['’]s? (?:\w+ )?(?:{_VIEW})\b",
        rf"^{_WHO} (?:said|says) what\b",
        rf"^(?:what|how) (?:is|was) the (?:{_VIEW}) of {_WHO}(?= (?:on|about|to|regarding)\b)",
        rf"\bin {_WHO}['’]s? (?:{_VIEW})\b",
    )
)
_WHO_ASKED = re.compile(
    r"^(?:so |and )?who(?:se)?\b(?: (?:has|had|was it (?:that|who)|also|publicly|first))? "
    rf"(?:{_PAST}|{_VIEW}|called for)\b",
    re.IGNORECASE,
)
# Not somebody: pronouns that would have to be resolved first, texts, and anybody at all.
_NOBODY = frozenset(
    (
        "he she they it i we you this that these those there people anyone anybody someone somebody everyone everybody "
        "article articles text document documents report reports law contract agreement treaty study paper story news "
        "bill one who which passage source sources bible rule rules policy guidelines manual letter book and or both "
        "either neither what his her its their our my your is was are "
        "were be been to"
    ).split()
)
_ARTICLE = re.compile(r"^(?:the|a|an|then|former) ", re.IGNORECASE)
_TITLE = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|sir|dame|lord|lady|prof|professor|president|minister|secretary|mayor|senator|councillor|"
    r"captain|judge|inspector|chief|commissioner|governor|director|doctor|prime|us|defence|foreign)\.? )+(?=\S)",
    re.IGNORECASE,
)


def asked_speaker(question: str) -> str:
    """X of "What did X say about Y", as the question has it, without an article.

    Empty when it asks for nobody's words.
    """
    line = " ".join(question.split())
    for pattern in _ASKS:
        found = pattern.search(line)
        if found:
            who = _ARTICLE.sub("", found["who"].strip(" .,'’"))
            words = fold(who).split()
            if words and not _NOBODY & set(words):
                return who
    return ""


def asks_who(question: str) -> bool:
    """Whether it asks who said something."""
    return bool(_WHO_ASKED.search(" ".join(question.split())))


def same_person(asked: str, speaker: str, roles: Sequence[Role] = (), others: Collection[str] = ()) -> bool:
    """Whether ``asked`` can mean ``speaker``, by surname, full name or role, case and accents aside.

    ``roles`` are the speaker's, ``others`` the other people it could be: a first name alone means somebody only
    when no other bears it.
    """
    wanted, held = tuple(_words(asked)), tuple(_words(speaker))
    if not wanted or not held:
        return False
    role = _as_role(wanted)
    if wanted == held or any(points_to(role, other) or other == role[-1:] for other in (held, *roles)):
        return True
    if asked.isupper() and fold(asked) == "".join(word[0] for word in held if word not in ("of", "the", "and", "for")):
        return True
    plain = _words(_TITLE.sub("", asked))
    if len(plain) == 1 or len(held) == 1:
        return plain[-1] == held[-1] or (plain[0] == held[0] and _only(held, others))
    # A middle name may be left out, the first be an initial; the last must agree.
    initial = len(plain[0]) == 1 and held[0].startswith(plain[0])
    return plain[-1] == held[-1] and (plain[0] == held[0] or initial)


def by_first_name(names: Iterable[str]) -> dict[str, list[str]]:
    """``names`` by their first word, in lower case: the others that a first name alone could mean."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(first_name(name), []).append(name)
    return found


def first_name(name: str) -> str:
    """The first word of ``name`` as it compares; empty where it has none."""
    return next(iter(_words(name)), "")


def _as_role(words: tuple[str, ...]) -> Role:
    """The words with what follows "of" before the head: "mayor of Vessa" as "Vessa mayor"."""
    for at, word in enumerate(words):
        if at and word in ("of", "for", "at"):
            return (*(w for w in words[at + 1 :] if w != "the"), *words[:at])
    return words


def _only(held: Sequence[str], others: Collection[str]) -> bool:
    """Whether nobody else bears the first name."""
    named = (_words(other) for other in others)
    return not any(words[:1] == [held[0]] and words[-1] != held[-1] for words in named)


def _words(name: str) -> list[str]:
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", fold(_ARTICLE.sub("", name.strip())))
    return [*words[:-1], *(word.removesuffix("'s") for word in words[-1:])]
