"""Check that a claim does not deny what its sources affirm, or affirm what they deny."""

from collections.abc import Iterator, Sequence

from index.text.terms import STOPWORDS
from rag.verify.checks.base import CitedText, Finding
from rag.verify.checks.wording import Alignment, Change, Word

_NEGATIONS = frozenset("not no never neither nor none nobody nothing without hardly scarcely barely nowhere".split())
# Verbs that deny what follows them.
_DENYING_VERBS = frozenset(
    (
        "denied denies deny denying refused refuses refuse refusing failed fails fail failing declined declines "
        "decline rejected rejects reject rejecting disputed disputes dispute disputing avoided avoids avoid "
        "prevented prevents prevent lacked lacks lack lacking unable impossible false untrue unlikely refuted "
        "refutes doubted doubts stopped dismissed dismisses withdrew abandoned cancelled canceled banned forbade "
        "barred blocked"
    ).split()
)
_LIGHT_WORDS = STOPWORDS | frozenset(
    "also even yet still just simply ever really any would will could should may might must much been being".split()
)
_NEGATING_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "mis")
_MIN_ROOT_LETTERS = 4
_MIN_AFFIRMED = 0.6  # share of what a claim affirms
_MAX_GOVERNED_WORDS = 6  # after a verb of denying


def polarity_findings(claim: Sequence[Word], source: CitedText, alignment: Alignment) -> Iterator[Finding]:
    """Yield a negation that only the claim has, or only the source."""
    found = (
        _changed_negation(alignment)
        or _negated_heads(claim, source)
        or _denied_in_source(claim, source)
        or _prefix_anywhere(claim, source)
    )
    if found:
        yield Finding("negation", "wrong", found)


def _changed_negation(alignment: Alignment) -> str:
    """Return the negation that one of two nearly equal sentences has between the words of the other, as a reason."""
    if not alignment.is_close or _has_moved(alignment.changes):
        return ""
    for change in alignment.changes:
        here, there = _outer_negations(change.claim, change.source), _outer_negations(change.source, change.claim)
        if here and not there:
            return f"the source does not say “{here[0].text}”" if _is_unexplained(change) else ""
        if there and not here and (change.inside or change.claim):
            return f"the source says “{there[0].text}”" if _is_unexplained(change) else ""
    return _changed_prefix(alignment.changes)


def _has_moved(changes: Sequence[Change]) -> bool:
    """Tell whether each side has a negation of its own, so that it has only moved or is worded otherwise."""
    return any(_negations(c.claim) for c in changes) and any(_negations(c.source) for c in changes)


def _is_unexplained(change: Change) -> bool:
    """Tell whether nothing else explains the difference, as an opposite word in place of the negated one would."""
    return not _prefix_pair(change.claim, change.source)


def _outer_negations(found: Sequence[Word], other: Sequence[Word]) -> list[Word]:
    """Return negations of a difference that negate what stands outside it.

    Not "but not EU taxes", left out as a whole. A verb of denying in the place of another verb is left to the check of
    opposites.
    """
    replaced = any(w.low not in _LIGHT_WORDS and w.low not in _NEGATIONS for w in other)
    heads = (
        w
        for w in reversed(found)
        if w.low not in _LIGHT_WORDS and w.low not in _NEGATIONS and w.low not in _DENYING_VERBS
    )
    last = next((w.start for w in heads), -1)
    return [word for word in _negations(found) if word.start > last and not (replaced and word.low in _DENYING_VERBS)]


def _negations(found: Sequence[Word]) -> list[Word]:
    return [word for word in found if word.low in _NEGATIONS or word.low in _DENYING_VERBS]


def _changed_prefix(changes: Sequence[Change]) -> str:
    for change in changes:
        pair = _prefix_pair(change.claim, change.source)
        negated = len(_negations(change.claim)) != len(_negations(change.source))
        if pair and not negated:
            return f"the source says {pair[1].text}, not {pair[0].text}"
    return ""


