"""Replace "he" or "she" by the person it means, where only one person of the earlier turn can be meant."""

import re
from collections.abc import Sequence
from itertools import pairwise

from index.text.sentences import sentence_spans
from index.text.terms import fold_word
from rag.question.key_terms import find_names
from rag.question.standalone.followup_signals import PERSONAL_PRONOUNS
from rag.speech.asked_speaker import asked_speaker
from rag.speech.lexicon import (
    CLAUSE_REPORTING_VERBS,
    FEMALE_WORDS,
    GROUPS,
    INVERTIBLE_VERBS,
    MALE_WORDS,
    REPORTING_VERBS,
    ROLES,
)
from rag.speech.tokens import Token, tokenize

_POSSESSIVE = ("his", "her", "hers")
_NOT_POSSESSED = frozenset("about of for to in on at with and or but say said think the a an that after before".split())
_REPORTING_VERBS = REPORTING_VERBS | CLAUSE_REPORTING_VERBS | INVERTIBLE_VERBS
_ASKS_WHO = re.compile(r"(?:and |so |but )?who\b", re.IGNORECASE)
_OFFICE = re.compile(r" (?:of|for) ")  # "Head of Finance" is what somebody is
# "the Senate", "in Kestrel Bay", "to Halden airport" and "the airline Northcargo" are not people.
_BEFORE_PLACE = re.compile(
    r"\b(?:the|in|at|near|from|to|on|outside|airline|company|firm|group|club|bank|shop|party|paper|ship) \Z",
    re.IGNORECASE,
)


def resolve_pronoun(question: str, pronouns: Sequence[Token], before: str, answer: str) -> str:
    """Return ``question`` with the first of its ``pronouns`` replaced by the one person it can mean; else empty."""
    first = next((token for token in pronouns if token.low in PERSONAL_PRONOUNS), None)
    if first is None:
        return ""
    person = (
        _only_match(_people_asked_about(before), first.low)
        or _only_match(_named_speakers(answer), first.low)
        or (_only_match(_named_speakers(_first_sentence(answer)), first.low) if _ASKS_WHO.match(before) else "")
    )
    if not person:
        return ""
    owns = first.low in _POSSESSIVE and _is_possessive_use(question, first)
    meant = f"{person}’s" if owns else person
    return question[: first.start] + meant + question[first.end :]


def _people_asked_about(before: str) -> list[str]:
    """Return the people that the earlier question is about: the speaker it asks for, else its names and roles."""
    who = asked_speaker(before)
    if who and not _is_plural(who):
        return [_with_article(who, before)]
    return _named_people(before) or _role_phrases(before)


def _is_plural(who: str) -> bool:
    last = fold_word(who).split()[-1]
    return last in GROUPS or (who.islower() and last.endswith("s") and last not in ROLES)


def _with_article(who: str, before: str) -> str:
    return f"the {who}" if f"the {who}" in before else who


def _named_people(text: str) -> list[str]:
    found = [name.text for name in find_names(text) if not _BEFORE_PLACE.search(text[: name.start])]
    found = [name for name in found if not any(map(str.isdigit, name))]  # "Article 5"
    # A surname stands for the full name beside it.
    return [name for name in dict.fromkeys(found) if not any(_is_short_for(name, other) for other in found)]


def _named_speakers(answer: str) -> list[str]:
    """Return the people an answer names: in full, or beside a verb of saying."""
    found = tokenize(answer)
    saying = {a.text for a, b in pairwise(found) if b.low in _REPORTING_VERBS} | {
        b.text for a, b in pairwise(found) if a.low in _REPORTING_VERBS
    }
    return [name for name in _named_people(answer) if (" " in name and not _OFFICE.search(name)) or name in saying]


def _first_sentence(answer: str) -> str:
    """Return the sentence that says who it was; others may only add to it."""
    spans = sentence_spans(answer)
    return answer[slice(*spans[0])] if spans else ""


def _is_short_for(name: str, other: str) -> bool:
    return name != other and fold_word(name) in fold_word(other).split()


def _role_phrases(text: str) -> list[str]:
    found = tokenize(text)
    pairs = pairwise(found)
    return [f"{one.text.lower()} {noun.text}" for one, noun in pairs if one.low == "the" and noun.low in ROLES]


def _only_match(people: Sequence[str], pronoun: str) -> str:
    gender = FEMALE_WORDS if pronoun in ("he", "him", "his") else MALE_WORDS
    possible = [person for person in people if not gender & set(fold_word(person).split())]
    return possible[0] if len(possible) == 1 else ""


def _is_possessive_use(question: str, pronoun: Token) -> bool:
    following = next((token for token in tokenize(question) if token.start > pronoun.start), None)
    return following is not None and following.text[0].isalnum() and following.low not in _NOT_POSSESSED
