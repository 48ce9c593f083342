"""``onrecord collections``: list, fill and remove collections of documents."""

import json
from argparse import Namespace
from collections.abc import Callable, Mapping

from index.storage.open import open_for_reading
from index.storage.store import Store
from ui.cli.commands.documents import named
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.settings import Configuration


def run(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names."""
    with open_for_reading(config.index) as store:
        return _ACTIONS[arguments.action](Collections(library_folder(config.index), store.documents), store, arguments)


def _list(collections: Collections, store: Store, arguments: Namespace) -> int:
    members = collections.members()
    if arguments.json:
        print(json.dumps({name: sorted(ids) for name, ids in members.items()}, ensure_ascii=False, indent=2))
        return 0
    for name, ids in members.items():
        print(f"{name}  ({len(ids):,} document{'' if len(ids) == 1 else 's'})")
    return 0


def _add(collections: Collections, store: Store, arguments: Namespace) -> int:
    documents = [named(store, document) for document in arguments.documents]
    name = collections.add(arguments.name, documents)
    print(f"{name} holds {len(collections.members()[name]):,} of {len(store.documents()):,} documents.")
    return 0


def _remove(collections: Collections, store: Store, arguments: Namespace) -> int:
    if arguments.documents:
        collections.take_out(arguments.name, [named(store, document) for document in arguments.documents])
        print(f"Taken out of {arguments.name}. The documents stay in the index.")
    else:
        collections.drop(arguments.name)
        print(f"Removed the collection {arguments.name}. Its documents stay in the index.")
    return 0


_ACTIONS: Mapping[str, Callable[[Collections, Store, Namespace], int]] = {"list": _list, "add": _add, "rm": _remove}
