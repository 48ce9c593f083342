"""``onrecord list``, ``show``, ``rm`` and ``collections``: the documents in the index."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path, PurePath

from index.duplicates.near_duplicates import near_duplicates
from index.errors import IndexMissingError, OnrecordError
from index.schema import DocumentInfo
from index.storage.open import open_for_reading, open_for_writing
from index.storage.store import Store
from index.text.plural import plural
from ui.library.collections import Collections
from ui.library.files import library_folder
from ui.settings import Configuration

SAME_TEXT, NEARLY_THE_SAME = "the same text", "nearly the same as"


def run_list(config: Configuration, arguments: Namespace) -> int:
    """Print every document with its id, title, date, outlet, passages, files and near-duplicates."""
    with open_for_reading(config.index) as store:
        documents, near, others = store.documents(), near_duplicates(store), store.index_names()
        files: dict[str, list[str]] = {}
        for record in store.files().values():
            files.setdefault(record.document_id, []).append(record.path)
    if arguments.json:
        rows = [
            {
                **asdict(info),
                "files": sorted(files.get(info.id, ())),
                "near_duplicates": [asdict(other) for other in near.get(info.id, ())],
            }
            for info in documents
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return 0
    titles = {info.id: info.title for info in documents}
    for info in documents:
        said = "".join(f", {info.metadata[key]}" for key in ("outlet", "date") if info.metadata.get(key))
        said += f", file date {info.metadata['file_date']}" if info.metadata.get("file_date") else ""
        print(f"{info.id}  {info.title}{said}  ({info.passages} passages)\n{'':18}{info.source}")
        for path in sorted(set(files.get(info.id, ())) - {info.source}):
            print(f"{'':18}{SAME_TEXT}: {path}")
        for other in near.get(info.id, ()):
            likeness = f"{other.likeness:.0%}"
            print(f"{'':18}{NEARLY_THE_SAME} {other.document_id}  {titles[other.document_id]}  ({likeness})")
    if len(others) > 1:
        others = tuple(name for name in others if name != config.index.collection)
        print(f"Other collections here: {', '.join(others)} (--collection NAME).", file=sys.stderr)
    return 0


def run_show(config: Configuration, arguments: Namespace) -> int:
    """Print a document's text, and what was not read of its file on standard error; or all of it as JSON."""
    with open_for_reading(config.index) as store:
        document = store.document(find_document(store, arguments.document).id)
    print(json.dumps(asdict(document), ensure_ascii=False, indent=2) if arguments.json else document.text)
    if document.metadata.get("note") and not arguments.json:
        print(f"Note: {document.metadata['note']}", file=sys.stderr)
    return 0


def run_remove(config: Configuration, arguments: Namespace) -> int:
    """Remove a document. Its file stays, and indexing its folder again brings it back."""
    with open_for_reading(config.index) as store:
        info = find_document(store, arguments.document)
    with open_for_writing(config.index, {}) as store:
        store.remove(info.id)
    print(f"Removed {info.title} ({info.id}). The file stays: {info.source}")
    return 0


def find_document(store: Store, name: str) -> DocumentInfo:
    """Return the one document with this id (or the beginning of it), path or file name.

    Raises IndexMissingError when there is none, OnrecordError when there are several.
    """
    documents = store.documents()
    path = str(Path(name).resolve())
    by_rank = (
        [d for d in documents if name in (d.id, d.source) or d.source == path],
        [d for d in documents if PurePath(d.source).name == name],
        [d for d in documents if len(name) >= 4 and d.id.startswith(name)],  # noqa: PLR2004
    )
    found = next((matches for matches in by_rank if matches), [])
    if not found:
        raise IndexMissingError(f"The index holds no document {name!r}. `onrecord list` shows what it holds.")
    if len(found) > 1:
        raise OnrecordError(f"{name!r} names {len(found)} documents: {', '.join(d.id for d in found)}. Use an id.")
    return found[0]


def run_collections(config: Configuration, arguments: Namespace) -> int:
    """Do what ``arguments.action`` names: list, fill or remove collections."""
    with open_for_reading(config.index) as store:
        return _COLLECTION_ACTIONS[arguments.action](
            Collections(library_folder(config.index), store.documents), store, arguments
        )


def _list_collections(collections: Collections, store: Store, arguments: Namespace) -> int:
    members = collections.members()
    if arguments.json:
        print(json.dumps({name: sorted(ids) for name, ids in members.items()}, ensure_ascii=False, indent=2))
        return 0
    for name, ids in members.items():
        print(f"{name}  ({plural(len(ids), 'document')})")
    return 0


def _add_to_collection(collections: Collections, store: Store, arguments: Namespace) -> int:
    documents = [find_document(store, document) for document in arguments.documents]
    name = collections.add(arguments.name, documents)
    print(f"{name} holds {len(collections.members()[name]):,} of {len(store.documents()):,} documents.")
    return 0


def _remove_from_collection(collections: Collections, store: Store, arguments: Namespace) -> int:
    if arguments.documents:
        collections.take_out(arguments.name, [find_document(store, document) for document in arguments.documents])
        print(f"Taken out of {arguments.name}. The documents stay in the index.")
    else:
        collections.drop(arguments.name)
        print(f"Removed the collection {arguments.name}. Its documents stay in the index.")
    return 0


_COLLECTION_ACTIONS: Mapping[str, Callable[[Collections, Store, Namespace], int]] = {
    "list": _list_collections,
    "add": _add_to_collection,
    "rm": _remove_from_collection,
}
