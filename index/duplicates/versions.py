"""Tell whether two documents are versions of one text, such as the leave policies of 2023 and 2026, and which is newer.

Precision first: near-duplicates that differ in a name are price lists of two towns or manuals of two products. Versions
are documents whose titles, file names, folders and head lines agree in every word that is no mark of a version, whose
texts are nearly the same once numbers are left out, and which nothing else tells apart.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any, Protocol

from index.duplicates.minhash import estimate_similarity, signature
from index.schema import Document
from index.text.dates import iso_date, parse_date_range
from index.text.month_names import MONTH_PATTERN, month_number
from index.text.terms import fold_words

_MIN_SIMILARITY = 0.5  # share of word runs in common, numbers left out: a page with a dozen changed names reaches it
_COMPARED = 20_000  # characters of each text that are compared
_HEAD, _HEAD_LINES = 1_500, 6  # characters in which a text dates itself; lines that name what it is of
_HEAD_LINE = 80  # characters of such a line, at most
_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"
_NUMBERED = r"\b(?:v|ver|version|rev|revision|edition|release|fassung)\.? ?(?:no\.? ?)?(?P<number>\d+(?:\.\d+)*)\b"
_COPY = re.compile(r"(?:[ -]| copy ?)\(?\d\)?$")  # what a program adds to the second file of a name
_MARK = re.compile(
    rf"{_NUMBERED}|{_YEAR}(?:[-./ ]?\d\d(?!\d)){{0,2}}|\b\d{{1,2}}[-./ ]\d{{1,2}}[-./ ](?:{_YEAR}|\d\d\b)"
    rf"|\b(?:\d{{1,2}}(?:st|nd|rd|th)?\.? )?(?:{MONTH_PATTERN})\b\.?(?: \d{{1,2}}(?:st|nd|rd|th)?\b)?"
    r"|\b(?:\d+(?:st|nd|rd|th) edition|q[1-4]|draft|final|new|old|current|latest|previous|former|updated|revised|copy"
    r"|archived?|superseded|obsolete|signed)\b",
    re.IGNORECASE,
)
_OLD = re.compile(r"\b(?:old|previous|former|archived?|superseded|obsolete)\b", re.IGNORECASE)
_SINCE = r"(?:(?: (?:from|since|as of|as from|on|date|with effect from|ab|seit))*[: ]\s*)(?P<rest>[^\n]{4,30})"
_IN_FORCE = re.compile(
    rf"\b(?:valid|effective|in force|in effect|with effect|appl(?:y|ies|icable)|gültig|gilt){_SINCE}", re.IGNORECASE
)
_MADE = re.compile(
    rf"\b(?:(?:last )?(?:updated|revised|reviewed|amended|changed|modified)|issued|approved|adopted|published|dated"
    rf"|date|status|stand|as (?:of|at)){_SINCE}",
    re.IGNORECASE,
)
_OWNERS = re.compile(r"(?:author|contact|owner|(?:approved|prepared|written|reviewed) by|responsible)\b", re.IGNORECASE)
_MONTH_OF_YEAR = re.compile(rf"\b(?P<month>{MONTH_PATTERN})\.? (?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)


class Named(Protocol):
    """What is said of a document wherever it is mentioned: by itself, its passages or a row of the list."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def source(self) -> str:
        """The path that it was read from."""

    @property
    def metadata(self) -> Mapping[str, str]:
        """What its file says of it."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The day from which a document says that it holds, and the offset at which it says so."""

    day: date
    at: int


def same_subject(one: Named, other: Named) -> bool:
    """Tell whether two documents are called the same but for marks of a version; their texts may still differ."""
    return (
        one.metadata.get("outlet") == other.metadata.get("outlet")
        and "mail" not in (one.metadata.get("format"), other.metadata.get("format"))
        and _subject(one.title) == _subject(other.title)
        and _file_subject(one.source) == _file_subject(other.source)
    )


def are_versions(one: Document, other: Document) -> bool:
    """Tell whether two documents are versions of one text."""
    if not same_subject(one, other) or _head_subject(one) != _head_subject(other):
        return False
    signatures = [signature(re.sub(r"\d+", "0", document.text[:_COMPARED])) for document in (one, other)]
    return bool(estimate_similarity(signatures[0], signatures[1][None])[0] >= _MIN_SIMILARITY)