def _prefix_pair(one: Sequence[Word], other: Sequence[Word]) -> tuple[Word, Word] | None:
    """Return two words of which one is the other with a negating prefix: "safe" and "unsafe"."""
    for a in one:
        for b in other:
            short, long = sorted((a.low, b.low), key=len)
            if len(short) >= _MIN_ROOT_LETTERS and any(long == prefix + short for prefix in _NEGATING_PREFIXES):
                return a, b
    return None


def _prefix_anywhere(claim: Sequence[Word], source: CitedText) -> str:
    """Return, as a reason, a word that the source has only with a negating prefix, or only without."""
    if _negations(claim):
        return ""
    held = {word.low: word for found in (source.around_words, *source.words) for word in found}
    denying = any(_negations(sentence) for sentence in source.words)
    for word in claim:
        if word.low not in held and len(word.low) >= _MIN_ROOT_LETTERS:
            longer = (prefix + word.low for prefix in _NEGATING_PREFIXES)
            shorter = (word.low.removeprefix(prefix) for prefix in _NEGATING_PREFIXES if not denying)
            other = next(
                (held[low] for low in (*longer, *shorter) if low in held and len(low) >= _MIN_ROOT_LETTERS), None
            )
            if other is not None:
                return f"the source says {other.text}, not {word.text}"
    return ""


def _negated_heads(claim: Sequence[Word], source: CitedText) -> str:
    """Return, as a reason, a word that is negated in the claim and nowhere in the source, or the other way round."""
    said, held = set(_heads(claim)), {head for sentence in source.words for head in _heads(sentence)}
    plain = {key for sentence in source.words for key in _affirmed(sentence)}
    here = {w.key: w.text for w in claim}
    for key in sorted(said - held):
        if key in plain and not any(_negations(sentence) for sentence in source.words):
            return f"the source does not deny “{here[key]}”"
    affirmed = set(_affirmed(claim))
    if not _negations(claim) and any(_ends_in_denial(sentence, affirmed) for sentence in source.words):
        return "the source says “not”"
    for key in sorted(held - said):
        if key in affirmed and key not in plain and not _negations(claim):
            return f"the source denies “{here[key]}”"
    return ""


def _ends_in_denial(sentence: Sequence[Word], affirmed: set[str]) -> bool:
    """Tell whether the sentence ends by denying what the claim affirms.

    For example: "asked whether she knew, she said she did not".
    """
    held = {word.key for word in sentence}
    return bool(sentence) and sentence[-1].low == "not" and len(affirmed & held) >= _MIN_AFFIRMED * len(affirmed)


def _heads(found: Sequence[Word]) -> Iterator[str]:
    """Yield the first content word after each "not", "no", "never"."""
    for n, word in enumerate(found):
        if word.low in _NEGATIONS and not (n + 1 < len(found) and found[n + 1].low == "only"):
            head = next(
                (w for w in found[n + 1 : n + 5] if w.low not in _LIGHT_WORDS and not w.low.endswith("ly")), None
            )
            if head is not None and head.text.islower():
                yield head.key


def _affirmed(found: Sequence[Word]) -> Iterator[str]:
    heads = list(_heads(found))
    for word in found:
        if word.low not in _LIGHT_WORDS and word.low not in _NEGATIONS:
            if word.key in heads:
                heads.remove(word.key)
            else:
                yield word.key


def _denied_in_source(claim: Sequence[Word], source: CitedText) -> str:
    """Return, as a reason, that the claim affirms what a verb of denying governs in the source."""
    if _negations(claim):
        return ""
    keys = {word.key for word in claim}
    for sentence in source.words:
        for n, word in enumerate(sentence):
            if word.low in ("denied", "denies", "refused", "refuses", "declined", "rejected", "failed"):
                governed = [w.key for w in sentence[n + 1 : n + 1 + _MAX_GOVERNED_WORDS] if w.low not in _LIGHT_WORDS]
                if governed and sum(key in keys for key in governed) >= max(2, 0.6 * len(governed)):
                    return f"the source says “{word.text}”"
    return ""
