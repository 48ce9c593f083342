"""Weigh a sentence as an answer by its words alone, in languages that the trained models were not trained on.

What counts is which of the question's telling words it and its surroundings hold, stemmed by language, and whether it
has the kind of thing that is asked for: a time, an amount, a name, a reason, leave.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from index.schema import Passage
from index.text.compounds import shares_a_part
from index.text.language import ENGLISH, SNOWBALL_NAMES, SPACELESS, language_of
from index.text.patterns import ignoring_case
from index.text.terms import fold_token, terms
from rag.languages.question_words import load_question_words
from rag.reading.features import Idf, SentenceContext, Similarity, WordEvidence, feature_values, missing_share

_RUN = re.compile(r"[\u3400-\u9fff々]+|[\u30a1-\u30faー]+|[a-zA-Z\d]+")
_DERIVED_FROM = 5  # letters that two words share at their beginning, where one is derived of the other
_DERIVED_TAIL = 4  # letters at most that follow them
_SHARE_OF_PART, _SHARE_OF_DERIVED = 0.8, 0.6  # what such a word counts for
_SHARE_OF_ONE_CHARACTER = 0.5


@dataclass(frozen=True, slots=True)
class LexicalQuestion:
    """A question read in one language: its telling ``terms``, its ``numbers``, and patterns of what answers have."""

    text: str
    language: str
    terms: tuple[str, ...]
    numbers: frozenset[str]
    answers: tuple[re.Pattern[str], ...]


def reading_language(question_language: str, passage: Passage) -> str | None:
    """Return the language in which ``passage`` is read for a question; None where the English models read it.

    A passage whose language is not sure, as that of a table, is read in the question's.
    """
    language = language_of(passage.text)
    if language in ("", ENGLISH):
        return None if question_language in ("", ENGLISH) else language or question_language
    return language


def analyze_in(question: str, language: str) -> LexicalQuestion:
    """Return ``question`` read in ``language``: without the words that only ask.

    >>> analyze_in("Was kostet die Tageskarte?", "de").terms
    ('tageskart',)
    """
    folded = _folded(question, language)
    words = load_question_words().get(language)
    if words is None:
        return LexicalQuestion(question, language, tuple(terms(question)), frozenset(), ())
    if language in SPACELESS:
        found = _spaceless_terms(question, words.light)
    else:
        light = _light_terms(language)
        found = [term for term in terms(question, language) if term not in light]
    asked = (
        (words.when, words.time), (words.who, words.name), (words.why, words.reason), (words.leave, words.rule),
    )  # fmt: skip
    answers = [ignoring_case(answer) for asks, answer in asked if ignoring_case(asks).search(folded)]
    if not ignoring_case(words.when).search(folded):
        if ignoring_case(words.price).search(folded):
            answers.append(ignoring_case(words.money))
        elif ignoring_case(words.amount).search(folded):
            answers.append(ignoring_case(words.number))
    numbers = frozenset(term for term in found if term[0].isdigit())
    return LexicalQuestion(question, language, tuple(dict.fromkeys(found)), numbers, tuple(answers))


def held_terms(text: str, language: str) -> frozenset[str]:
    """Return the terms of ``text`` that a question's may meet; of scripts without spaces single characters too."""
    found = terms(text, language)
    return frozenset(found).union(text) if language in SPACELESS else frozenset(found)


def lexical_features(
    question: LexicalQuestion,
    sentence: str,
    similarity: Similarity,
    context: SentenceContext,
    idf: Idf,
    *,
    headings: Sequence[str] = (),
) -> tuple[float, ...]:
    """Return the values of ``FEATURES`` for one sentence, as ``sentence_features`` does, by its words."""
    language = question.language
    in_order = terms(sentence, language)
    held = held_terms("\n".join((sentence, *headings)), language)
    asked_pairs = frozenset(pairwise(question.terms))
    folded = _folded(sentence, language)
    return feature_values(
        sentence,
        similarity,
        context,
        WordEvidence(
            coverage=_coverage(question, held, idf),
            passage_coverage=_coverage(question, context.passage_terms, idf),
            document_coverage=_coverage(question, context.document_terms, idf),
            pair_coverage=len(asked_pairs & frozenset(pairwise(in_order))) / len(asked_pairs) if asked_pairs else 0.0,
            names_missing=0.0,
            numbers_missing=missing_share(question.numbers, context.document_terms),
            wrong_kind=float(any(not answer.search(folded) for answer in question.answers)),
        ),
    )


def _coverage(question: LexicalQuestion, held: frozenset[str], idf: Idf) -> float:
    """Return the share of the question's terms that are held, weighed by their rarity."""
    spaceless = question.language in SPACELESS
    weights = [idf(term) * (_SHARE_OF_ONE_CHARACTER if spaceless and len(term) == 1 else 1) for term in question.terms]
    met = [_met(term, held, question.language) for term in question.terms]
    if spaceless:
        # A pair over the border of two words that are both held is held as well.
        whole = frozenset("".join(term for term, share in zip(question.terms, met, strict=True) if share))
        met = [
            share or float(len(term) > 1 and whole >= set(term))
            for term, share in zip(question.terms, met, strict=True)
        ]
    total = sum(weights)
    return sum(weight * share for weight, share in zip(weights, met, strict=True)) / total if total else 0.0


def _met(term: str, held: frozenset[str], language: str) -> float:
    if term in held:
        return 1.0
    if language not in SNOWBALL_NAMES or term[0].isdigit():
        return 0.0
    if any(shares_a_part(term, other, language) for other in held):
        return _SHARE_OF_PART
    return _SHARE_OF_DERIVED if any(_is_derived(term, other) for other in held) else 0.0


def _is_derived(term: str, other: str) -> bool:
    begin = term[:_DERIVED_FROM]
    longest = _DERIVED_FROM + _DERIVED_TAIL
    return len(begin) == _DERIVED_FROM and other.startswith(begin) and max(len(term), len(other)) <= longest


def _spaceless_terms(question: str, light: str) -> list[str]:
    """Return pairs of characters within words; what only asks and what is written in hiragana is cut out."""
    rest = question
    for word in light.split():
        rest = rest.replace(word, " ")
    runs = _RUN.findall(rest)
    return [pair for run in runs for pair in ([run] if len(run) == 1 or run.isascii() else map("".join, pairwise(run)))]


@cache
def _light_terms(language: str) -> frozenset[str]:
    light = load_question_words()[language].light
    return frozenset(terms(light, language)) | frozenset(light.split())


def _folded(text: str, language: str) -> str:
    """Return ``text`` without accents but with its case, as the patterns of ``QuestionWords`` want it."""
    if language in SPACELESS:
        return text
    return "".join(fold_token(c) if c.islower() else fold_token(c).upper() if c.isupper() else c for c in text).strip(
        " ¿¡"
    )
