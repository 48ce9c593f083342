"""Check that the numbers of a claim stand in the cited sentences and count the same things there."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from index.text.terms import STOPWORDS
from rag.verify.checks.amounts import Amount, find_amounts
from rag.verify.checks.base import CitedText, Finding
from rag.verify.checks.dates import blank_dates, find_dates
from rag.verify.checks.wording import Alignment, Change

_NOT_ADDED = frozenset({"ordinal", "time", "decade", "fraction"})
_MOST_ADDED = 8  # numbers of the source; of more, some two give almost any number


def number_findings(claim: str, source: CitedText, alignment: Alignment) -> Iterator[Finding]:
    """Yield numbers that no cited sentence has, or that count something else there."""
    held = find_amounts(blank_dates(source.text))
    near: tuple[Amount, ...] | None = None
    years = {day.year for day in find_dates(source.text)}
    for said in find_amounts(blank_dates(claim)):
        same = [amount for amount in held if said.matches(amount)]
        if said.unit == "ordinal" and any(amount.value == said.value for amount in held):
            continue  # "the fourth season" of "Season 4"
        if same or said.value in years:
            other = None if said.value in years else _counted_otherwise(said, same, held)
            if other:
                yield Finding("number", "wrong", f"the source has {_with_noun(other)}, not {_with_noun(said)}")
            continue
        if not alignment.is_close and _follows_by_arithmetic(said, held):
            continue
        instead = _number_instead(said, held, alignment)
        if instead:
            yield Finding("number", "wrong", f"the source says {instead.text}, not {said.text}")
        elif not said.is_vague:
            near = find_amounts(blank_dates(f"{source.title}\n{source.around}")) if near is None else near
            rivals = [amount for amount in held if not amount.is_vague and _are_comparable(said, amount)]
            if any(said.matches(amount) for amount in near):
                yield Finding("number", "missing", f"“{said.text}” stands near by, not in the cited sentence")
            elif len(rivals) == 1 and alignment.is_close:
                yield Finding("number", "wrong", f"the source says {rivals[0].text}, not {said.text}")
            else:
                yield Finding("number", "missing", f"no cited sentence says {said.text}")


def _number_instead(said: Amount, held: Sequence[Amount], alignment: Alignment) -> Amount | None:
    """Return the number that stands in the place of ``said``: between the same words, or before the same noun."""
    for change in alignment.changes:
        if _covers(change, said):
            for amount in held:
                if any(w.low in _spellings(amount) for w in change.source):
                    return amount
    counted = set(said.counted_stems[:1]) - STOPWORDS
    return next((a for a in held if counted & set(a.counted_stems[:1]) and _are_comparable(said, a)), None)


def _follows_by_arithmetic(said: Amount, held: Sequence[Amount]) -> bool:
    """Tell whether ``said`` is a sum, a difference, a share or a multiple of two numbers of the source.

    In a claim that keeps the source's words a changed number is a mistake, whatever it happens to add up to.
    """
    if len(held) > _MOST_ADDED:
        return False
    for one, other in permutations((amount for amount in held if amount.unit not in _NOT_ADDED), 2):
        results = [one.value - other.value, one.value + other.value]
        if other.value:
            share = one.value / other.value
            results += [share, 100 * share, 100 * (share - 1), 100 * (1 - share)]
        if any(_is_about(said, result) for result in results):
            return True
    halves = (factor * amount.value for amount in held for factor in (0.5, 2))
    return any(_is_about(said, result) for result in halves)


def _is_about(said: Amount, value: float) -> bool:
    spread = 0.05 * abs(value) if said.is_approximate else 0.5 * said.precision if said.unit == "%" else 0.0
    return value > 0 and abs(said.value - value) <= max(spread, 1e-6 * value)


def _covers(change: Change, said: Amount) -> bool:
    return any(said.start <= word.start < said.end for word in change.claim)


def _spellings(amount: Amount) -> frozenset[str]:
    return frozenset(amount.text.casefold().replace(",", "").replace("-", " ").split()) | {
        amount.text.casefold().replace(",", "")
    }


def _are_comparable(one: Amount, other: Amount) -> bool:
    return one.unit == other.unit or ("" in (one.unit, other.unit) and "ordinal" not in (one.unit, other.unit))


def _counted_otherwise(said: Amount, same: Sequence[Amount], held: Sequence[Amount]) -> Amount | None:
    """Return the number that counts there what ``said`` counts here, where the equal one counts something else."""
    counted = set(said.counted_stems[:1]) - STOPWORDS
    if (
        said.is_vague
        or not counted
        or any(set(said.counted_stems) & set(a.counted_stems) - STOPWORDS or not a.counted_stems for a in same)
    ):
        return None
    return next(
        (a for a in held if counted & set(a.counted_stems[:1]) and not a.matches(said) and _are_comparable(said, a)),
        None,
    )


def _with_noun(amount: Amount) -> str:
    return f"{amount.text} {amount.noun}".rstrip()
