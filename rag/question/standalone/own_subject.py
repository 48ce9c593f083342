"""Tell whether a short question names what it is about: "are dogs allowed", "how much is a locker", "parking cost"."""

import re
from collections.abc import Collection
from itertools import pairwise

from index.text.terms import STOPWORDS
from rag.question.key_terms import content_words, is_content_word
from rag.question.standalone.definite_nouns import definite_nouns
from rag.speech.asked_speaker import asked_speaker
from rag.speech.lexicon import GROUPS, ROLES
from rag.speech.tokens import strip_possessive, tokenize

_INTRODUCES = frozenset("a an any my our your no there need get offer sell serve".split())
_AUXILIARIES = frozenset("is are was were do does did can will would must should may has have".split())
_WHO_IS = re.compile(
    r"^(?:so |and )?who(?:['’]?s| is| was| are) (?:the|our|your) "
    r"(?!(?:first|second|third|last|next|other|same|one|responsible|right|wrong)\b)[a-z][\w-]*(?: [\w-]+){0,3}\W*$",
    re.IGNORECASE,
)
_ASKER = frozenset("i we".split())
_QUESTION_WORDS = frozenset(
    (
        "what who whom whose which when where why how that this these those there is are was were do does did has have "
        "had can could will would shall should may might must tell give show say explain list name find more other"
    ).split()
)
_FEWEST_KEYWORDS = 2


def has_own_subject(question: str) -> bool:
    """Tell whether ``question``, which points at nothing said before, names what it asks about.

    A noun with "a" or "my", or one without an article after the verb ("is breakfast included"), is brought up anew, and
    so is what the asker does ("can I pay cash"), what a person is asked to have said something about, who holds an
    office, and what keywords alone name.

    >>> has_own_subject("are dogs allowed"), has_own_subject("who pays")
    (True, False)
    """
    found = tokenize(question)
    words = [strip_possessive(token.text).casefold() for token in found if token.text[0].isalnum()]
    telling = len(content_words(question))
    if not words or not telling:
        return False
    if not _QUESTION_WORDS & set(words):
        return telling >= _FEWEST_KEYWORDS and "the" not in words
    if _WHO_IS.match(question.strip()) or (asked_speaker(question) and telling >= _FEWEST_KEYWORDS):
        return True
    if telling >= _FEWEST_KEYWORDS and _ASKER & set(words):
        return True
    if "you have" in " ".join(words) and telling:
        return True
    verb_at = next((n for n, word in enumerate(words) if word in _AUXILIARIES), len(words))
    return any(
        is_content_word(after) and after not in STOPWORDS and (word in _INTRODUCES or n == verb_at)
        for n, (word, after) in enumerate(pairwise(words))
        # "Who was hurt?" has no subject behind its verb, "How many were hurt?" neither.
        if word in _INTRODUCES
        or (words[0] not in ("who", "what") and words[max(0, n - 1)] not in ("many", "much"))
        or (words[0] == "how" and words[max(0, n - 1)] == "much")
    )


def begins_subject(question: str, signals: Collection[str]) -> bool:
    """Tell whether a question with these ``signals`` is as likely to begin a new subject: "is the sauna free".

    A thing may be spoken of as known though nobody spoke of it yet; a person or a group ("did the mayor agree") was
    mostly spoken of, unless the question asks who did something to them. What the asker does needs no earlier turn.
    """
    if not signals or not set(signals) <= {"definite", "short"}:
        return False
    if "short" not in signals:
        return True
    words = [token.low for token in tokenize(question)]
    if "definite" in signals:
        return words[0] == "who" or not any(noun in ROLES | GROUPS for noun in definite_nouns(tokenize(question)))
    return bool(content_words(question)) and bool(_ASKER & set(words))
