"""Which sentences report somebody's words, whose, and whether the words themselves are quoted.

Rules for English news, no model: a grammar of reporting clauses ("X said", "said X", "according to X", "X's
warning that"), quotations that run over sentences and paragraphs, and names, roles and pronouns resolved
within the article only where one person can be meant. Time is linear in the text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.sentences import Span
from rag.cast import Cast, Role, cast
from rag.phrase import (
    DAYS,
    MASK,
    Phrase,
    Token,
    phrase_before,
    phrase_ending,
    phrase_starting,
    possessive,
    sentence_subject,
    tokens,
)
from rag.quotation import Quotation, paragraphs, quotations
from rag.reporting import ALWAYS, GROUPS, INVERTIBLE, PARTICIPLES, ROLES, SPOKEN, WITH_CLAUSE

Kind = Literal["direct", "reported"]

_SCARE = 2  # words; a quotation no longer than this only borrows a term
_WHOLLY = 0.9  # share of a sentence's words inside quotations, from which it needs no reporting clause
_ANY_NOUN = frozenset("said says told tells warned argued insisted replied explained announced".split())
_MODAL = frozenset(
    "would will could should must can may might had has have was were is are cannot did does wouldn't won't".split()
)
_SUBORDINATE = frozenset(
    "when if after before while as since because although though unless whether what until".split()
)
_JOINING = frozenset("and but after before when while as because".split())
_OWN = frozenset("its his her their our this that".split())
_NEAR = 12  # tokens


@dataclass(frozen=True, slots=True)
class Speech:
    """A sentence, ``start`` to ``end``, that reports words.

    ``speaker`` is the name as far as the article gives it, a role where it names nobody ("the mayor"), and empty
    when it is not safe to say. ``roles`` are those that the article introduces the speaker in.
    """

    speaker: str
    kind: Kind
    start: int
    end: int
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class _Clause:
    """A reporting clause: who, at which tokens, and whether another clause depends on it."""

    who: Phrase
    first: int
    last: int
    subordinate: bool


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence taken apart, with the paragraph it stands in."""

    span: Span
    paragraph: int
    found: tuple[Token, ...]
    clauses: tuple[_Clause, ...]
    quoted: tuple[int, ...]  # the quotations it overlaps, by number


def speech(text: str, sentences: Sequence[Span]) -> tuple[Speech | None, ...]:
    """What each of ``sentences`` (spans of ``text``, in order) reports; None for one that reports nobody's words."""
    blocks = paragraphs(text, sentences)
    quotes = quotations(text, blocks)
    apart = list(_take_apart(text, sentences, blocks, quotes))
    people = cast(s.found for s in apart)
    reader = _Reader(people, text, quotes, apart)
    return tuple(reader.read(sentence) for sentence in apart)


def _take_apart(
    text: str, sentences: Sequence[Span], blocks: Sequence[Span], quotes: Sequence[Quotation]
) -> Iterator[_Sentence]:
    masked = _masked(text, quotes)
    block = quote = 0
    for start, end in sentences:
        while block + 1 < len(blocks) and blocks[block + 1][0] <= start:
            block += 1
        while quote < len(quotes) and quotes[quote].end <= start:
            quote += 1
        overlapped = []
        number = quote
        while number < len(quotes) and quotes[number].start < end:
            overlapped.append(number)
            number += 1
        found = tokens(masked, start, end)
        yield _Sentence((start, end), block, tuple(found), tuple(_clauses(found)), tuple(overlapped))


def _masked(text: str, quotes: Sequence[Quotation]) -> str:
    """The text, with quoted characters covered; borrowed terms stay, for they are part of the sentence."""
    parts: list[str] = []
    done = 0
    for quote in quotes:
        parts += [text[done : quote.start], MASK * (quote.end - quote.start)]
        done = quote.end
    return "".join([*parts, text[done:]])


def _clauses(found: Sequence[Token]) -> Iterator[_Clause]:
    for at, token in enumerate(found):
        who = _speaking(found, at)
        if who is not None:
            first, last = min(who.first, at), max(who.last, at)
            ahead = found[first - 1].low if first else ""
            yield _Clause(who, first, last, ahead in _SUBORDINATE and token.low != "according")


