"""A rebuilt index put in the place of the old one by renaming, so that at every moment one of them is whole.

Beside the Chroma collections ``NAME.passages`` and ``NAME.documents`` (and on a server ``NAME.tokens``) a rebuild fills
``NAME.rebuilding.passages`` and so on. Once they are whole, ``NAME.passages`` becomes ``NAME.replaced.passages``: from
that rename on the rebuilt ones count, under whichever name they have, and whoever writes next finishes the renaming.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

KINDS = ("passages", "documents", "tokens")  # what a rebuild makes anew; files are known as before
_OPENED = "passages"  # every index has this one
_REBUILDING, _REPLACED = "rebuilding", "replaced"


def rebuilding(named: str) -> str:
    """What the index is called that is to take the place of ``named``."""
    return f"{named}.{_REBUILDING}"


def collection_names(client: "ClientAPI") -> frozenset[str]:
    """The names of all Chroma collections."""
    return frozenset(collection.name for collection in client.list_collections())


def index_names(names: frozenset[str]) -> tuple[str, ...]:
    """The indexes that Chroma collections of these names make up, in alphabetical order."""
    ours = {name.removesuffix(f".{_OPENED}") for name in names if name.endswith(f".{_OPENED}")}
    replaced = {name.removesuffix(f".{_REPLACED}") for name in ours if name.endswith(f".{_REPLACED}")}
    aside = (f".{_REBUILDING}", f".{_REPLACED}")
    return tuple(sorted({name for name in ours if not name.endswith(aside)} | replaced))


def is_replaced(names: frozenset[str], named: str) -> bool:
    """Whether the rebuilt index counts already while the renaming is not done."""
    return any(f"{named}.{_REPLACED}.{kind}" in names for kind in KINDS)


def current_name(names: frozenset[str], named: str, kind: str) -> str:
    """The name of the Chroma collection that holds what the index ``named`` has of a kind."""
    rebuilt = f"{rebuilding(named)}.{kind}"
    return rebuilt if kind in KINDS and rebuilt in names and is_replaced(names, named) else f"{named}.{kind}"


def begin(client: "ClientAPI", named: str) -> None:
    """From here on the rebuilt index counts."""
    _rename(client, f"{named}.{KINDS[0]}", f"{named}.{_REPLACED}.{KINDS[0]}")


def finish(client: "ClientAPI", named: str) -> None:
    """Give the rebuilt index its name and drop the one it replaces; stopped anywhere, it can be called again."""
    names = collection_names(client)
    for kind in KINDS:
        rebuilt, now, old = f"{rebuilding(named)}.{kind}", f"{named}.{kind}", f"{named}.{_REPLACED}.{kind}"
        if rebuilt in names:
            if now in names:
                _rename(client, now, old)
            _rename(client, rebuilt, now)
    aside = {f"{rebuilding(named)}.{kind}" for kind in ("files", "writers")}
    left = {*aside, *(f"{named}.{_REPLACED}.{kind}" for kind in reversed(KINDS))}
    for name in sorted(left & collection_names(client)):
        client.delete_collection(name)


def _rename(client: "ClientAPI", name: str, to: str) -> None:
    client.get_collection(name, embedding_function=None).modify(name=to)
