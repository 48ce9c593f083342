"""Find which sentences report somebody's words, whose, and whether the words themselves are quoted.

Rules for English news, no model: a grammar of reporting clauses ("X said", "said X", "according to X", "X's warning
that"); quotations that run over sentences and paragraphs; names, roles and pronouns resolved within the article, only
where they can mean one person. Time is linear in the text.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.text.sentences import Span
from rag.speech.lexicon import ROLES
from rag.speech.noun_phrases import Phrase, sentence_subject
from rag.speech.people import People, Role, find_people
from rag.speech.quote_marks import Quotation, paragraphs, quotations
from rag.speech.reporting_clauses import ReportingClause, find_reporting_clauses
from rag.speech.tokens import MASK, Token, tokenize

SpeechKind = Literal["direct", "reported"]

_MAX_SCARE_QUOTE_WORDS = 2  # a shorter quotation only borrows a term
_MIN_QUOTED_SHARE = 0.9  # share of a sentence inside quotations from which it needs no reporting clause
_MAX_TOKENS = 400  # of a sentence; no reporter writes longer ones, and badly cut tables are slow
_JOINING_WORDS = frozenset("and but after before when while as because".split())
_POSSESSIVES = frozenset("its his her their our this that".split())


@dataclass(frozen=True, slots=True)
class Speech:
    """A sentence, ``start`` to ``end``, that reports words.

    ``speaker`` is the name as far as the article gives it, a role where it gives no name ("the mayor"), and empty when
    it is not clear. ``roles`` are those that the article introduces the speaker in.
    """

    speaker: str
    kind: SpeechKind
    start: int
    end: int
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A parsed sentence and the paragraph it stands in."""

    span: Span
    paragraph: int
    found: tuple[Token, ...]
    clauses: tuple[ReportingClause, ...]
    quoted: tuple[int, ...]  # the quotations it overlaps, by number


def find_speech(text: str, sentences: Sequence[Span]) -> tuple[Speech | None, ...]:
    """Return what each of ``sentences`` (spans of ``text``, in order) reports; None where it reports nobody's words.

    >>> text = "The bridge is safe, Ines Varga said. It opened in May."
    >>> [found and found.speaker for found in find_speech(text, [(0, 36), (37, 54)])]
    ['Ines Varga', None]
    """
    blocks = paragraphs(text, sentences)
    quotes = quotations(text, blocks)
    apart = list(_parse_sentences(text, sentences, blocks, quotes))
    people = find_people(s.found for s in apart)
    reader = _SpeechFinder(people, text, quotes, apart)
    return tuple(reader.read(sentence) for sentence in apart)


def _parse_sentences(
    text: str, sentences: Sequence[Span], blocks: Sequence[Span], quotes: Sequence[Quotation]
) -> Iterator[_Sentence]:
    masked = _mask_quotations(text, quotes)
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
        found = tokenize(masked, start, end)[:_MAX_TOKENS]
        yield _Sentence((start, end), block, tuple(found), tuple(find_reporting_clauses(found)), tuple(overlapped))


def _mask_quotations(text: str, quotes: Sequence[Quotation]) -> str:
    """Return the text with quoted characters masked, so that only the reporter's own grammar is parsed."""
    parts: list[str] = []
    done = 0
    for quote in quotes:
        parts += [text[done : quote.start], MASK * (quote.end - quote.start)]
        done = quote.end
    return "".join([*parts, text[done:]])


