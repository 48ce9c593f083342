"""Features of a sentence in its passage that tell how much it looks like the answer to a question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.text.month_names import MONTHS, WEEKDAYS
from index.text.terms import STOPWORDS, terms

Idf = Callable[[str], float]

FEATURES = (
    "cross",
    "late",
    "late_weakest",
    "passage_late",
    "sentence_cosine",
    "passage_cosine",
    "passage_score",
    "passage_rank",
    "sentence_coverage",
    "passage_coverage",
    "document_coverage",
    "pair_coverage",
    "likeness_or_coverage",
    "names_missing",
    "numbers_missing",
    "wrong_kind",
    "fragment",
    "answered",
    "here",
)

CROSS_SCALE = 0.1
"""The factor that brings a cross-encoder's logit, about -11 to 11, to the size of the other features."""

READER_SCALE = 0.1
"""The same for the log-odds of the reader."""

# Terms that ask rather than name the subject; their presence in the answer means nothing.
_REQUEST_TERMS = frozenset(
    "say said tell told mani much mention happen according describ explain give name call kind type".split()
)
_WORD = re.compile(r"[^\W_]+")
_MAX_FRAGMENT_WORDS = 15  # words
_SENTENCE_ENDS = ".!?…:;。！？؟۔।"
_CLOSING_MARKS = "\"'”’»)]」』"
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]*|\b[A-Z]{2,}\b")
_NUMBER = re.compile(r"\d[\d,.]*")
_INSIDE_SENTENCE = re.compile(r"[a-z,] \(?\Z")
_TIME_PATTERN = re.compile(
    r"\b(1[0-9]|20)\d\d\b|\b\d{1,2}(:\d\d)?\s?(am|pm|a\.m|p\.m)|century|"
    rf"\b({'|'.join([*MONTHS, *WEEKDAYS])}|yesterday|today|tomorrow|week|month|year|decade|ago|hours?)\b"
)
_AMOUNT_PATTERN = re.compile(
    r"\d|%|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion|half|"
    r"third|quarter|percent|no|none|several|many|most)\b",
    re.IGNORECASE,
)
_NAME_PATTERN = re.compile(r"(?<!^)\b[A-Z]\w+")
_ANSWER_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"\b(when|what (year|date|day|month|century|decade|time))\b", re.IGNORECASE), _TIME_PATTERN),
    (
        re.compile(r"\bhow (many|much|old|long|far|tall|large|big|often|high)\b|\bwhat (percent|number|share)", re.I),
        _AMOUNT_PATTERN,
    ),
    (
        re.compile(r"\b(who|whom|whose|where|which|what (country|city|person|company|state))\b", re.IGNORECASE),
        _NAME_PATTERN,
    ),
)


@dataclass(frozen=True, slots=True)
class QuestionTerms:
    """A question analysed once: its content terms, their adjacent pairs, its names and numbers.

    ``places`` is where in the text the content words stand, in characters.
    """

    text: str
    terms: tuple[str, ...]
    pairs: frozenset[tuple[str, str]]
    names: frozenset[str]
    numbers: frozenset[str]
    places: tuple[tuple[int, int], ...] = ()

    def is_key_term(self, start: int, end: int) -> bool:
        """Tell whether the characters from ``start`` to ``end`` belong to a content word."""
        return any(a <= start and end <= b for a, b in self.places)


def analyze_question(question: str, texts: Sequence[str] = ()) -> QuestionTerms:
    """Return the parts of a question that evidence is measured against.

    A word is a name where the question writes it as one, or where it does not and the ``texts`` found for it always do.

    >>> analyze_question("What did Varga say about trams?").terms
    ('varga', 'tram')
    """
    found = tuple(t for t in terms(question) if t not in _REQUEST_TERMS)
    written = [*_NAME.findall(question), *_names_in(question, texts)]
    names = frozenset(t for name in written for t in terms(str(name)))
    numbers = frozenset(t for number in _NUMBER.findall(question) for t in terms(number.rstrip(".,")))
    words = ((m.span(), terms(m.group())) for m in _WORD.finditer(question))
    places = tuple(place for place, term in words if term and not set(term) <= _REQUEST_TERMS)
    return QuestionTerms(question, found, frozenset(pairwise(found)), names, numbers, places)


