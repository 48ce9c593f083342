"""Metrics of an answer's text against reference answers, and of its evidence against gold spans.

Exact match and F1 follow SQuAD 2.0's official script (Rajpurkar et al. 2018); they equal SQuAD 1.1's
(Rajpurkar et al. 2016) whenever each reference has a token left after normalisation. A question without
references is unanswerable and its only right answer is the empty string, which is how a refusal is passed in.
"""

import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence

from evals.scoring.metrics.spans import Interval, span_recall

_ARTICLE = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_MARK_IN_NUMBER = re.compile(r"(?<=\d)[.,:](?=\d)")
_NOT_A_WORD = re.compile(r"[\W_]+")


def squad_normalised(text: str) -> str:
    """Lower the case, delete ASCII punctuation, then remove a/an/the and fold white space (SQuAD)."""
    return " ".join(_ARTICLE.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(prediction: str, references: Iterable[str]) -> float:
    """Return 1 when the prediction equals a reference after normalisation (SQuAD 2.0)."""
    said = squad_normalised(prediction)
    return float(any(said == squad_normalised(reference) for reference in _references(references)))


def token_f1(prediction: str, references: Iterable[str]) -> float:
    """Return the best F1 of shared tokens over the references; where one side has no token, 1 if both have none."""
    said = squad_normalised(prediction).split()
    return max(_f1(said, squad_normalised(reference).split()) for reference in _references(references))


def contains(answer: str, references: Iterable[str]) -> float | None:
    """Return 1 when a reference stands in the answer as whole tokens in a row; None without references.

    Two readings are tried. SQuAD's deletes punctuation, which makes "U.S." equal "US". The other makes
    punctuation a boundary, save within a number, which finds "Kyiv" in "Kyiv's" and "New York" in "New
    York-based" but not "3" in "5.3".
    """
    wanted = [reference for reference in references if squad_normalised(reference)]
    if not wanted:
        return None
    return float(
        any(
            _stands_in(read(reference).split(), read(answer).split())
            for read in (squad_normalised, _split_at_punctuation)
            for reference in wanted
        )
    )


def evidence_covered(cited: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return share of the gold characters that lie inside cited spans; None without gold."""
    return span_recall(cited, gold)


def all_evidence_covered(cited: Iterable[Interval], gold: Iterable[Interval]) -> float | None:
    """Return 1 when every gold character lies inside a cited span; None without gold."""
    share = span_recall(cited, gold)
    return None if share is None else float(share == 1.0)


def _references(references: Iterable[str]) -> Sequence[str]:
    return [reference for reference in references if squad_normalised(reference)] or [""]


def _f1(said: Sequence[str], wanted: Sequence[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    same = (Counter(said) & Counter(wanted)).total()
    return 2 * same / (len(said) + len(wanted))


def _split_at_punctuation(text: str) -> str:
    words = _NOT_A_WORD.sub(" ", _MARK_IN_NUMBER.sub("", text.lower()))
    return " ".join(_ARTICLE.sub(" ", words).split())


def _stands_in(part: Sequence[str], whole: Sequence[str]) -> bool:
    if not part:
        return False
    return any(whole[i : i + len(part)] == part for i in range(len(whole) - len(part) + 1))