def compare_versions(one: Document, other: Document) -> int:
    """Return 1 where ``one`` is newer than ``other``, -1 where it is older, and 0 where that cannot be told.

    The days that the texts state count, those in their names, the version's number and words such as "old"; where these
    disagree nothing is told. The day that a program put into the file counts only where there is nothing else.
    """
    signs = {sign for a, b in zip(_marks(one), _marks(other), strict=True) if (sign := _compare(a, b))}
    if not signs:
        file_days = (parse_date_range(document.metadata.get("file_date", "")) for document in (one, other))
        return _compare(*file_days)
    return signs.pop() if len(signs) == 1 else 0


def in_force(document: Document) -> InForce | None:
    """Find the day from which a document says that it holds: "Valid from 1 January 2026"; None where it does not.

    >>> in_force(Document("d", "Fees", "fees.txt", "Fees. In force since 1 May 2025."))
    InForce(day=datetime.date(2025, 5, 1), at=6)
    """
    found = _IN_FORCE.search(document.text[:_HEAD])
    days = _read_days(found["rest"]) if found else None
    return InForce(days[0], found.start()) if found and days else None


def version_words(one: Named) -> frozenset[str]:
    """Return the words in a document's names that mark its version: ``{"2026"}``, ``{"draft", "v2"}``."""
    names = (one.title, PurePosixPath(one.source).stem)
    return frozenset(word for name in names for mark in _MARK.finditer(_spaced(name)) for word in fold_words(mark[0]))


def _marks(document: Document) -> tuple[tuple[Any, Any] | None, ...]:
    """Return what orders versions, each as its first and last: the days stated and named, the number, not being old."""
    head = document.text[:_HEAD]
    names = [_spaced(document.title), _spaced(PurePosixPath(document.source).stem)]
    held = in_force(document)
    made = _MADE.search(head)
    number = next((m for text in (*names, head[:300]) if (m := re.search(_NUMBERED, text, re.IGNORECASE))), None)
    old = any(_OLD.search(_spaced(text)) for text in (document.title, document.source))
    return (
        (held.day, held.day) if held else None,
        _read_days(made["rest"]) if made else None,
        next((days for name in names if (days := _read_days(name))), None),
        parse_date_range(document.metadata.get("date", "")),
        (tuple(map(int, number["number"].split("."))),) * 2 if number else None,
        (not old, not old),
    )


def _compare(one: tuple[Any, Any] | None, other: tuple[Any, Any] | None) -> int:
    """Compare two ranges, ``(first, last)``, of one sort; 0 where they overlap or one is missing."""
    if one is None or other is None:
        return 0
    return int(one[0] > other[1]) - int(one[1] < other[0])


def _read_days(text: str) -> tuple[date, date] | None:
    """Read the first and last day of the day, month or year in a short text; None where it names none, or several."""
    day = iso_date(text)
    month = _MONTH_OF_YEAR.search(text)
    if day is None and month:
        day = f"{month['year']}-{month_number(month['month']):02}"
    years = set(re.findall(_YEAR, text))
    return parse_date_range(day or (years.pop() if len(years) == 1 else ""))


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _subject(name: str) -> tuple[str, ...]:
    """Return the words of a name without those that mark a version."""
    return tuple(fold_words(_MARK.sub(" ", _spaced(name))))


def _file_subject(source: str) -> tuple[tuple[str, ...], ...]:
    """Return the words that name the file and its folders; a folder that is called by a version alone names nothing."""
    path = PurePosixPath(source.replace("\\", "/"))
    parts = (*path.parts[:-1], _COPY.sub("", _spaced(path.stem)))
    return tuple(words for part in parts if (words := _subject(part)))


def _head_subject(document: Document) -> tuple[tuple[str, ...], ...]:
    """Return the words of the first lines that are no sentences, such as "Branch: Dover"."""
    lines = [line for line in document.text[:_HEAD].split("\n") if line.strip()][:_HEAD_LINES]
    named = (line for line in lines if len(line) < _HEAD_LINE and not line.rstrip().endswith(".") and "; " not in line)
    return tuple(words for line in named if not _OWNERS.match(line) and (words := _subject(line)))
