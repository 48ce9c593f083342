"""Choose the sentences that tell what a document says: an extractive summary, without a model.

The first sentence of the body, and from each further part of the document the one that shares most with the whole
(SumBasic's idea: Nenkova and Vanderwende, 2005), leaving out what cannot be understood alone and what says the same.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.schema import Document
from index.text.sentences import Span, sentence_spans
from index.text.terms import terms

_SHORTEST, _LONGEST = 6, 60  # words of a sentence that may be chosen
_SAME = 0.6  # of the terms of the shorter of two sentences, from which on they say the same
_SUBJECT_BONUS = 1.5  # a sentence about what was asked for counts that much more
_OPENING_BONUS = 1.25  # so does the first sentence under a heading
_LEANING_FACTOR = 0.4  # and that much less one that begins "He", "But", "This"
_BULLETS = ((9, 3), (30, 4), (80, 5), (math.inf, 7))  # up to so many sentences, so many are chosen
_LEANING = re.compile(
    r"\W*(?:he|she|it|they|him|her|his|their|its|this|that|these|those|but|and|or|so|also|then|however|still|yet|"
    r"instead|asked|there|here|such|meanwhile|moreover|therefore|thus|nor)\b",
    re.IGNORECASE,
)
_LEANS_BACK = re.compile(
    r"\b(?:he|she|they|it) (?:said|says|added|told|wrote|explained|argued|warned|claimed)\b", re.IGNORECASE
)
_NO_PROSE = re.compile(
    r"\s*(?:[|#>]|[-*•]\s*$|(?:by|von|par)\s+[A-Z]\S+(?:\s\S+){0,3}$|(?:source|date|author|url|subject|from|to|cc|sent|"
    r"published|updated|copyright|©)\b\s*:?)",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    terms: tuple[str, ...]
    opens: bool  # the first one under a heading
    leans: bool  # cannot be understood without the one before


def key_sentences(
    document: Document,
    idf: Callable[[str], float],
    *,
    most: int | None = None,
    subject: Collection[str] = (),
) -> tuple[Span, ...]:
    """Choose the spans of ``document.text`` that say what it says, in reading order.

    Three to seven, by its length, or at most ``most``; none where it holds no whole sentence. ``idf`` weighs a term,
    and sentences with terms of ``subject`` count for more.
    """
    sentences = _prose(document)
    if not sentences:
        return ()
    wanted = most or next(bullets for upto, bullets in _BULLETS if len(sentences) <= upto)
    weights = _term_weights(sentences, idf)
    scores = [_score(sentence, weights, frozenset(subject)) for sentence in sentences]
    chosen: list[int] = []
    for first, end in _parts(document, sentences, wanted):
        best = sorted(range(first, end), key=lambda n: -scores[n])
        new = next((n for n in best if not any(_says_same(sentences[n], sentences[c]) for c in chosen)), None)
        if new is not None:
            chosen.append(new)
    return tuple((sentences[n].start, sentences[n].end) for n in sorted(chosen))


def _prose(document: Document) -> list[_Sentence]:
    """The sentences that are whole and no heading, by-line, row of a table or date line."""
    headings = sorted(section.start for section in document.sections if section.kind == "heading")
    found: list[_Sentence] = []
    under = -1
    for start, end in sentence_spans(document.text):
        text = document.text[start:end]
        if not is_prose(text):
            continue
        heading = bisect_right(headings, start)
        opens, under = heading != under, heading
        found.append(_Sentence(start, end, tuple(terms(text)), opens, _leans(text)))
    return found


def is_prose(text: str) -> bool:
    """Say whether ``text`` is a whole sentence of running text: no title, by-line, table row or date line."""
    whole = _SHORTEST <= len(text.split()) <= _LONGEST and _ENDS.search(text) is not None
    return whole and _NO_PROSE.match(text) is None


def _leans(text: str) -> bool:
    """Say whether a sentence needs the one before it: by a pronoun, a connective, or a quotation that began earlier."""
    begun_earlier = text.count("“") != text.count("”") or text.count('"') % 2 == 1
    return begun_earlier or _LEANING.match(text) is not None or _LEANS_BACK.search(text) is not None


def _term_weights(sentences: Sequence[_Sentence], idf: Callable[[str], float]) -> dict[str, float]:
    counts = Counter(term for sentence in sentences for term in set(sentence.terms))
    return {term: math.log1p(count) * idf(term) for term, count in counts.items()}


def _score(sentence: _Sentence, weights: dict[str, float], subject: frozenset[str]) -> float:
    held = set(sentence.terms)
    score = sum(weights[term] for term in held) / math.sqrt(len(held) + 4)
    if sentence.leans:
        score *= _LEANING_FACTOR
    if sentence.opens:
        score *= _OPENING_BONUS
    if subject & held:
        score *= _SUBJECT_BONUS
    return score


def _parts(document: Document, sentences: Sequence[_Sentence], wanted: int) -> list[Span]:
    """Cut the sentences into the first one alone and about equal parts, as many as are wanted together."""
    if wanted == 1 or len(sentences) <= 1:
        return [(0, 1)]
    rest = len(sentences) - 1
    parts = min(wanted - 1, rest)
    cuts = [1 + round(rest * n / parts) for n in range(parts + 1)]
    return [(0, 1), *pairwise(cuts)]


def _says_same(one: _Sentence, other: _Sentence) -> bool:
    shorter = min(len(set(one.terms)), len(set(other.terms)))
    return shorter > 0 and len(set(one.terms) & set(other.terms)) >= _SAME * shorter
