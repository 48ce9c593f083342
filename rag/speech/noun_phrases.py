"""Find whom a few words name: the name, role or pronoun before a verb or after it.

Rules over tokens, for English news.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.speech.lexicon import ABBREVIATED_TITLES, ANY_REPORTING_VERBS, DOCUMENT_NOUNS, ROLES, SPEAKER_NOUNS
from rag.speech.tokens import Token, is_possessive, strip_possessive
from rag.speech.word_classes import (
    AUXILIARIES,
    BE_FORMS,
    CONNECTIVES,
    DAY_MODIFIERS,
    DAY_WORDS,
    DEFINITE,
    DETERMINERS,
    NAME_PARTICLES,
    NEGATIONS_AND_MODALS,
    NEVER_NAMES,
    PREPOSITIONS,
    PRONOUNS,
    ROLES_ALSO_SURNAMES,
)

_ROLE_HEADS = SPEAKER_NOUNS | ABBREVIATED_TITLES
_MODIFIER_STOPS = NEVER_NAMES | ANY_REPORTING_VERBS | AUXILIARIES | NEGATIONS_AND_MODALS
_MAX_DEPTH = 4  # of nested phrases: "the head of the board of the bank of …"
_MAX_PHRASE_TOKENS = 10  # of one phrase
_MAX_LOOKBACK = 30  # tokens


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens ``first`` to ``last`` of a sentence that name somebody.

    ``name`` is without titles; ``role`` is the title or role in lower case, its head last. A definite role can refer
    back to somebody ("the minister"), an indefinite one cannot ("a resident").
    """

    first: int
    last: int
    name: str = ""
    role: tuple[str, ...] = ()
    pronoun: str = ""
    definite: bool = True


def phrase_before(found: Sequence[Token], verb: int, *, any_noun: bool = False) -> Phrase | None:
    """Return the subject of the verb at ``verb``, past helping verbs, adverbs, days and an apposition between commas.

    None when there is none, or when the verb is negated, passive or only possible. With ``any_noun``, any noun after an
    article counts: "the baker said".
    """
    at = verb - 1
    while at >= 0:
        low = found[at].low
        if low in NEGATIONS_AND_MODALS or (low in BE_FORMS and not found[verb].low.endswith("ing")):
            return None
        day = low in DAY_MODIFIERS and at + 1 < len(found) and found[at + 1].low in DAY_WORDS
        if not (
            day
            or low in DAY_WORDS
            or low in AUXILIARIES - {"and"}
            or low in BE_FORMS
            or (low.endswith("ly") and low.islower())
        ):
            break
        at -= 1
    if at < 0:
        return None
    if found[at].low in ("and", "but", "then"):
        return sentence_subject(found[:at])
    if found[at].text == ",":
        return _phrase_before_apposition(found, at)
    return phrase_ending(found, at, any_noun=any_noun)


def _phrase_before_apposition(found: Sequence[Token], comma: int) -> Phrase | None:
    """Return the phrase that an apposition ending at ``comma`` belongs to: "Ana Ruiz, the mayor, …"."""
    fallback: Phrase | None = None
    for at in range(comma - 1, max(0, comma - _MAX_LOOKBACK), -1):
        if found[at].is_quoted or found[at].text in ";:":
            break
        if found[at].text != ",":
            continue
        before = phrase_ending(found, at - 1, any_noun=True)
        if before and before.role and before.role[-1] not in SPEAKER_NOUNS:
            continue
        inside = phrase_ending(found, comma - 1)
        titled = before and before.role and (before.definite or before.role[-1] == found[at - 1].low)
        if before and titled and not before.name and inside and inside.name and inside.first == at + 1:
            return Phrase(before.first, inside.last, inside.name, before.role)
        if before and (before.name or before.pronoun):
            return before
        if before and before.role and fallback is None:
            fallback = before
    return fallback


def phrase_ending(found: Sequence[Token], last: int, *, any_noun: bool = False, depth: int = 0) -> Phrase | None:
    """Return the name, role or pronoun whose last token is ``found[last]``, or None.

    ``depth`` counts the phrases that this one completes; real sentences nest few.
    """
    if depth > _MAX_DEPTH or last < 0 or not found[last].text[:1].isalpha() or is_possessive(found[last].text):
        return None
    low = found[last].low
    if low == "who":
        before = last - 2 if last and found[last - 1].text == "," else last - 1
        return phrase_ending(found, before, depth=depth + 1)
    if low in PRONOUNS:
        return Phrase(last, last, pronoun=low)
    phrase = _bare_phrase(found, last, any_noun=any_noun, depth=depth)
    return phrase and _outermost_phrase(found, phrase, depth)


