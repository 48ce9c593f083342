"""Choose the sentences that tell what a document says: an extractive summary, without a model.

The first sentence of the body, and from each further part of the document, cut between its sections, the one that
shares most with the whole (SumBasic's idea: Nenkova and Vanderwende, 2005) and tells a result (cue words: Edmundson,
1969), leaving out what cannot be understood alone and what says the same.
"""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.schema import Document
from index.text.sentences import SPACELESS_LETTER, Span, sentence_spans
from index.text.terms import terms
from rag.answer.kinds.listing import without_marker
from rag.reading.preferences.identified import is_row

_SHORTEST, _LONGEST = 6, 60  # words of a sentence that may be chosen
_SAME = 0.6  # of the terms of the shorter of two sentences, from which on they say the same
_SUBJECT_BONUS = 1.5  # a sentence about what was asked for counts that much more
_OPENING_BONUS = 1.25  # so does the first sentence under a heading
_RESULT_BONUS = 1.2  # so does one that tells a decision, a sum or how something changed
_LEANING_FACTOR = 0.4  # and that much less one that begins "He", "But", "This"
_LABELLED_FACTOR = 0.2  # or "Present:", which names and tells nothing
_BULLETS = ((6, 3), (15, 4), (60, 5), (math.inf, 7))  # up to so many sentences, so many are chosen
_MORE_FOR_SECTIONS = 2
_LEAD_WITHIN = 5  # sentences from the beginning
_LEANING = re.compile(
    r"\W*(?:he|she|it|they|him|her|his|their|its|this|that|these|those|but|and|or|so|also|then|however|still|yet|"
    r"instead|asked|there(?! (?:is|are|was|were|will|has|have)\b)|here|such|meanwhile|moreover|therefore|thus|nor|"
    r"thanks?|hi|hello|dear|sorry|please|one more thing|let me know)\b",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"\W*(?:[A-Z][\w-]*)(?: [\w-]+){0,2}: ")
_RESULT = re.compile(
    r"[£$€¥]\s?\d|\d\s?(?:%|per cent|euros?|pounds?|million|billion)|"
    r"\b(?:approved?|agreed?|decided?|rejected|adopted|elected|voted|concluded?|recommends?|must|never|"
    r"rose|fell|increased|decreased|grew|record|highest|lowest|in total|overall|most)\b",
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
    section: int  # how many headings stand before it
    factor: float  # what it counts for, by its form


def key_sentences(
    document: Document,
    idf: Callable[[str], float],
    *,
    most: int | None = None,
    subject: Collection[str] = (),
    within: Span | None = None,
) -> tuple[Span, ...]:
    """Choose the spans of ``document.text`` that say what it says, in reading order.

    Three to seven, by its length, or at most ``most``; none where it holds no whole sentence. ``idf`` weighs a term,
    and sentences with terms of ``subject`` count for more. Only sentences ``within`` a span are chosen, where given.
    """
    start, end = within or (0, len(document.text))
    sentences = [sentence for sentence in _prose(document) if start <= sentence.start < end]
    if not sentences:
        return ()
    wanted = most or _bullets(sentences)
    weights = _term_weights(sentences, idf)
    scores = [_score(sentence, weights, frozenset(subject)) for sentence in sentences]
    chosen: list[int] = []
    for first, end in _parts(sentences, wanted):
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
    for span in sentence_spans(document.text):
        start, end = without_marker(document.text, span)
        text = document.text[start:end]
        if not is_prose(text):
            continue
        heading = bisect_right(headings, start)
        opens, under = heading != under, heading
        factor = (_LABELLED_FACTOR if _LABELLED.match(text) else 1.0) * (_RESULT_BONUS if _RESULT.search(text) else 1.0)
        found.append(_Sentence(start, end, tuple(terms(text)), opens, leans(text), heading, factor))
    return found


def _bullets(sentences: Sequence[_Sentence]) -> int:
    """Say how many sentences tell a text: by its length, and one or two more where it has that many sections."""
    by_length = next(bullets for upto, bullets in _BULLETS if len(sentences) <= upto)
    sections = len({sentence.section for sentence in sentences})
    return max(by_length, min(sections, by_length + _MORE_FOR_SECTIONS, _BULLETS[-1][1]))


def is_prose(text: str) -> bool:
    """Say whether ``text`` is a whole sentence of running text: no title, by-line, table row or date line."""
    whole = _SHORTEST <= _count_words(text) <= _LONGEST and _ENDS.search(text) is not None
    return whole and _NO_PROSE.match(text) is None and not is_row(text)


def _count_words(text: str) -> int:
    """Count the words; of a script written without spaces, pairs of characters."""
    spaceless = len(SPACELESS_LETTER.findall(text))
    return len(SPACELESS_LETTER.sub("", text).split()) + spaceless // 2


def leans(text: str) -> bool:
    """Say whether a sentence needs the one before it: by a pronoun, a connective, or a quotation that began earlier."""
    begun_earlier = text.count("“") != text.count("”") or text.count('"') % 2 == 1
    return begun_earlier or _LEANING.match(text) is not None or _LEANS_BACK.search(text) is not None


def _term_weights(sentences: Sequence[_Sentence], idf: Callable[[str], float]) -> dict[str, float]:
    counts = Counter(term for sentence in sentences for term in set(sentence.terms))
    return {term: math.log1p(count) * idf(term) for term, count in counts.items()}


def _score(sentence: _Sentence, weights: dict[str, float], subject: frozenset[str]) -> float:
    held = set(sentence.terms)
    score = sentence.factor * sum(weights[term] for term in held) / math.sqrt(len(held) + 4)
    if sentence.leans:
        score *= _LEANING_FACTOR
    if sentence.opens:
        score *= _OPENING_BONUS
    if subject & held:
        score *= _SUBJECT_BONUS
    return score


def _parts(sentences: Sequence[_Sentence], wanted: int) -> list[Span]:
    """Cut the sentences into the lead alone and about equal parts, as many as are wanted together.

    The lead is the first sentence, or one soon after it that is no label such as "Present:" and no "thanks for". A
    part begins with a section, where one begins near.
    """
    first = range(min(_LEAD_WITHIN, len(sentences)))
    lead = next((n for n in first if sentences[n].factor >= 1 and not sentences[n].leans), 0)
    if wanted == 1 or lead + 1 >= len(sentences):
        return [(lead, lead + 1)]
    rest = len(sentences) - lead - 1
    parts = min(wanted - 1, rest)
    opening = [n for n in range(lead + 2, len(sentences)) if sentences[n].opens]
    cuts = [lead + 1]
    for n in range(1, parts):
        even = lead + 1 + round(rest * n / parts)
        near = [at for at in opening if abs(at - even) <= rest / parts / 2 and at > cuts[-1]]
        cuts.append(min(near, key=lambda at: abs(at - even)) if near else max(even, cuts[-1] + 1))
    return [(lead, lead + 1), *pairwise([*cuts, len(sentences)])]


def _says_same(one: _Sentence, other: _Sentence) -> bool:
    shorter = min(len(set(one.terms)), len(set(other.terms)))
    return shorter > 0 and len(set(one.terms) & set(other.terms)) >= _SAME * shorter
