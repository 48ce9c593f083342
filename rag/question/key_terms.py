"""What a question names and what it is about: its names, its telling words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.text.terms import STOPWORDS, terms
from rag.speech.tokens import Token, bare, tokens

_INSIDE = frozenset("of de da di do del der den la le al el bin van von the and".split())
# They carry a question along and say nothing of its subject.
_LIGHT = frozenset(
    (
        "say says said tell tells told talk talking know knew mean means meant think thinks thought please help want "
        "wants like need needs get gets got give gives gave given explain explains happen happens happened let lets "
        "make makes made thing things way ways lot kind kinds sort information info details detail question questions "
        "answer answers anything something everything nothing anyone someone everyone anybody somebody everybody could "
        "would should may might must shall much many often long far else also really actually still yet even exactly "
        "sure correct true interested wonder wondering curious summarize summarise describe list show ask asked heard "
        "hear read hi hello hey thanks thank yes ok okay well just maybe perhaps according different example examples "
        "one ones another rest instead too either neither ago already back first later moment reason reasons time "
        "view opinion comment mention mentioned come came go goes going take takes took put use used look find see try"
    ).split()
)
_OPENERS = frozenset(
    "did do does is are was were has have had can will would could should may might and but so".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised name in a question: ``question[start:end]``."""

    text: str
    start: int
    end: int


def names(question: str) -> list[Name]:
    """The names in ``question``, in order, without possessive endings; a number after a name belongs to it."""
    return list(_names(tokens(question)))


def content(question: str) -> list[str]:
    """The telling words of ``question``, in order and as written, without function words and light verbs."""
    found = (bare(token.text) for token in tokens(question) if token.text[0].isalnum())
    return [word for word in found if is_telling(word)]


def is_telling(word: str) -> bool:
    """Whether a word says something of what a question is about."""
    low = word.casefold()
    return low not in _LIGHT and bool(terms(word)) and (len(low) > 1 or low.isdigit())


def topic_words(question: str, most: int) -> list[str]:
    """At most ``most`` names and telling words that say what ``question`` is about, in its order; names go first."""
    named = [name.text for name in names(question)]
    inside = {word.casefold() for name in named for word in name.split()}
    others = [word for word in content(question) if word.casefold() not in inside]
    kept = list(dict.fromkeys([*named, *others]))[:most]
    return sorted(kept, key=question.find)


def _names(found: list[Token]) -> Iterator[Name]:
    at = 0
    while at < len(found):
        last = at
        if not _capital(found, at):
            at += 1
            continue
        while last + 1 < len(found) and not found[last].text.endswith(("'s", "’s")):
            step = 2 if found[last + 1].low in _INSIDE and found[last + 1].low != "and" else 1
            if last + step >= len(found) or not (_capital(found, last + step) or _number(found[last + step], step)):
                break
            last += step
        text = " ".join(token.text for token in found[at:last]) + " " * (last > at) + bare(found[last].text)
        yield Name(text, found[at].start, found[at].start + len(text))
        at = last + 1


def _number(token: Token, step: int) -> bool:
    return step == 1 and token.text[0].isdigit() and not re.fullmatch(r"(?:1[89]|20)\d\d", token.text)


def _capital(found: list[Token], at: int) -> bool:
    token = found[at]
    if not token.text[0].isupper() or token.text == "I":
        return False
    if token.text.isupper() and len(token.text) > 1:
        return not (token.low in STOPWORDS and len(token.text) > 2 and token.text != "WHO")  # noqa: PLR2004
    first = at == 0 or found[at - 1].text in ".?!:;"
    return token.low not in STOPWORDS and not (
        first and (token.low in _OPENERS or token.low in _LIGHT or _lone(found, at))
    )


def _lone(found: list[Token], at: int) -> bool:
    """Whether only the sentence's beginning may have capitalised the word: "Summarise the talks"."""
    following = found[at + 1] if at + 1 < len(found) else None
    return following is not None and not following.text[0].isupper() and following.text[0].isalpha()