def _bare_phrase(found: Sequence[Token], last: int, *, any_noun: bool = False, depth: int = 0) -> Phrase | None:
    """Return the name or role ending at ``last``, whatever it belongs to."""
    first = _run_start(found, last)
    return (
        _phrase_of_run(found, first, last, depth) if first <= last else _phrase_of_noun(found, last, any_noun=any_noun)
    )


def name_ending(found: Sequence[Token], last: int) -> Phrase | None:
    """Return the capitalised name ending at ``found[last]``, whatever its part in the sentence, or None."""
    first = _run_start(found, last)
    phrase = _phrase_of_run(found, first, last) if first <= last else None
    return phrase if phrase and phrase.name else None


def phrase_starting(found: Sequence[Token], first: int) -> Phrase | None:
    """Return the longest name, role or pronoun beginning at ``found[first]``, with the name beside a role, or None."""
    best: Phrase | None = None
    for last in range(first, min(first + _MAX_PHRASE_TOKENS, len(found))):
        token = found[last]
        if token.is_quoted or (token.text in ",;:!?()—–" or token.low in BE_FORMS or token.low in PREPOSITIONS):
            break
        if last > first and (
            token.low in NEGATIONS_AND_MODALS or token.low in CONNECTIVES or token.low in ANY_REPORTING_VERBS
        ):
            break
        if last == first and token.low in PRONOUNS:
            return Phrase(first, first, pronoun=token.low)
        plain = token.text[:1].isalpha() and not is_possessive(token.text)
        ended = _bare_phrase(found, last) if plain else None
        if ended and ended.first == first:
            best = ended
    if best is None:
        return _article_and_noun(found, first)
    after = best.last + 1
    if best.role and not best.name and after + 1 < len(found):
        if found[after].text == ",":
            named = phrase_starting_name(found, after + 1)
            if named:
                return Phrase(best.first, named.last, named.name, best.role)
        if found[after].low in ("of", "for", "at"):
            tail = phrase_starting(found, after + 1)
            return Phrase(first, tail.last if tail else best.last, "", best.role, definite=best.definite)
    return best


def phrase_starting_name(found: Sequence[Token], first: int) -> Phrase | None:
    """Return the bare name at ``first``, if a mark or the end follows it: "the mayor, Ana Ruiz."; else None."""
    last = first
    while last < len(found) and _is_name_word(found, last):
        last += 1
    if last == first or (last < len(found) and found[last].text not in ",.;"):
        return None
    phrase = _phrase_of_run(found, first, last - 1)
    return phrase if phrase and phrase.name and not phrase.role else None


def sentence_subject(found: Sequence[Token]) -> Phrase | None:
    """Return whom a sentence is about: its first phrase, past quoted words and an opening such as "In Brussels,"."""
    starts = [0] + [n + 1 for n, token in enumerate(found[:_MAX_LOOKBACK]) if token.text == "," or token.is_quoted]
    for start in starts:
        at = start
        while at < len(found) and (found[at].low in CONNECTIVES or found[at].low in DAY_WORDS or found[at].text == ","):
            at += 1
        if at < len(found) and found[at].text[:1].isalpha() and found[at].low not in PREPOSITIONS:
            phrase = phrase_starting(found, at)
            if phrase:
                return phrase
    return None


def _is_name_word(found: Sequence[Token], at: int) -> bool:
    word = found[at].text
    if word == ".":
        return (
            at > 0
            and (len(found[at - 1].text) == 1 or found[at - 1].low in ABBREVIATED_TITLES)
            and found[at - 1].text.istitle()
        )
    return word[:1].isupper() and (found[at].low not in NEVER_NAMES or (word.isupper() and len(word) > 1))


def _run_start(found: Sequence[Token], last: int) -> int:
    """Return where the capitalised run that ends at ``last`` begins; ``last + 1`` when there is none."""
    first = last + 1
    at = last
    while at >= 0 and last - at < _MAX_PHRASE_TOKENS:
        if _is_name_word(found, at) and not (at < last and is_possessive(found[at].text)):
            if found[at].text != ".":
                first = at
        elif not (found[at].text in NAME_PARTICLES and first == at + 1 and at > 0 and _is_name_word(found, at - 1)):
            break
        at -= 1
    return first