def _names_in(question: str, texts: Sequence[str]) -> list[str]:
    """Return the words of ``question`` that ``texts`` write with a capital wherever they stand."""
    wanted = {word for word in _WORD.findall(question) if word.islower() and word not in STOPWORDS}
    seen: dict[str, bool] = {}
    inside = set()
    for match in (match for text in texts for match in _WORD.finditer(text)):
        word = match.group().casefold()
        if word in wanted:
            seen[word] = seen.get(word, True) and match.group()[0].isupper()
            before = match.string[max(0, match.start() - 3) : match.start()]
            if match.group()[1:].isupper() or _INSIDE_SENTENCE.search(before):
                inside.add(word)
    return [word for word, capital in seen.items() if capital and word in inside]


@dataclass(frozen=True, slots=True)
class SentenceContext:
    """Where a sentence stands.

    The terms of its passage and of all that was found of its document, the passage's similarity to the question, its
    score, and its rank from 1. ``late`` is 0 without tokens.
    """

    passage_terms: frozenset[str]
    document_terms: frozenset[str]
    cosine: float
    score: float
    rank: int = 1
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Similarity:
    """How similar a sentence is to the question, 0 where not measured.

    ``late`` is the mean over the question's tokens, ``weakest`` the lowest of its content words, ``cosine`` that of the
    vectors.
    """

    late: float = 0.0
    weakest: float = 0.0
    cosine: float = 0.0


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """What the words of a sentence and its surroundings tell, each in [0, 1] and named as in ``FEATURES``.

    ``coverage`` is that of the sentence itself.
    """

    coverage: float
    passage_coverage: float
    document_coverage: float
    pair_coverage: float
    names_missing: float
    numbers_missing: float
    wrong_kind: float


def sentence_features(
    question: QuestionTerms,
    sentence: str,
    similarity: Similarity,
    context: SentenceContext,
    idf: Idf,
    *,
    headings: Sequence[str] = (),
) -> tuple[float, ...]:
    """Return the values of ``FEATURES`` for one sentence: similarities in [-1, 1], all others in [0, 1].

    What its ``headings`` say counts as said by the sentence, whose subject they name.
    ``cross``, the first, is 0 until a cross-encoder has read the sentence; ``answered`` and ``here``, the last, are 0
    until the reader has.
    """
    in_order = terms(sentence)
    held = frozenset(in_order).union(*map(terms, headings))
    pairs = frozenset(pairwise(in_order))
    return feature_values(
        sentence,
        similarity,
        context,
        WordEvidence(
            coverage=_coverage(question.terms, held, idf),
            passage_coverage=_coverage(question.terms, context.passage_terms, idf),
            document_coverage=_coverage(question.terms, context.document_terms, idf),
            pair_coverage=len(question.pairs & pairs) / len(question.pairs) if question.pairs else 0.0,
            names_missing=missing_share(question.names, context.document_terms),
            numbers_missing=missing_share(question.numbers, context.document_terms),
            wrong_kind=_lacks_answer_kind(question.text, sentence),
        ),
    )


def feature_values(
    sentence: str, similarity: Similarity, context: SentenceContext, words: WordEvidence
) -> tuple[float, ...]:
    """Return the values of ``FEATURES``, in their order, those of the models that read again still 0."""
    return (
        0.0,
        similarity.late,
        similarity.weakest,
        context.late,
        similarity.cosine,
        context.cosine,
        context.score,
        1 / context.rank,
        words.coverage,
        words.passage_coverage,
        words.document_coverage,
        words.pair_coverage,
        1 - (1 - max(0.0, similarity.late, similarity.cosine)) * (1 - words.coverage),
        words.names_missing,
        words.numbers_missing,
        words.wrong_kind,
        float(is_fragment(sentence)),
        0.0,
        0.0,
    )


def is_fragment(sentence: str) -> bool:
    """Tell whether it is a headline or a list item rather than a sentence: short and without an end mark."""
    return len(sentence.split()) < _MAX_FRAGMENT_WORDS and sentence.rstrip(_CLOSING_MARKS)[-1:] not in _SENTENCE_ENDS


def _coverage(wanted: Sequence[str], held: frozenset[str], idf: Idf) -> float:
    total = sum(idf(t) for t in wanted)
    return sum(idf(t) for t in wanted if t in held) / total if total else 0.0


def missing_share(wanted: frozenset[str], held: frozenset[str]) -> float:
    """Return the share of the ``wanted`` terms that are not ``held``; 0 where none is wanted."""
    return len(wanted - held) / len(wanted) if wanted else 0.0


def _lacks_answer_kind(question: str, sentence: str) -> float:
    """Return 1 when the question asks for a time, an amount or a name and the sentence has none, else 0."""
    for asks, answers in _ANSWER_KINDS:
        if asks.search(question):
            return 0.0 if answers.search(sentence) else 1.0
    return 0.0
