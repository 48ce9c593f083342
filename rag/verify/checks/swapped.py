"""Names, numbers and dates in another's place, in a claim that is a cited sentence but for a few words."""

from collections.abc import Iterator, Sequence

from rag.verify.checks.amounts import amounts
from rag.verify.checks.finding import Finding
from rag.verify.checks.named_dates import named_days
from rag.verify.checks.names import opens_as_name, same_people
from rag.verify.checks.wording import Beside, Change, Word, is_name

_SURE = 0.75  # share of a claim's words found in order, from which what stands where is certain


def exchange_findings(claim: Sequence[Word], beside: Beside, known: frozenset[str]) -> Iterator[Finding]:
    """What the claim has between equal words where the source has something else of the same kind.

    All of it may stand elsewhere in the cited sentence, so that looking for it alone would not tell.
    """
    if beside.share < _SURE:
        return
    for change in beside.changes:
        if not change.claim or not change.source:
            continue
        dates, numbers = _dates(change), _numbers(change)
        pair = dates or numbers
        if pair:
            yield Finding("date" if dates else "number", "wrong", f"the source says {pair[1]}, not {pair[0]}")
            return
        here, there = _names(change.claim, claim, known), _names(change.source, beside.source, known)
        if here and there and change.only([*here, *there]) and not _same_name(here, there):
            shown, other = (" ".join(word.text for word in run) for run in (here, there))
            yield Finding("name", "wrong", f"the source names {other}, not {shown}")
            return


def _numbers(change: Change) -> tuple[str, str] | None:
    here, there = (amounts(" ".join(w.text for w in side)) for side in (change.claim, change.source))
    if len(here) == len(there) == 1 and not here[0].same(there[0]):
        return here[0].text, there[0].text
    return None


def _dates(change: Change) -> tuple[str, str] | None:
    here, there = (named_days(" ".join(w.text for w in side)) for side in (change.claim, change.source))
    if len(here) == len(there) == 1 and not here[0].agrees(there[0]) and not there[0].agrees(here[0]):
        return here[0].text, there[0].text
    return None


def _names(side: Sequence[Word], whole: Sequence[Word], known: frozenset[str]) -> list[Word]:
    at = {word.start: n for n, word in enumerate(whole)}
    return [word for word in side if is_name(whole, at[word.start], known) or opens_as_name(word)]


def _same_name(here: Sequence[Word], there: Sequence[Word]) -> bool:
    """Whether one can be a way to write the other: words in common, a people for its country, initials."""
    if any(a.low == b.low or same_people(a.low, b.low) for a in here for b in there):
        return True
    for one, other in ((here, there), (there, here)):
        if len(one) == 1 and len(other) > 1 and one[0].low == "".join(word.low[0] for word in other):
            return True
    return False