def _phrase_of_run(found: Sequence[Token], first: int, last: int, depth: int = 0) -> Phrase | None:
    words = [found[n] for n in range(first, last + 1) if found[n].text != "."]
    heads = [n for n, token in enumerate(words) if token.low in _ROLE_HEADS]
    article = first > 0 and found[first - 1].low in DETERMINERS
    if heads and heads[-1] == len(words) - 1:
        surname = len(words) > 1 and words[-1].low in ROLES_ALSO_SURNAMES and not article
        if not surname:
            return _with_modifiers(found, first, last, tuple(t.low for t in words))
        heads.pop()
    cut = heads[-1] + 1 if heads else 0
    name = " ".join(strip_possessive(t.text) for t in words[cut:])
    role = tuple(t.low for t in words[:cut])
    if first and not role and found[first - 1].low in ROLES:
        left = _with_modifiers(found, first - 1, first - 1, (found[first - 1].low,))
        return Phrase(left.first, last, name, left.role)
    if role:
        return Phrase(_with_modifiers(found, first, last, role).first, last, name, role)
    followed = last + 1 >= len(found) or found[last + 1].text in ",.;"
    if followed and first > 1 and found[first - 1].text == ",":
        beside = phrase_ending(found, first - 2, depth=depth + 1)
        if beside and beside.role and not beside.name and _is_one_persons_role(found, beside):
            return Phrase(beside.first, last, name, beside.role)
    return Phrase(first, last, name)


def _is_one_persons_role(found: Sequence[Token], role: Phrase) -> bool:
    """Tell whether the role is one person's: "the mayor", "Kestrel Bay's mayor"."""
    words = found[role.first : role.last + 1]
    return role.definite and (words[0].low in DEFINITE or any(is_possessive(t.text) for t in words))


def _phrase_of_noun(found: Sequence[Token], last: int, *, any_noun: bool) -> Phrase | None:
    low = found[last].low
    known = low in SPEAKER_NOUNS
    if not known and (not any_noun or low in DOCUMENT_NOUNS or low in NEVER_NAMES):
        return None
    phrase = _with_modifiers(found, last, last, (low,))
    completes = phrase.first > 0 and found[phrase.first - 1].low in PREPOSITIONS
    if not known and not completes and found[phrase.first].low not in DETERMINERS:
        return None
    return phrase


def _with_modifiers(found: Sequence[Token], first: int, last: int, words: tuple[str, ...]) -> Phrase:
    """Return the role ending at ``last`` with its modifiers, back to an article or to another clause."""
    at = first - 1
    while at >= 0 and first - at < _MAX_PHRASE_TOKENS // 2:
        token = found[at]
        low = token.low
        if low in DETERMINERS:
            return Phrase(at, last, "", words, definite=low in DEFINITE)
        if low in _MODIFIER_STOPS or not token.text[:1].isalnum() or low.endswith("ing"):
            break
        words = (low, *words)
        at -= 1
    return Phrase(at + 1, last, "", words)


def _outermost_phrase(found: Sequence[Token], phrase: Phrase, depth: int) -> Phrase | None:
    """Return the phrase that this one completes: "the head" of "the head of the board".

    After any other preposition there is none.
    """
    before = phrase.first - 1
    if before < 0 or found[before].low not in PREPOSITIONS:
        return phrase
    holds = found[before].low in ("of", "for", "at", "from", "in", "with")
    owner = phrase_ending(found, before - 1, depth=depth + 1) if holds else None
    if owner is None or owner.pronoun:
        return None
    return Phrase(owner.first, phrase.last, owner.name, owner.role, definite=owner.definite)


def _article_and_noun(found: Sequence[Token], first: int) -> Phrase | None:
    """Return "the baker": an article and one word that is not known to be a speaker."""
    if first + 1 >= len(found) or found[first].low not in DETERMINERS:
        return None
    noun = found[first + 1]
    if not noun.text.islower() or noun.low in DOCUMENT_NOUNS or noun.low in NEVER_NAMES:
        return None
    return Phrase(first, first + 1, "", (noun.low,), definite=found[first].low in DEFINITE)