def _speaking(found: Sequence[Token], at: int) -> Phrase | None:
    """Who speaks by the word at ``at``, if it is one of reporting."""
    word, low = found[at].text, found[at].low
    if possessive(word):
        return _owner(found, at)
    if low == "according" and at + 2 < len(found) and found[at + 1].low == "to":
        return _object_pronoun(found, at + 2) or phrase_starting(found, at + 2)
    if low == "saying" and at > 1 and (found[at - 2].low, found[at - 1].low) == ("quoted", "as"):
        return phrase_before([*found[: at - 2], found[at]], at - 2)
    if low in PARTICIPLES and at and found[at - 1].text == ",":
        return sentence_subject(found[: at - 1])
    return _of_verb(found, at) if word.islower() else None


def _object_pronoun(found: Sequence[Token], at: int) -> Phrase | None:
    """ "him" or "her" standing alone, as the subject it would be."""
    alone = at + 1 >= len(found) or not found[at + 1].text[:1].isalnum()
    meant = {"him": "he", "her": "she"}.get(found[at].low) if alone else None
    return Phrase(at, at, pronoun=meant) if meant else None


def _of_verb(found: Sequence[Token], at: int) -> Phrase | None:
    low = found[at].low
    if low == "say":
        subject = phrase_before(found, at)
        return subject if subject and subject.role and subject.role[-1] in GROUPS else None
    reports = low in ALWAYS or (low in WITH_CLAUSE and _has_clause(found, at))
    if not reports or (at + 1 < len(found) and found[at + 1].low == "than"):
        return None
    beside = bool(at) and (
        found[at - 1].is_quoted or (found[at - 1].text == "," and at > 1 and found[at - 2].is_quoted)
    )
    after = _inverted(found, at) if low in INVERTIBLE and at and (beside or found[at - 1].text == ",") else None
    if after and (beside or after.last + 1 >= len(found) or found[after.last + 1].text == "."):
        return after
    return phrase_before(found, at, any_noun=low in _ANY_NOUN) or (after if after and after.name else None)


def _inverted(found: Sequence[Token], at: int) -> Phrase | None:
    """The subject after the verb."""
    phrase = phrase_starting(found, at + 1)
    return phrase if phrase and not phrase.pronoun else None


def _owner(found: Sequence[Token], at: int) -> Phrase | None:
    """Whose "warning that …" it is."""
    for noun in (at + 1, at + 2):
        if noun < len(found) and found[noun].low in SPOKEN:
            following = found[noun + 1 : noun + 7]
            if any(t.low in ("that", ":", "said", "says") or t.is_quoted for t in following):
                plain = replace(found[at], text=found[at].text[:-2])
                return phrase_ending([*found[:at], plain], at)
    return None


def _has_clause(found: Sequence[Token], at: int) -> bool:
    """Whether what follows the verb, or stands before it, is what was said."""
    before = found[at - 1] if at else None
    skipped = 2 if at + 2 < len(found) and found[at + 1].low == "on" and found[at + 2].low in DAYS else 0
    following = found[at + 1 + skipped : at + 1 + _NEAR]
    if not following or following[0].text in ".,;":
        return any(t.is_quoted for t in found[:at]) or any(t.text == "," for t in found[:at])
    if following[0].low in ("that", ":", "for", "on", "how", "why", "whether") or (before and before.is_quoted):
        return following[0].low != "on" or found[at].low.startswith("call")
    if any(t.is_quoted for t in following[:6]):
        return True
    for token in following:
        if token.low in ("that", "which", "who") or token.text in ",;":
            return False
        if token.low in _MODAL:
            return True
    return False


