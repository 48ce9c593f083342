"""Find words of a claim that stand in the place of their opposite, or of a weaker one."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rag.reading.mismatch.opposites import OPPOSITES, are_opposites
from rag.verify.checks.amounts import Amount, find_amounts
from rag.verify.checks.base import CitedText, Finding
from rag.verify.checks.wording import Alignment, Word, words

# Words of the source that the claim must not turn into certainty.
_HEDGES = frozenset(
    "may might could possibly perhaps probably allegedly reportedly expected plans planned hopes hoped proposed "
    "considering likely potentially almost nearly tried suggested".split()
)
_CERTAIN_VERBS = frozenset(
    "will must is are was were has have had did does can definitely certainly already shall".split()
)
# They are opposites only in exactly the same place: "up" of "gives up" is not the opposite of "drops".
_AMBIGUOUS = frozenset("left right back close hard no most over under more first last up down cut".split())
# "more than 12" tells how exact a number is, not its direction.
_BOUND_WORDS = frozenset("more less fewer over under cut loss double doubled".split())
_PART_BREAK = re.compile(r"[.;:!?](?=\s)|,\s")
_DIRECTION_WORDS = 3  # words on each side of a number that tell its direction
_NEAR_WORDS = 2  # words on each side that tell which of several words is meant


def contrast_findings(claim: Sequence[Word], source: CitedText, alignment: Alignment) -> Iterator[Finding]:
    """Yield an opposite in the place of a word of the source, or "will" in the place of "may"."""
    for change in alignment.changes if alignment.is_close else ():
        alone = len(change.claim) == len(change.source) == 1
        pairs = ((a, b) for a in change.claim for b in change.source if are_opposites(a.low, b.low))
        pair = next(((a, b) for a, b in pairs if alone or not {a.low, b.low} & _AMBIGUOUS), None)
        if pair and not ({w.low for w in change.claim} ^ {w.low for w in change.source}) & {"not", "never", "no"}:
            yield Finding("contrast", "wrong", f"the source says {pair[1].text}, not {pair[0].text}")
            return
        weaker = [w for w in change.source if w.low in _HEDGES and w.text.islower()]
        if weaker and change.inside and not any(w.low in _HEDGES for w in claim):
            stronger = [w for w in change.claim if w.low in _CERTAIN_VERBS]
            if stronger or not change.claim:
                yield Finding("contrast", "missing", f"the source says “{weaker[0].text}”")
                return
    if not alignment.is_close:
        yield from _opposites_anywhere(claim, source)
        yield from _lost_hedges(claim, source)


def direction_findings(claim: str, source: CitedText) -> Iterator[Finding]:
    """Yield a number that goes up in the claim and down in the source: "up 12 per cent" and "12% lower"."""
    for said in find_amounts(claim):
        here = _direction_of(claim, said)
        if here is None:
            continue
        there = {_direction_of(source.text, a) for a in find_amounts(source.text) if a.matches(said)} - {None}
        if there == {not here}:
            shown = "up" if here else "down"
            yield Finding("contrast", "wrong", f"{said.text} is not {shown} in the source")
            return


def _direction_of(text: str, amount: Amount) -> bool | None:
    """Tell whether the words beside a number, in its part of the sentence, say up.

    False means down, and None that they say neither or both.
    """
    before = words(_PART_BREAK.split(text[: amount.start])[-1])[-_DIRECTION_WORDS:]
    after = words(_PART_BREAK.split(text[amount.end :])[0])[:_DIRECTION_WORDS]
    lows = {word.low for word in (*before, *after)} - _BOUND_WORDS
    up, down = (bool(lows & side) for side in OPPOSITES[0])
    return up if up != down else None


def _lost_hedges(claim: Sequence[Word], source: CitedText) -> Iterator[Finding]:
    """Yield "will fall" where the source says "could fall"."""
    certain = {b.key: a.text for a, b in pairwise(claim) if a.low in ("will", "must", "shall")}
    for sentence in source.words:
        for weak, verb in pairwise(sentence):
            if weak.low in ("may", "might", "could") and weak.text.islower() and verb.key in certain:
                yield Finding("contrast", "missing", f"the source says “{weak.text} {verb.text}”")
                return


def _opposites_anywhere(claim: Sequence[Word], source: CitedText) -> Iterator[Finding]:
    """Yield an opposite beside the same word, in another wording, where the source lacks the claim's own word."""
    lows = source.folded
    for n, word in enumerate(claim):
        if (
            word.low in lows
            or word.low in _AMBIGUOUS
            or any(word.low in s and s & lows for pair in OPPOSITES for s in pair)
        ):
            continue
        near = {w.key for w in claim[max(0, n - _NEAR_WORDS) : n + _NEAR_WORDS + 1]} - {word.key}
        for sentence in source.words:
            for m, other in enumerate(sentence):
                if other.low in _AMBIGUOUS or not are_opposites(word.low, other.low):
                    continue
                there = {
                    w.key
                    for w in sentence[max(0, m - _NEAR_WORDS) : m + _NEAR_WORDS + 1]
                    if len(w.key) > _NEAR_WORDS + 1
                }
                if near & there and not {"not", "never", "no"} & {w.low for w in (*claim, *sentence)}:
                    yield Finding("contrast", "wrong", f"the source says {other.text}, not {word.text}")
                    return
