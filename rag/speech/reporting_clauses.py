"""Find reporting clauses in the tokens of a sentence: "X said", "said X", "according to X", "X's warning that"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.speech.lexicon import (
    CLAUSE_REPORTING_VERBS,
    GROUPS,
    INVERTIBLE_VERBS,
    REPORTING_PARTICIPLES,
    REPORTING_VERBS,
    SPEECH_NOUNS,
)
from rag.speech.noun_phrases import Phrase, phrase_before, phrase_ending, phrase_starting, sentence_subject
from rag.speech.tokens import Token, is_possessive
from rag.speech.word_classes import DAY_WORDS

_VERBS_OF_ANY_NOUN = frozenset("said says told tells warned argued insisted replied explained announced".split())
_MODALS = frozenset(
    "would will could should must can may might had has have was were is are cannot did does wouldn't won't".split()
)
_SUBORDINATE = frozenset(
    "when if after before while as since because although though unless whether what until".split()
)
_MAX_CLAUSE_TOKENS = 12  # tokens


@dataclass(frozen=True, slots=True)
class ReportingClause:
    """A reporting clause: its speaker, its tokens, and whether it is subordinate to another clause."""

    speaker: Phrase
    first: int
    last: int
    subordinate: bool


def find_reporting_clauses(found: Sequence[Token]) -> Iterator[ReportingClause]:
    """Yield the reporting clauses of a sentence, in order. Quoted words are masked and yield none."""
    for at, token in enumerate(found):
        who = _speaker_at(found, at)
        if who is not None:
            first, last = min(who.first, at), max(who.last, at)
            ahead = found[first - 1].low if first else ""
            yield ReportingClause(who, first, last, ahead in _SUBORDINATE and token.low != "according")


def _speaker_at(found: Sequence[Token], at: int) -> Phrase | None:
    """Return who speaks by the word at ``at``, if that is a word of reporting."""
    word, low = found[at].text, found[at].low
    if is_possessive(word):
        return _owner_of_noun(found, at)
    if low == "according" and at + 2 < len(found) and found[at + 1].low == "to":
        return _object_pronoun(found, at + 2) or phrase_starting(found, at + 2)
    if low == "saying" and at > 1 and (found[at - 2].low, found[at - 1].low) == ("quoted", "as"):
        return phrase_before([*found[: at - 2], found[at]], at - 2)
    if low in REPORTING_PARTICIPLES and at and found[at - 1].text == ",":
        return sentence_subject(found[: at - 1])
    return _speaker_of_verb(found, at) if word.islower() else None


def _object_pronoun(found: Sequence[Token], at: int) -> Phrase | None:
    """Return "him" or "her" standing alone, as the subject it would be."""
    alone = at + 1 >= len(found) or not found[at + 1].text[:1].isalnum()
    meant = {"him": "he", "her": "she"}.get(found[at].low) if alone else None
    return Phrase(at, at, pronoun=meant) if meant else None


def _speaker_of_verb(found: Sequence[Token], at: int) -> Phrase | None:
    low = found[at].low
    if low == "say":
        subject = phrase_before(found, at)
        return subject if subject and subject.role and subject.role[-1] in GROUPS else None
    reports = low in REPORTING_VERBS or (low in CLAUSE_REPORTING_VERBS and _has_clause(found, at))
    if not reports or (at + 1 < len(found) and found[at + 1].low == "than"):
        return None
    beside = bool(at) and (
        found[at - 1].is_quoted or (found[at - 1].text == "," and at > 1 and found[at - 2].is_quoted)
    )
    after = (
        _subject_after_verb(found, at)
        if low in INVERTIBLE_VERBS and at and (beside or found[at - 1].text == ",")
        else None
    )
    if after and (beside or after.last + 1 >= len(found) or found[after.last + 1].text == "."):
        return after
    return phrase_before(found, at, any_noun=low in _VERBS_OF_ANY_NOUN) or (after if after and after.name else None)


def _subject_after_verb(found: Sequence[Token], at: int) -> Phrase | None:
    """Return the subject after the verb."""
    phrase = phrase_starting(found, at + 1)
    return phrase if phrase and not phrase.pronoun else None


def _owner_of_noun(found: Sequence[Token], at: int) -> Phrase | None:
    """Return whose "warning that …" it is."""
    for noun in (at + 1, at + 2):
        if noun < len(found) and found[noun].low in SPEECH_NOUNS:
            following = found[noun + 1 : noun + 7]
            if any(t.low in ("that", ":", "said", "says") or t.is_quoted for t in following):
                plain = replace(found[at], text=found[at].text[:-2])
                return phrase_ending([*found[:at], plain], at)
    return None


def _has_clause(found: Sequence[Token], at: int) -> bool:
    """Tell whether what follows the verb, or stands before it, is what was said."""
    before = found[at - 1] if at else None
    skipped = 2 if at + 2 < len(found) and found[at + 1].low == "on" and found[at + 2].low in DAY_WORDS else 0
    following = found[at + 1 + skipped : at + 1 + _MAX_CLAUSE_TOKENS]
    if not following or following[0].text in ".,;":
        return any(t.is_quoted for t in found[:at]) or any(t.text == "," for t in found[:at])
    if following[0].low in ("that", ":", "for", "on", "how", "why", "whether") or (before and before.is_quoted):
        return following[0].low != "on" or found[at].low.startswith("call")
    if any(t.is_quoted for t in following[:6]):
        return True
    for token in following:
        if token.low in ("that", "which", "who") or token.text in ",;":
            return False
        if token.low in _MODALS:
            return True
    return False
