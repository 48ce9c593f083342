"""The speaker whose words a question asks for, and whether a given speaker is that person."""

import re
from collections.abc import Collection, Iterable, Sequence

from index.text.terms import fold_word
from rag.speech.lexicon import HONORIFICS, OFFICE_TITLES
from rag.speech.people import Role, can_refer_to

_BASE_VERBS = (
    "say|tell|warn|announce|argue|claim|deny|promise|respond|react|reply|describe|call|suggest|propose|insist|believe|"
    "think|add|explain|predict|urge|demand|threaten|comment|mention|write|tweet|ask|confirm|admit|pledge|vow|criticise|"
    "criticize|accuse|dismiss|reject|defend|praise|blame|complain|acknowledge|estimate|declare|stress|recommend|state|"
    "apologise|apologize|note|answer"
)
_INFLECTED_VERBS = (
    "said|says|saying|told|tells|warned|announced|argued|claimed|denied|promised|responded|reacted|replied|described|"
    "called|suggested|proposed|insisted|added|explained|predicted|urged|demanded|threatened|wrote|tweeted|confirmed|"
    "admitted|pledged|vowed|criticised|criticized|accused|dismissed|rejected|thinks|believes|declared|estimated"
)
_SPEAKER = r"(?P<who>(?:[^\W_][\w.'’-]*)(?: [\w.'’-]+){0,6}?)"
_VIEW_NOUNS = (
    "view|views|position|opinion|stance|take|response|reaction|warning|statement|comment|comments|remarks|promise|claim|"
    "reply|answer|prediction|estimate|explanation|argument|message|words"
)
_CLAUSE_START = r"(?:what|who|how|why|when|where|which|is|are|was|were|will|did|does)\b"
_SPEAKER_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\baccording to {_SPEAKER}(?=\s*(?:[,?]|$| {_CLAUSE_START}))",
        rf"\b(?:did|does|do|has|had|have|would) {_SPEAKER} (?:ever |also |publicly |actually )?"
        rf"(?:{_BASE_VERBS}|{_INFLECTED_VERBS})\b",
        rf"\b(?:what|how|why|when|that|whether|where) {_SPEAKER} (?:has |had )?(?:{_INFLECTED_VERBS})\b",
        rf"\b(?:what|how)(?: is|'s|’s|s| was| were| are) {_SPEAKER}(?:['’]s?| s) (?:\w+ )?(?:{_VIEW_NOUNS})\b",
        rf"\b(?:is|was|were|are) {_SPEAKER}['’]s? (?:\w+ )?(?:{_VIEW_NOUNS})\b",
        rf"^{_SPEAKER} (?:said|says) what\b",
        rf"^(?:what|how) (?:is|was) the (?:{_VIEW_NOUNS}) of {_SPEAKER}(?= (?:on|about|to|regarding)\b)",
        rf"\bin {_SPEAKER}['’]s? (?:{_VIEW_NOUNS})\b",
    )
)
_WHO_SAID = re.compile(
    r"^(?:so |and )?who(?:se)?\b(?: (?:has|had|was it (?:that|who)|also|publicly|first))? "
    rf"(?:{_INFLECTED_VERBS}|{_VIEW_NOUNS}|called for)\b",
    re.IGNORECASE,
)
# Not a speaker: unresolved pronouns, texts, and words for anybody.
_NOT_A_SPEAKER = frozenset(
    (
        "he she they it i we you this that these those there people anyone anybody someone somebody everyone everybody "
        "article articles text document documents report reports law contract agreement treaty study paper story news "
        "bill one who which passage source sources bible rule rules policy guidelines manual letter book and or both "
        "either neither what his her its their our my your is was are "
        "were be been to"
    ).split()
)
_ARTICLE = re.compile(r"^(?:the|a|an|then|former) ", re.IGNORECASE)
_TITLES = HONORIFICS | OFFICE_TITLES | frozenset("councillor commissioner doctor us defence foreign".split())
_TITLE = re.compile(rf"^(?:(?:{'|'.join(sorted(_TITLES))})\.? )+(?=\S)", re.IGNORECASE)


def asked_speaker(question: str) -> str:
    """Return the X of "What did X say about Y", as the question has it, without an article.

    Empty when the question asks for nobody's words.

    >>> asked_speaker("What did the mayor of Vessa say about trams?")
    'mayor of Vessa'
    """
    line = " ".join(question.split())
    for pattern in _SPEAKER_PATTERNS:
        found = pattern.search(line)
        if found:
            who = _ARTICLE.sub("", found["who"].strip(" .,'’"))
            words = fold_word(who).split()
            if words and not _NOT_A_SPEAKER & set(words):
                return who
    return ""


def asks_who(question: str) -> bool:
    """Tell whether the question asks who said something."""
    return bool(_WHO_SAID.search(" ".join(question.split())))


def same_person(asked: str, speaker: str, roles: Sequence[Role] = (), others: Collection[str] = ()) -> bool:
    """Tell whether ``asked`` can mean ``speaker``, by surname, full name or role, without regard to case and accents.

    ``roles`` are the speaker's, ``others`` the other people it could be: a first name alone means somebody only when
    nobody else has it.
    """
    wanted, held = tuple(_name_words(asked)), tuple(_name_words(speaker))
    if not wanted or not held:
        return False
    role = _role_order(wanted)
    if wanted == held or any(can_refer_to(role, other) or other == role[-1:] for other in (held, *roles)):
        return True
    if asked.isupper() and fold_word(asked) == "".join(
        word[0] for word in held if word not in ("of", "the", "and", "for")
    ):
        return True
    plain = _name_words(_TITLE.sub("", asked))
    if len(plain) == 1 or len(held) == 1:
        return plain[-1] == held[-1] or (plain[0] == held[0] and _is_only_bearer(held, others))
    # A middle name may be left out, the first be an initial; the last must agree.
    initial = len(plain[0]) == 1 and held[0].startswith(plain[0])
    return plain[-1] == held[-1] and (plain[0] == held[0] or initial)


def group_by_first_name(names: Iterable[str]) -> dict[str, list[str]]:
    """Group ``names`` by their folded first word: the people that a first name alone could mean."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(first_name(name), []).append(name)
    return found


def first_name(name: str) -> str:
    """Return the first word of ``name``, folded; empty where it has none."""
    return next(iter(_name_words(name)), "")


def _role_order(words: tuple[str, ...]) -> Role:
    """Return the words with what follows "of" before the head: "mayor of Vessa" as "Vessa mayor"."""
    for at, word in enumerate(words):
        if at and word in ("of", "for", "at"):
            return (*(w for w in words[at + 1 :] if w != "the"), *words[:at])
    return words


def _is_only_bearer(held: Sequence[str], others: Collection[str]) -> bool:
    """Tell whether nobody else has the first name."""
    named = (_name_words(other) for other in others)
    return not any(words[:1] == [held[0]] and words[-1] != held[-1] for words in named)


def _name_words(name: str) -> list[str]:
    words = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", fold_word(_ARTICLE.sub("", name.strip())))
    return [*words[:-1], *(word.removesuffix("'s") for word in words[-1:])]
