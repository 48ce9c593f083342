"""The list of documents: what a row says, and which rows are shown in which order."""

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
_FALLS_FIRST = ("date", "size", "passages")  # columns whose largest values are wanted first

READY, GONE, REINDEX, REMOVE = "ready", "file gone", "waits to be re-indexed", "is being removed"
STATUSES = (READY, GONE, REINDEX, REMOVE)


@dataclass(frozen=True, slots=True)
class Row:
    """One document. ``size`` counts characters; ``file`` is where it was read from, as a list shows it."""

    id: str
    title: str
    file: str
    outlet: str
    date: str
    size: int
    passages: int
    status: str
    collections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows a reader wants to see; empty values want any. At most ``most`` rows are shown."""

    words: str = ""
    outlet: str = ""
    status: str = ""
    collection: str = ""
    sort: str = "title"
    falling: bool = False
    most: int = 50


def rows_of(
    documents: Iterable[DocumentInfo],
    members: Mapping[str, Collection[str]],
    under_way: Mapping[str, str],
    gone: Collection[str],
    place: Callable[[str], str] = lambda source: PurePath(source).name,
) -> list[Row]:
    """A row a document. ``members`` are the ids in each collection, ``gone`` the paths of files that are not there;
    ``place`` says where a path is, in short."""
    of_document: dict[str, list[str]] = {}
    for name, ids in members.items():
        for id_ in ids:
            of_document.setdefault(id_, []).append(name)
    words = {"reindex": REINDEX, "remove": REMOVE}
    return [
        Row(
            info.id,
            info.title or PurePath(info.source).name,
            place(info.source),
            info.metadata.get("outlet", ""),
            info.metadata.get("date", ""),
            info.size,
            info.passages,
            words.get(under_way.get(info.id, ""), GONE if info.source in gone else READY),
            tuple(of_document.get(info.id, ())),
        )
        for info in documents
    ]


def shown(rows: Sequence[Row], wish: Wish) -> list[Row]:
    """The rows that are wanted, all of them, in the order that is wanted; without a value last, equals by title."""
    kept = [row for row in rows if _wanted(row, wish)]
    kept.sort(key=lambda row: (row.title.casefold(), row.id))
    column = wish.sort if wish.sort in COLUMNS else "title"
    with_value = [row for row in kept if getattr(row, column) != ""]
    without = [row for row in kept if getattr(row, column) == ""]
    with_value.sort(key=lambda row: _key(row, column), reverse=wish.falling)
    return with_value + without


def sorted_by(wish: Wish, column: str) -> tuple[str, bool]:
    """The column and direction after a click on ``column``: the other way round when it was sorted by already."""
    if column == wish.sort:
        return column, not wish.falling
    return column, column in _FALLS_FIRST


def _wanted(row: Row, wish: Wish) -> bool:
    if wish.outlet and row.outlet.casefold() != wish.outlet.casefold():
        return False
    if (wish.status and row.status != wish.status) or (wish.collection and wish.collection not in row.collections):
        return False
    words = fold_words(wish.words)
    held = fold_words(f"{row.title} {row.outlet} {row.date} {row.file} {' '.join(row.collections)}") if words else []
    return all(any(one.startswith(word) for one in held) for word in words)


def _key(row: Row, column: str) -> str | int:
    value: str | int = getattr(row, column)
    return value.casefold() if isinstance(value, str) else value
