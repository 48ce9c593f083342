"""Whether the dates of a claim are those of the cited sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.verify.checks.amounts import amounts
from rag.verify.checks.cited import Cited
from rag.verify.checks.finding import Finding
from rag.verify.checks.named_dates import Day, named_days, relative_days


def date_findings(claim: str, source: Cited) -> Iterator[Finding]:
    """A date that the cited sentences do not give.

    A year alone is given by a full date; a year beside a day that the sentence leaves without one may be the year
    of publication.
    """
    held = [*named_days(source.text), *relative_days(source.text, source.day)]
    years = {day.year for day in held if day.year}
    known = years or {day.year for day in named_days(f"{source.title} {source.day}") if day.year}
    counted = {amount.value for amount in amounts(source.text)}
    for said in named_days(claim):
        if not said.month and said.year in counted:
            continue
        if _given(said, held, known):
            continue
        rivals = [day for day in held if day.start or day.end if _same_kind(said, day)]
        if rivals:
            yield Finding("date", "wrong", f"the source says {rivals[0].text}, not {said.text}")
        else:
            near = any(said.agrees(day) for day in named_days(f"{source.title} {source.around} {source.day}"))
            yield Finding("date", "missing", _missing(said, near=near))


def _given(said: Day, held: Sequence[Day], known: set[int]) -> bool:
    if any(said.agrees(day) for day in held):
        return True
    without_year = replace(said, year=0)
    if said.year in known and any(without_year.agrees(day) and not day.year for day in held if said.month):
        return True
    return said.year in known and not said.month and not said.weekday and not any(day.year for day in held)


def _same_kind(said: Day, other: Day) -> bool:
    """Whether ``other`` names what ``said`` names, so that one stands in the other's place."""
    return all(
        bool(a) <= bool(b) for a, b in ((said.year, other.year), (said.month, other.month), (said.day, other.day))
    ) and bool(said.weekday) == bool(other.weekday)


def _missing(said: Day, *, near: bool) -> str:
    return f"“{said.text}” stands near by, not in the cited sentence" if near else f"no cited sentence says {said.text}"
