"""Whether a claim denies what its sources affirm, or the other way about."""

from collections.abc import Iterator, Sequence

from index.text.terms import STOPWORDS
from rag.verify.checks.base import Cited, Finding
from rag.verify.checks.wording import Beside, Change, Word

_NOT = frozenset("not no never neither nor none nobody nothing without hardly scarcely barely nowhere".split())
# Verbs that deny what follows them.
_DENYING = frozenset(
    (
        "denied denies deny denying refused refuses refuse refusing failed fails fail failing declined declines "
        "decline rejected rejects reject rejecting disputed disputes dispute disputing avoided avoids avoid "
        "prevented prevents prevent lacked lacks lack lacking unable impossible false untrue unlikely refuted "
        "refutes doubted doubts stopped dismissed dismisses withdrew abandoned cancelled canceled banned forbade "
        "barred blocked"
    ).split()
)
_LIGHT = STOPWORDS | frozenset(
    "also even yet still just simply ever really any would will could should may might must much been being".split()
)
_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "mis")
_ROOT = 4
_MOST = 0.6  # of what a claim affirms
_GOVERNED = 6  # words after a verb of denying that it denies


def polarity_findings(claim: Sequence[Word], source: Cited, beside: Beside) -> Iterator[Finding]:
    """A negation that the claim has and the source not, or the source and the claim not."""
    found = _by_change(beside) or _by_heads(claim, source) or _undenied(claim, source) or _unprefixed(claim, source)
    if found:
        yield Finding("negation", "wrong", found)


def _by_change(beside: Beside) -> str:
    """Of two sentences nearly alike, the negation that one has between the words of the other."""
    if not beside.alike or _moved(beside.changes):
        return ""
    for change in beside.changes:
        here, there = _loose(change.claim, change.source), _loose(change.source, change.claim)
        if here and not there:
            return f"the source does not say “{here[0].text}”" if _plain(change) else ""
        if there and not here and (change.inside or change.claim):
            return f"the source says “{there[0].text}”" if _plain(change) else ""
    return _by_prefix(beside.changes)


def _moved(changes: Sequence[Change]) -> bool:
    """Whether each has a negation of its own, so that one has only moved or is worded otherwise."""
    return any(_denials(c.claim) for c in changes) and any(_denials(c.source) for c in changes)


def _plain(change: Change) -> bool:
    """Whether nothing else explains the difference: an opposite word in place of the negated one does."""
    return not _prefixed(change.claim, change.source)


def _loose(found: Sequence[Word], other: Sequence[Word]) -> list[Word]:
    """Negations of a difference that negate what stands outside it: not "but not EU taxes", left out as a whole.

    A verb of denying in the place of another verb is a matter of opposites.
    """
    replaced = any(w.low not in _LIGHT and w.low not in _NOT for w in other)
    heads = (w for w in reversed(found) if w.low not in _LIGHT and w.low not in _NOT and w.low not in _DENYING)
    last = next((w.start for w in heads), -1)
    return [word for word in _denials(found) if word.start > last and not (replaced and word.low in _DENYING)]


def _denials(found: Sequence[Word]) -> list[Word]:
    return [word for word in found if word.low in _NOT or word.low in _DENYING]


def _by_prefix(changes: Sequence[Change]) -> str:
    for change in changes:
        pair = _prefixed(change.claim, change.source)
        negated = len(_denials(change.claim)) != len(_denials(change.source))
        if pair and not negated:
            return f"the source says {pair[1].text}, not {pair[0].text}"
    return ""


def _prefixed(one: Sequence[Word], other: Sequence[Word]) -> tuple[Word, Word] | None:
    """Two words of which one is the other with a prefix that negates: "safe" and "unsafe"."""
    for a in one:
        for b in other:
            short, long = sorted((a.low, b.low), key=len)
            if len(short) >= _ROOT and any(long == prefix + short for prefix in _PREFIXES):
                return a, b
    return None


def _unprefixed(claim: Sequence[Word], source: Cited) -> str:
    """A word that the source has with a prefix that negates and never without, or the other way about."""
    if _denials(claim):
        return ""
    held = {word.low: word for found in (source.around_words, *source.words) for word in found}
    denying = any(_denials(sentence) for sentence in source.words)
    for word in claim:
        if word.low not in held and len(word.low) >= _ROOT:
            longer = (prefix + word.low for prefix in _PREFIXES)
            shorter = (word.low.removeprefix(prefix) for prefix in _PREFIXES if not denying)
            other = next((held[low] for low in (*longer, *shorter) if low in held and len(low) >= _ROOT), None)
            if other is not None:
                return f"the source says {other.text}, not {word.text}"
    return ""


def _by_heads(claim: Sequence[Word], source: Cited) -> str:
    """The word that a negation belongs to, negated here and nowhere there, or there everywhere and not here."""
    said, held = set(_heads(claim)), {head for sentence in source.words for head in _heads(sentence)}
    plain = {key for sentence in source.words for key in _affirmed(sentence)}
    here = {w.key: w.text for w in claim}
    for key in sorted(said - held):
        if key in plain and not any(_denials(sentence) for sentence in source.words):
            return f"the source does not deny “{here[key]}”"
    affirmed = set(_affirmed(claim))
    if not _denials(claim) and any(_elided(sentence, affirmed) for sentence in source.words):
        return "the source says “not”"
    for key in sorted(held - said):
        if key in affirmed and key not in plain and not _denials(claim):
            return f"the source denies “{here[key]}”"
    return ""


def _elided(sentence: Sequence[Word], affirmed: set[str]) -> bool:
    """Whether the sentence ends by denying what the claim affirms: "asked whether she knew, she said she did not"."""
    held = {word.key for word in sentence}
    return bool(sentence) and sentence[-1].low == "not" and len(affirmed & held) >= _MOST * len(affirmed)


def _heads(found: Sequence[Word]) -> Iterator[str]:
    """The first telling word after each "not", "no", "never"."""
    for n, word in enumerate(found):
        if word.low in _NOT and not (n + 1 < len(found) and found[n + 1].low == "only"):
            head = next((w for w in found[n + 1 : n + 5] if w.low not in _LIGHT and not w.low.endswith("ly")), None)
            if head is not None and head.text.islower():
                yield head.key


def _affirmed(found: Sequence[Word]) -> Iterator[str]:
    heads = list(_heads(found))
    for word in found:
        if word.low not in _LIGHT and word.low not in _NOT:
            if word.key in heads:
                heads.remove(word.key)
            else:
                yield word.key


def _undenied(claim: Sequence[Word], source: Cited) -> str:
    """A claim that affirms what a verb of denying governs in the source."""
    if _denials(claim):
        return ""
    keys = {word.key for word in claim}
    for sentence in source.words:
        for n, word in enumerate(sentence):
            if word.low in ("denied", "denies", "refused", "refuses", "declined", "rejected", "failed"):
                governed = [w.key for w in sentence[n + 1 : n + 1 + _GOVERNED] if w.low not in _LIGHT]
                if governed and sum(key in keys for key in governed) >= max(2, 0.6 * len(governed)):
                    return f"the source says “{word.text}”"
    return ""
