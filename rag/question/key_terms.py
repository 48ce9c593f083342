"""The names in a question and the words that say what it is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.text.terms import STOPWORDS, terms
from rag.speech.tokens import Token, strip_possessive, tokenize

_NAME_PARTICLES = frozenset("of de da di do del der den la le al el bin van von the and".split())
# Words that say nothing about the subject of a question.
_LIGHT_WORDS = frozenset(
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
_QUESTION_OPENERS = frozenset(
    "did do does is are was were has have had can will would could should may might and but so".split()
)


@dataclass(frozen=True, slots=True)
class Name:
    """A capitalised name in a question: ``question[start:end]``."""

    text: str
    start: int
    end: int


def find_names(question: str) -> list[Name]:
    """Return the names in ``question`` in order, without possessive endings; a number after a name belongs to it.

    >>> [name.text for name in find_names("What did Ines Varga's office say about Line 4?")]
    ['Ines Varga', 'Line 4']
    """
    return list(_iterate_names(tokenize(question)))


def content_words(question: str) -> list[str]:
    """Return the words of ``question`` that say something, in order, without function words and light verbs."""
    found = (strip_possessive(token.text) for token in tokenize(question) if token.text[0].isalnum())
    return [word for word in found if is_content_word(word)]


def is_content_word(word: str) -> bool:
    """Tell whether a word says something about the subject of a question."""
    low = word.casefold()
    return low not in _LIGHT_WORDS and bool(terms(word)) and (len(low) > 1 or low.isdigit())


def topic_words(question: str, most: int) -> list[str]:
    """Return at most ``most`` names and content words of ``question``, in its order; names have priority."""
    named = [name.text for name in find_names(question)]
    inside = {word.casefold() for name in named for word in name.split()}
    others = [word for word in content_words(question) if word.casefold() not in inside]
    kept = list(dict.fromkeys([*named, *others]))[:most]
    return sorted(kept, key=question.find)


def _iterate_names(found: list[Token]) -> Iterator[Name]:
    at = 0
    while at < len(found):
        last = at
        if not _is_name_word(found, at):
            at += 1
            continue
        while last + 1 < len(found) and not found[last].text.endswith(("'s", "’s")):
            step = 2 if found[last + 1].low in _NAME_PARTICLES and found[last + 1].low != "and" else 1
            if last + step >= len(found) or not (
                _is_name_word(found, last + step) or _is_name_number(found[last + step], step)
            ):
                break
            last += step
        text = " ".join(token.text for token in found[at:last]) + " " * (last > at) + strip_possessive(found[last].text)
        yield Name(text, found[at].start, found[at].start + len(text))
        at = last + 1


def _is_name_number(token: Token, step: int) -> bool:
    return step == 1 and token.text[0].isdigit() and not re.fullmatch(r"(?:1[89]|20)\d\d", token.text)


def _is_name_word(found: list[Token], at: int) -> bool:
    token = found[at]
    if not token.text[0].isupper() or token.text == "I":
        return False
    if token.text.isupper() and len(token.text) > 1:
        return not (token.low in STOPWORDS and len(token.text) > 2 and token.text != "WHO")  # noqa: PLR2004
    first = at == 0 or found[at - 1].text in ".?!:;"
    return token.low not in STOPWORDS and not (
        first
        and (token.low in _QUESTION_OPENERS or token.low in _LIGHT_WORDS or _is_capitalized_by_position(found, at))
    )


def _is_capitalized_by_position(found: list[Token], at: int) -> bool:
    """Tell whether only the beginning of the sentence may have capitalised the word: "Summarise the talks"."""
    following = found[at + 1] if at + 1 < len(found) else None
    return following is not None and not following.text[0].isupper() and following.text[0].isalpha()
