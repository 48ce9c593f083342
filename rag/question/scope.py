"""Which documents a question is put to: by date of publication, by outlet, or one by one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from index.errors import OnrecordError
from index.schema import DocumentInfo
from index.text.dates import DATE_FORMS, parse_date_range


class ScopeError(OnrecordError):
    """A date cannot be read, or the index does not hold the outlet or document."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that may be searched; without any bound, all of them.

    ``since`` and ``until`` are the first and last day of publication. A document dated only to the month or the year
    counts where any of its days does; a document without a date lies in no such range. ``as_of`` is the day the reader
    stands at: documents known to be published later are left out, and "last week" counts from it. ``outlets`` are
    compared without regard to case; ``documents`` are ids.
    """

    since: date | None = None
    until: date | None = None
    outlets: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    as_of: date | None = None

    def narrowed(self, since: date | None, until: date | None) -> "Scope":
        """Return the part of this scope that was published from ``since`` to ``until``."""
        return replace(
            self,
            since=max(filter(None, (self.since, since)), default=None),
            until=min(filter(None, (self.until, until)), default=None),
        )


EVERYTHING = Scope()


def parse_scope(
    since: str = "",
    until: str = "",
    as_of: str = "",
    outlets: Iterable[str] = (),
    documents: Iterable[str] = (),
) -> Scope:
    """Parse a scope as people write it. Dates are YYYY, YYYY-MM or YYYY-MM-DD; empty texts set no bound.

    Raises ScopeError for any other date, and for a range that ends before it begins.

    >>> parse_scope(since="2025-02", outlets=["AP"])
    Scope(since=datetime.date(2025, 2, 1), until=None, outlets=('AP',), documents=(), as_of=None)
    """
    first, last, stand = _parse_days("since", since), _parse_days("until", until), _parse_days("as of", as_of)
    scope = Scope(
        since=first[0] if first else None,
        until=last[1] if last else None,
        outlets=tuple(dict.fromkeys(name.strip() for name in outlets if name.strip())),
        documents=tuple(dict.fromkeys(documents)),
        as_of=stand[1] if stand else None,
    )
    if scope.since and scope.until and scope.since > scope.until:
        raise ScopeError(f"The dates end before they begin: since {since}, until {until}. Swap them.")
    return scope


def select_documents(documents: Sequence[DocumentInfo], scope: Scope) -> frozenset[str]:
    """Return the ids of the documents in ``scope``.

    Raises ScopeError for an outlet or document that is not among them.
    """
    wanted = {name.casefold() for name in scope.outlets}
    _check_outlets(scope.outlets, documents)
    _check_documents(scope.documents, documents)
    named = frozenset(scope.documents)
    return frozenset(
        info.id
        for info in documents
        if (not wanted or _outlet(info).casefold() in wanted)
        and (not named or info.id in named)
        and _is_published_in(info, scope)
    )


def list_outlets(documents: Iterable[DocumentInfo]) -> tuple[str, ...]:
    """Return every outlet once, in its most frequent spelling, in alphabetical order."""
    spellings: dict[str, Counter[str]] = {}
    for info in documents:
        if name := _outlet(info):
            spellings.setdefault(name.casefold(), Counter())[name] += 1
    return tuple(spellings[key].most_common(1)[0][0] for key in sorted(spellings))


def scope_to_dict(scope: Scope) -> dict[str, Any]:
    """Return the scope as plain data, dates in ISO 8601."""
    return {
        "since": _iso_or_none(scope.since),
        "until": _iso_or_none(scope.until),
        "as_of": _iso_or_none(scope.as_of),
        "outlets": list(scope.outlets),
        "documents": list(scope.documents),
    }


def scope_from_dict(data: Mapping[str, Any]) -> Scope:
    """Return the scope that ``scope_to_dict`` made. Raises KeyError, TypeError or ValueError for anything else."""
    days = {name: date.fromisoformat(data[name]) if data[name] else None for name in ("since", "until", "as_of")}
    return Scope(outlets=tuple(data["outlets"]), documents=tuple(data["documents"]), **days)


def _is_published_in(info: DocumentInfo, scope: Scope) -> bool:
    days = parse_date_range(info.metadata.get("date", ""))
    if days is None:
        return scope.since is None and scope.until is None
    first, last = days
    return (
        (scope.since is None or last >= scope.since)
        and (scope.until is None or first <= scope.until)
        and (scope.as_of is None or first <= scope.as_of)
    )


def _check_outlets(wanted: Sequence[str], documents: Sequence[DocumentInfo]) -> None:
    if not wanted:
        return
    known_outlets = list_outlets(documents)
    held = {name.casefold() for name in known_outlets}
    unknown = [name for name in wanted if name.casefold() not in held]
    if unknown:
        known = (
            f"The index has {', '.join(known_outlets)}."
            if known_outlets
            else "No document in the index names an outlet."
        )
        raise ScopeError(f"No document is from {' or '.join(map(repr, unknown))}. {known}")


def _check_documents(wanted: Sequence[str], documents: Sequence[DocumentInfo]) -> None:
    held = {info.id for info in documents} if wanted else set()
    unknown = [id_ for id_ in wanted if id_ not in held]
    if unknown:
        named = ", ".join(map(repr, unknown))
        raise ScopeError(f"The index holds no document {named}. `onrecord list` shows the ids of those it holds.")


def _parse_days(name: str, text: str) -> tuple[date, date] | None:
    if not text.strip():
        return None
    days = parse_date_range(text) if len(text.strip()) <= len("YYYY-MM-DD") else None
    if days is None:
        raise ScopeError(f"{text.strip()!r} is not a date for {name}: write {DATE_FORMS}, as in 2025-02.")
    return days


def _outlet(info: DocumentInfo) -> str:
    return info.metadata.get("outlet", "").strip()


def _iso_or_none(day: date | None) -> str | None:
    return day.isoformat() if day else None