class _SpeechFinder:
    """Reads sentences in order, and remembers who was named last and whose quotation is open."""

    def __init__(self, people: People, text: str, quotes: Sequence[Quotation], sentences: Sequence[_Sentence]) -> None:
        self._people = people
        self._text = text
        self._quotes = quotes
        self._owners: dict[int, str] = {}
        self._attributed = {number: s for s in reversed(sentences) if s.clauses for number in s.quoted}
        self._subjects = SubjectTracker(people)
        self._spoken: dict[int, dict[str, None]] = {}

    def read(self, sentence: _Sentence) -> Speech | None:
        """Return what the sentence reports, and remember whom it named."""
        clause = self._main_clause(sentence)
        self._note_subject(sentence, clause)
        if clause is not None:
            speaker = self._resolve(clause.speaker, sentence)
        elif self._quoted_share(sentence) >= _MIN_QUOTED_SHARE and self._is_said(sentence):
            speaker = self._quotation_owner(sentence)
        else:
            return None
        for number in sentence.quoted:
            self._owners[number] = speaker
        if speaker:
            self._subjects.add(sentence.paragraph, speaker)
        self._spoken.setdefault(sentence.paragraph, {})[speaker] = None
        kind: SpeechKind = "direct" if self._quotes_words(sentence) else "reported"
        return Speech(speaker, kind, *sentence.span, self._people.roles.get(speaker, ()))

    def _main_clause(self, sentence: _Sentence) -> ReportingClause | None:
        """Return the clause that reports the sentence: the one beside the quotation, else the first independent one."""
        free = [c for c in sentence.clauses if not c.subordinate] or sentence.clauses
        marks = [n for n, token in enumerate(sentence.found) if token.is_quoted]
        if marks and self._quotes_words(sentence) and free:
            return min(free, key=lambda c: min(min(abs(c.first - n), abs(c.last - n)) for n in marks))
        return next(iter(free), None)

    def _note_subject(self, sentence: _Sentence, clause: ReportingClause | None) -> None:
        """Remember the sentence's subject as one that a later pronoun can mean."""
        subject = sentence_subject(sentence.found) if clause is None else None
        if subject and not subject.pronoun:
            name = self._resolve(subject, sentence)
            if self._people.is_person(name):
                self._subjects.add(sentence.paragraph, name)

    def _resolve(self, who: Phrase, sentence: _Sentence) -> str:
        if who.pronoun:
            if who.pronoun not in ("he", "she"):
                return ""
            return self._own_subject(who, sentence) or self._subjects.resolve(who.pronoun, sentence.paragraph)
        if who.name:
            return self._people.full_name(who.name)
        if who.definite and who.role and who.role[-1] in ROLES:
            held = self._people.holders_of(who.role)
            if held:
                return held[0] if len(held) == 1 else ""
        found = sentence.found[who.first : who.last + 1]
        first = found[1 if len(found) > 1 and found[0].low in _POSSESSIVES else 0]
        return " ".join(self._text[first.start : found[-1].end].split())

    def _own_subject(self, who: Phrase, sentence: _Sentence) -> str:
        """Return the subject of the sentence for a pronoun in a clause joined to it: "Wilk agreed, and she …"."""
        ahead = sentence.found[: who.first]
        if not ahead or ahead[-1].low not in _JOINING_WORDS:
            return ""
        subject = sentence_subject(ahead[:-1])
        return self._people.full_name(subject.name) if subject and subject.name else ""

    def _quotation_owner(self, sentence: _Sentence) -> str:
        """Return whose quotation a sentence without a reporting clause belongs to; empty where that is not clear."""
        first = sentence.quoted[0]
        if first in self._owners:
            return self._owners[first]
        later = self._attributed.get(first)
        clause = self._main_clause(later) if later else None
        if later and clause:
            return self._resolve(clause.speaker, later)
        before = self._quotes[first - 1] if first else None
        if before and before.goes_on and first - 1 in self._owners:
            return self._owners[first - 1]
        for block in (sentence.paragraph, sentence.paragraph - 1):
            spoken = self._spoken.get(block)
            if spoken:
                return next(reversed(spoken)) if block == sentence.paragraph or len(spoken) == 1 else ""
        return ""

    def _quoted_share(self, sentence: _Sentence) -> float:
        start, end = sentence.span
        inside = sum(min(q.end, end) - max(q.start, start) for q in self._overlapping(sentence))
        return inside / (end - start)

    def _is_said(self, sentence: _Sentence) -> bool:
        """Tell whether a sentence that is all quotation is somebody's words, rather than a title or a mark alone."""
        start, end = sentence.span
        longer = any(q.start < start or q.end > end or q.goes_on for q in self._overlapping(sentence))
        words = [word for word in self._text[start:end].split() if any(map(str.isalnum, word))]
        return bool(words) and (longer or len(words) > _MAX_SCARE_QUOTE_WORDS)

    def _quotes_words(self, sentence: _Sentence) -> bool:
        """Tell whether more than a borrowed term is quoted, or the little that is opens the sentence."""
        start, end = sentence.span
        for quote in self._overlapping(sentence):
            words = self._text[max(quote.start, start) : min(quote.end, end)].split()
            opens = quote.start <= start and self._text[quote.end - 2] in ",.!?…"
            if len(words) > _MAX_SCARE_QUOTE_WORDS or opens or quote.start < start:
                return True
        return False

    def _overlapping(self, sentence: _Sentence) -> list[Quotation]:
        return [self._quotes[n] for n in sentence.quoted]


class SubjectTracker:
    """Remembers the subjects of an article's sentences, paragraph by paragraph, to resolve "he" and "she".

    They are kept by gender, empty where it is not known, so that resolving a pronoun takes the same time however many
    there are.
    """

    def __init__(self, people: People) -> None:
        self._people = people
        self._genders: dict[str, str] = {}  # learnt from a pronoun that could mean nobody else
        self._of: defaultdict[tuple[int, str], dict[str, None]] = defaultdict(dict)
        self._unknown_gender: defaultdict[str, list[int]] = defaultdict(list)  # paragraphs

    def add(self, paragraph: int, name: str) -> None:
        """Remember that a sentence of ``paragraph`` was about ``name``; ignored where it is no name."""
        if not name[:1].isupper():
            return
        gender = self._people.gender(name) or self._genders.get(name, "")
        if not gender and name not in self._of[paragraph, ""]:
            self._unknown_gender[name].append(paragraph)
        self._of[paragraph, gender][name] = None

    def resolve(self, pronoun: str, paragraph: int) -> str:
        """Return whom "he" or "she" means: the only candidate of this paragraph, or of the one before; else empty."""
        for block in (paragraph, paragraph - 1):
            groups = [self._of.get((block, gender), {}) for gender in (pronoun, "")]
            count = sum(map(len, groups))
            if count:
                name = next(name for group in groups for name in group)
                if count == 1:
                    self._learn_gender(name, pronoun)
                return name if count == 1 else ""
        return ""

    def _learn_gender(self, name: str, pronoun: str) -> None:
        self._genders.setdefault(name, pronoun)
        for paragraph in self._unknown_gender.pop(name, ()):
            del self._of[paragraph, ""][name]
            self._of[paragraph, pronoun][name] = None
