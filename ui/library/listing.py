"""The list of documents: its rows, and which of them are shown in which order."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from index.schema import DocumentInfo
from index.text.terms import fold_words

COLUMNS: Mapping[str, str] = {
    "title": "Title",
    "outlet": "Outlet",
    "date": "Date",
    "size": "Size",
    "passages": "Passages",
    "status": "Status",
}
_DESCENDING_FIRST = ("date", "size", "passages")  # columns that are sorted with the largest values first

READY, FILE_GONE, REINDEXING, REMOVING = "ready", "file gone", "waits to be re-indexed", "is being removed"
STATUSES = (READY, FILE_GONE, REINDEXING, REMOVING)


@dataclass(frozen=True, slots=True)
class Row:
    """One document. ``size`` counts characters; ``file`` is where it was read from, as a list shows it.

    ``note`` names what could not be read of its file.
    """

    id: str
    title: str
    file: str
    outlet: str
    date: str
    size: int
    passages: int
    status: str
    collections: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which rows a reader asks for; empty values ask for any. At most ``limit`` rows are shown."""

    words: str = ""
    outlet: str = ""
    status: str = ""
    collection: str = ""
    sort: str = "title"
    descending: bool = False
    limit: int = 50


def list_rows(
    documents: Iterable[DocumentInfo],
    members: Mapping[str, Collection[str]],
    under_way: Mapping[str, str],
    gone: Collection[str],
    place: Callable[[str], str] = lambda source: PurePath(source).name,
) -> list[Row]:
    """Return a row for each document.

    ``members`` are the ids in each collection, ``under_way`` the pending change of a document, ``gone`` the paths of
    missing files; ``place`` shortens a path.
    """
    of_document: dict[str, list[str]] = {}
    for name, ids in members.items():
        for id_ in ids:
            of_document.setdefault(id_, []).append(name)
    words = {"reindex": REINDEXING, "remove": REMOVING}
    return [
        Row(
            info.id,
            info.title or PurePath(info.source).name,
            place(info.source),
            info.metadata.get("outlet", ""),
            info.metadata.get("date", ""),
            info.size,
            info.passages,
            words.get(under_way.get(info.id, ""), FILE_GONE if info.source in gone else READY),
            tuple(of_document.get(info.id, ())),
            info.metadata.get("note", ""),
        )
        for info in documents
    ]


def filter_rows(rows: Sequence[Row], query: ListQuery) -> list[Row]:
    """Return all rows that the query asks for, in its order; rows without a value last, equal ones by title."""
    matching = [row for row in rows if _matches(row, query)]
    matching.sort(key=lambda row: (row.title.casefold(), row.id))
    column = query.sort if query.sort in COLUMNS else "title"
    with_value = [row for row in matching if getattr(row, column) != ""]
    without = [row for row in matching if getattr(row, column) == ""]
    with_value.sort(key=lambda row: _sort_key(row, column), reverse=query.descending)
    return with_value + without


def sort_by(query: ListQuery, column: str) -> tuple[str, bool]:
    """Return the column and direction after a click on ``column``, reversed where it was sorted by already."""
    if column == query.sort:
        return column, not query.descending
    return column, column in _DESCENDING_FIRST


def _matches(row: Row, query: ListQuery) -> bool:
    if query.outlet and row.outlet.casefold() != query.outlet.casefold():
        return False
    if (query.status and row.status != query.status) or (query.collection and query.collection not in row.collections):
        return False
    words = fold_words(query.words)
    held = fold_words(f"{row.title} {row.outlet} {row.date} {row.file} {' '.join(row.collections)}") if words else []
    return all(any(one.startswith(word) for one in held) for word in words)


def _sort_key(row: Row, column: str) -> str | int:
    value: str | int = getattr(row, column)
    return value.casefold() if isinstance(value, str) else value
