"""Whom "he" or "she" means, where one person of the turn before can be meant."""

import re
from collections.abc import Sequence
from itertools import pairwise

from index.text.casefold import fold
from rag.question.followup_signals import PERSONAL
from rag.question.key_terms import names
from rag.speech.asked_speaker import asked_speaker
from rag.speech.lexicon import ALWAYS, GROUPS, INVERTIBLE, MEN, ROLES, WITH_CLAUSE, WOMEN
from rag.speech.tokens import Token, tokens

_POSSESSIVE = ("his", "her", "hers")
_NOT_OWNED = frozenset("about of for to in on at with and or but say said think the a an that after before".split())
_SAYING = ALWAYS | WITH_CLAUSE | INVERTIBLE
# "the Senate", "in Kestrel Bay" and "to Halden airport" are nobody.
_PLACED = re.compile(r"\b(?:the|in|at|near|from|to|on|outside) \Z", re.IGNORECASE)


def with_antecedent(question: str, pronouns: Sequence[Token], before: str, answer: str) -> str:
    """``question`` with the first of its ``pronouns`` replaced by the one person it can mean; else empty."""
    first = next((token for token in pronouns if token.low in PERSONAL), None)
    if first is None:
        return ""
    person = _one(_people(before), first.low) or _one(_speakers(answer), first.low)
    if not person:
        return ""
    owns = first.low in _POSSESSIVE and _owns(question, first)
    meant = f"{person}’s" if owns else person
    return question[: first.start] + meant + question[first.end :]


def _people(before: str) -> list[str]:
    """Who the question before is about: whom it asks after, else its names and roles."""
    who = asked_speaker(before)
    if who and not _are_several(who):
        return [_with_article(who, before)]
    return _named(before) or _in_roles(before)


def _are_several(who: str) -> bool:
    last = fold(who).split()[-1]
    return last in GROUPS or (who.islower() and last.endswith("s") and last not in ROLES)


def _with_article(who: str, before: str) -> str:
    return f"the {who}" if f"the {who}" in before else who


def _named(text: str) -> list[str]:
    found = [name.text for name in names(text) if not _PLACED.search(text[: name.start])]
    # A surname is the full name that stands there too.
    return [name for name in dict.fromkeys(found) if not any(_short_for(name, other) for other in found)]


def _speakers(answer: str) -> list[str]:
    """Whom an answer names as people are named: in full, or beside a verb of saying."""
    found = tokens(answer)
    saying = {a.text for a, b in pairwise(found) if b.low in _SAYING} | {
        b.text for a, b in pairwise(found) if a.low in _SAYING
    }
    return [name for name in _named(answer) if " " in name or name in saying]


def _short_for(name: str, other: str) -> bool:
    return name != other and fold(name) in fold(other).split()


def _in_roles(text: str) -> list[str]:
    found = tokens(text)
    pairs = pairwise(found)
    return [f"{one.text.lower()} {noun.text}" for one, noun in pairs if one.low == "the" and noun.low in ROLES]


def _one(people: Sequence[str], pronoun: str) -> str:
    gender = WOMEN if pronoun in ("he", "him", "his") else MEN
    possible = [person for person in people if not gender & set(fold(person).split())]
    return possible[0] if len(possible) == 1 else ""


def _owns(question: str, pronoun: Token) -> bool:
    following = next((token for token in tokens(question) if token.start > pronoun.start), None)
    return following is not None and following.text[0].isalnum() and following.low not in _NOT_OWNED