class _Reader:
    """Reads sentences in order, keeping in mind who was named last and whose quotation is open."""

    def __init__(self, people: Cast, text: str, quotes: Sequence[Quotation], sentences: Sequence[_Sentence]) -> None:
        self._people = people
        self._text = text
        self._quotes = quotes
        self._owners: dict[int, str] = {}
        self._attributed = {number: s for s in reversed(sentences) if s.clauses for number in s.quoted}
        self._subjects: dict[int, dict[str, None]] = {}
        self._spoken: dict[int, dict[str, None]] = {}
        self._known: dict[str, str] = {}

    def read(self, sentence: _Sentence) -> Speech | None:
        """What the sentence reports, and remember whom it named."""
        clause = self._main(sentence)
        self._note(sentence, clause)
        if clause is not None:
            speaker = self._resolve(clause.who, sentence)
        elif self._share(sentence) >= _WHOLLY:
            speaker = self._owner(sentence)
        else:
            return None
        for number in sentence.quoted:
            self._owners[number] = speaker
        if speaker:
            self._subjects.setdefault(sentence.paragraph, {})[speaker] = None
        self._spoken.setdefault(sentence.paragraph, {})[speaker] = None
        kind: Kind = "direct" if self._quotes_words(sentence) else "reported"
        return Speech(speaker, kind, *sentence.span, self._people.roles.get(speaker, ()))

    def _main(self, sentence: _Sentence) -> _Clause | None:
        """The clause that reports the sentence: the one beside the quotation, else the first that none depends on."""
        clauses = [c for c in sentence.clauses if not c.subordinate] or sentence.clauses
        marks = [n for n, token in enumerate(sentence.found) if token.is_quoted]
        if marks and self._quotes_words(sentence) and clauses:
            return min(clauses, key=lambda c: min(min(abs(c.first - n), abs(c.last - n)) for n in marks))
        return next(iter(clauses), None)

    def _note(self, sentence: _Sentence, clause: _Clause | None) -> None:
        """Remember the sentence's subject as one that a later pronoun can mean."""
        subject = sentence_subject(sentence.found) if clause is None else None
        if subject and not subject.pronoun:
            name = self._resolve(subject, sentence)
            if self._people.is_person(name):
                self._subjects.setdefault(sentence.paragraph, {})[name] = None

    def _resolve(self, who: Phrase, sentence: _Sentence) -> str:
        if who.pronoun:
            if who.pronoun not in ("he", "she"):
                return ""
            return self._own_subject(who, sentence) or self._meant(who.pronoun, sentence.paragraph)
        if who.name:
            return self._people.full(who.name)
        if who.definite and who.role and who.role[-1] in ROLES:
            held = self._people.in_role(who.role)
            if held:
                return held[0] if len(held) == 1 else ""
        found = sentence.found[who.first : who.last + 1]
        first = found[1 if len(found) > 1 and found[0].low in _OWN else 0]
        return " ".join(self._text[first.start : found[-1].end].split())

    def _own_subject(self, who: Phrase, sentence: _Sentence) -> str:
        """The subject of the sentence itself, for a pronoun in a clause joined to it: "Wilk agreed, and she …"."""
        ahead = sentence.found[: who.first]
        if not ahead or ahead[-1].low not in _JOINING:
            return ""
        subject = sentence_subject(ahead[:-1])
        return self._people.full(subject.name) if subject and subject.name else ""

    def _meant(self, pronoun: str, paragraph: int) -> str:
        """Whom "he" or "she" means: the only candidate of this paragraph, or of the one before; else empty."""
        for block in (paragraph, paragraph - 1):
            named = [name for name in self._subjects.get(block, {}) if self._may_be(name, pronoun)]
            if named:
                if len(named) == 1:
                    self._known.setdefault(named[0], pronoun)
                return named[0] if len(named) == 1 else ""
        return ""

    def _may_be(self, name: str, pronoun: str) -> bool:
        if not name[:1].isupper():
            return False
        return (self._people.gender(name) or self._known.get(name) or pronoun) == pronoun

    def _owner(self, sentence: _Sentence) -> str:
        """Whose quotation a sentence without a reporting clause belongs to."""
        first = sentence.quoted[0]
        if first in self._owners:
            return self._owners[first]
        later = self._attributed.get(first)
        clause = self._main(later) if later else None
        if later and clause:
            return self._resolve(clause.who, later)
        before = self._quotes[first - 1] if first else None
        if before and before.goes_on and first - 1 in self._owners:
            return self._owners[first - 1]
        for block in (sentence.paragraph, sentence.paragraph - 1):
            spoken = list(self._spoken.get(block, {}))
            if spoken:
                return spoken[-1] if block == sentence.paragraph or len(spoken) == 1 else ""
        return ""

    def _share(self, sentence: _Sentence) -> float:
        start, end = sentence.span
        inside = sum(min(q.end, end) - max(q.start, start) for q in self._overlapping(sentence))
        return inside / (end - start)

    def _quotes_words(self, sentence: _Sentence) -> bool:
        """Whether more than a borrowed term is quoted, or the little that is opens the sentence."""
        start, end = sentence.span
        for quote in self._overlapping(sentence):
            words = self._text[max(quote.start, start) : min(quote.end, end)].split()
            opens = quote.start <= start and self._text[quote.end - 2] in ",.!?…"
            if len(words) > _SCARE or opens or quote.start < start:
                return True
        return False

    def _overlapping(self, sentence: _Sentence) -> list[Quotation]:
        return [self._quotes[n] for n in sentence.quoted]
