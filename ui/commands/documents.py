"""``onrecord list``, ``show`` and ``rm``: the documents in the index."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path, PurePath

from index.errors import IndexMissing, OnrecordError
from index.open import open_for_reading, open_for_writing
from index.schema import DocumentInfo
from index.store import Store
from ui.configuration import Configuration


def run_list(config: Configuration, arguments: Namespace) -> int:
    """Print every document with its id, title, date, outlet and number of passages."""
    with open_for_reading(config.index) as store:
        documents = store.documents()
    if arguments.json:
        print(json.dumps([asdict(d) for d in documents], ensure_ascii=False, indent=2))
        return 0
    for info in documents:
        said = "".join(f", {info.metadata[key]}" for key in ("outlet", "date") if info.metadata.get(key))
        print(f"{info.id}  {info.title}{said}  ({info.passages} passages)\n{'':18}{info.source}")
    return 0


def run_show(config: Configuration, arguments: Namespace) -> int:
    """Print a document's text, or all of it as JSON."""
    with open_for_reading(config.index) as store:
        document = store.document(named(store, arguments.document).id)
    print(json.dumps(asdict(document), ensure_ascii=False, indent=2) if arguments.json else document.text)
    return 0


def run_remove(config: Configuration, arguments: Namespace) -> int:
    """Remove a document. Its file stays, and indexing its folder again brings it back."""
    with open_for_reading(config.index) as store:
        info = named(store, arguments.document)
    with open_for_writing(config.index, {}) as store:
        store.remove(info.id)
    print(f"Removed {info.title} ({info.id}). The file stays: {info.source}")
    return 0


def named(store: Store, name: str) -> DocumentInfo:
    """The one document with this id (or the beginning of it), path or file name.

    Raises IndexMissing when there is none, OnrecordError when there are several.
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
        raise IndexMissing(f"The index holds no document {name!r}. `onrecord list` shows what it holds.")
    if len(found) > 1:
        raise OnrecordError(f"{name!r} names {len(found)} documents: {', '.join(d.id for d in found)}. Use an id.")
    return found[0]
