"""Whether the numbers of a claim stand in the cited sentences, counting the same."""

from collections.abc import Iterator, Sequence

from index.text.terms import STOPWORDS
from rag.verify.checks.amounts import Amount, amounts
from rag.verify.checks.base import Cited, Finding
from rag.verify.checks.dates import named_days, without_days
from rag.verify.checks.wording import Beside, Change


def number_findings(claim: str, source: Cited, beside: Beside) -> Iterator[Finding]:
    """A number that no cited sentence has, or that counts something else there."""
    held = amounts(without_days(source.text))
    near: tuple[Amount, ...] | None = None
    years = {day.year for day in named_days(source.text)}
    for said in amounts(without_days(claim)):
        same = [amount for amount in held if said.same(amount)]
        if said.unit == "ordinal" and any(amount.value == said.value for amount in held):
            continue  # "the fourth season" of "Season 4"
        if same or said.value in years:
            other = None if said.value in years else _counted_otherwise(said, same, held)
            if other:
                yield Finding("number", "wrong", f"the source has {_with(other)}, not {_with(said)}")
            continue
        instead = _instead(said, held, beside)
        if instead:
            yield Finding("number", "wrong", f"the source says {instead.text}, not {said.text}")
        elif not said.vague:
            near = amounts(without_days(f"{source.title}\n{source.around}")) if near is None else near
            rivals = [amount for amount in held if not amount.vague and _comparable(said, amount)]
            if any(said.same(amount) for amount in near):
                yield Finding("number", "missing", f"“{said.text}” stands near by, not in the cited sentence")
            elif len(rivals) == 1 and beside.alike:
                yield Finding("number", "wrong", f"the source says {rivals[0].text}, not {said.text}")
            else:
                yield Finding("number", "missing", f"no cited sentence says {said.text}")


def _instead(said: Amount, held: Sequence[Amount], beside: Beside) -> Amount | None:
    """The number that stands in the place of ``said``: between the same words, or before the same noun."""
    for change in beside.changes:
        if _covers(change, said):
            for amount in held:
                if any(w.low in _spelt(amount) for w in change.source):
                    return amount
    counted = set(said.counts[:1]) - STOPWORDS
    return next((a for a in held if counted & set(a.counts[:1]) and _comparable(said, a)), None)


def _covers(change: Change, said: Amount) -> bool:
    return any(said.start <= word.start < said.end for word in change.claim)


def _spelt(amount: Amount) -> frozenset[str]:
    return frozenset(amount.text.casefold().replace(",", "").replace("-", " ").split()) | {
        amount.text.casefold().replace(",", "")
    }


def _comparable(one: Amount, other: Amount) -> bool:
    return one.unit == other.unit or ("" in (one.unit, other.unit) and "ordinal" not in (one.unit, other.unit))


def _counted_otherwise(said: Amount, same: Sequence[Amount], held: Sequence[Amount]) -> Amount | None:
    """The number that counts there what ``said`` counts here, where the equal one counts something else."""
    counted = set(said.counts[:1]) - STOPWORDS
    if said.vague or not counted or any(set(said.counts) & set(a.counts) - STOPWORDS or not a.counts for a in same):
        return None
    return next((a for a in held if counted & set(a.counts[:1]) and not a.same(said) and _comparable(said, a)), None)


def _with(amount: Amount) -> str:
    return f"{amount.text} {amount.noun}".rstrip()
