"""Replace an index by a rebuilt one by renaming, so that at every moment one of the two is whole.

Beside the Chroma collections ``NAME.passages`` and ``NAME.documents`` (and on a server ``NAME.tokens``), a rebuild
fills ``NAME.rebuilding.passages`` and so on. Once they are whole, ``NAME.passages`` becomes ``NAME.replaced.passages``:
from that rename on the rebuilt ones count, under whichever name they have, and whoever writes next finishes the
renaming.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

REBUILT_KINDS = ("passages", "documents", "tokens")  # a rebuild makes these anew; files stay as they are known
_FIRST_KIND = "passages"  # every index has this one
_REBUILDING, _REPLACED = "rebuilding", "replaced"


def rebuild_name(named: str) -> str:
    """Return the name of the index that is to replace ``named``."""
    return f"{named}.{_REBUILDING}"


def collection_names(client: "ClientAPI") -> frozenset[str]:
    """Return the names of all Chroma collections."""
    return frozenset(collection.name for collection in client.list_collections())


def index_names(names: frozenset[str]) -> tuple[str, ...]:
    """Return the indexes that Chroma collections of these names make up, in alphabetical order."""
    ours = {name.removesuffix(f".{_FIRST_KIND}") for name in names if name.endswith(f".{_FIRST_KIND}")}
    replaced = {name.removesuffix(f".{_REPLACED}") for name in ours if name.endswith(f".{_REPLACED}")}
    aside = (f".{_REBUILDING}", f".{_REPLACED}")
    return tuple(sorted({name for name in ours if not name.endswith(aside)} | replaced))


def is_replaced(names: frozenset[str], named: str) -> bool:
    """Tell whether the rebuilt index counts already while the renaming is not finished."""
    return any(f"{named}.{_REPLACED}.{kind}" in names for kind in REBUILT_KINDS)


def current_name(names: frozenset[str], named: str, kind: str) -> str:
    """Return the name of the Chroma collection that holds the given kind of thing of the index ``named``."""
    rebuilt = f"{rebuild_name(named)}.{kind}"
    return rebuilt if kind in REBUILT_KINDS and rebuilt in names and is_replaced(names, named) else f"{named}.{kind}"


def begin_swap(client: "ClientAPI", named: str) -> None:
    """Make the rebuilt index count from now on."""
    _rename(client, f"{named}.{REBUILT_KINDS[0]}", f"{named}.{_REPLACED}.{REBUILT_KINDS[0]}")


def finish_swap(client: "ClientAPI", named: str) -> None:
    """Give the rebuilt index its name and delete the one it replaces; stopped anywhere, it can be called again."""
    names = collection_names(client)
    for kind in REBUILT_KINDS:
        rebuilt, now, old = f"{rebuild_name(named)}.{kind}", f"{named}.{kind}", f"{named}.{_REPLACED}.{kind}"
        if rebuilt in names:
            if now in names:
                _rename(client, now, old)
            _rename(client, rebuilt, now)
    aside = {f"{rebuild_name(named)}.{kind}" for kind in ("files", "writers")}
    left = {*aside, *(f"{named}.{_REPLACED}.{kind}" for kind in reversed(REBUILT_KINDS))}
    for name in sorted(left & collection_names(client)):
        client.delete_collection(name)


def _rename(client: "ClientAPI", name: str, to: str) -> None:
    client.get_collection(name, embedding_function=None).modify(name=to)
