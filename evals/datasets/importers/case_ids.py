"""Ids that are unique in a set, whatever its makers did."""

from collections.abc import Iterable
from dataclasses import replace

from evals.schema import Case


def with_unique_ids(cases: Iterable[Case]) -> tuple[Case, ...]:
    """``cases`` with an id each: a missing one becomes its number, a taken one gets ``-2``, ``-3``, …"""
    taken: set[str] = set()
    unique = []
    for number, case in enumerate(cases, start=1):
        stem = case.id or f"{number:04d}"
        name, n = stem, 1
        while name in taken:
            n += 1
            name = f"{stem}-{n}"
        taken.add(name)
        unique.append(case if name == case.id else replace(case, id=name))
    return tuple(unique)
