"""One step of a job carried out: a file added, a document read again, removed or put back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from index.chunking.chunk import Chunking
from index.embedding.protocol import Embedder
from index.errors import UnreadableFileError
from index.ingest.build import index_document, index_file
from index.reading.containers import container_of
from index.reading.load import read_bytes
from index.reading.stored_path import from_stored_path, to_stored_path
from index.schema import DocumentInfo, FileRecord
from index.storage.store import Store
from ui.library.collections import Collections
from ui.library.files import Folder
from ui.library.models import Container, Item
from ui.library.trash import Trash


class CancelledError(Exception):
    """The step was given up before it wrote anything."""


@dataclass(frozen=True, slots=True)
class Hands:
    """What a step works with."""

    store: Store
    embedder: Embedder
    chunking: Chunking
    folder: Folder
    trash: Trash
    collections: Collections
    tokens: bool = True


Embedding = Callable[[int, int], None]
"""Told ``(done, total)`` passages; raises Cancelled to end the step."""


def add(hands: Hands, item: Item, collection: str, embedding: Embedding) -> None:
    """Index a waiting file and keep it. One that cannot be read, or is given up, leaves nothing behind."""
    before = {info.id for info in hands.store.documents()}
    new = None
    if item.held is None:
        new = _add_file(hands, item, embedding)
    else:
        _add_held(hands, item, item.held, embedding)
    info = next(info for info in hands.store.documents() if info.id == item.document)
    if item.document in before:
        item.state, item.said = "same", f"The same text is here already, as “{info.title}”."
        if new is not None and len(hands.store.files_of(item.document)) > 1:
            hands.store.forget_file(to_stored_path(new))
            new.unlink(missing_ok=True)
    if collection:
        hands.collections.add(collection, [info])


def _add_file(hands: Hands, item: Item, embedding: Embedding) -> Path | None:
    """Gives back where the file is kept, where the index did not know that yet."""
    path = hands.folder.settle(Path(item.key), item.name)
    known = hands.store.file(to_stored_path(path))
    try:
        _index(hands, item, to_stored_path(path), read_bytes(path), embedding)
    except BaseException as error:
        if known is None:
            path.unlink(missing_ok=True)
        if isinstance(error, UnreadableFileError):
            raise UnreadableFileError(_told(error, path, item.name)) from error
        raise
    return path if known is None else None


def _add_held(hands: Hands, item: Item, held: Container, embedding: Embedding) -> None:
    try:
        _index(hands, item, item.key, held.data(item.key), embedding)
    except UnreadableFileError as error:
        raise UnreadableFileError(held.told(str(error))) from error


def _index(hands: Hands, item: Item, name: str, data: bytes, embedding: Embedding, *, anew: bool = False) -> None:
    """Bring the document of the file that is called ``name`` in the index in step with its bytes."""
    known = hands.store.file(name)
    record = FileRecord(name, sha256(data).hexdigest(), known.document_id if known else "")
    item.document = index_file(
        hands.store, hands.embedder, hands.chunking, record, embedding, data=data, tokens=hands.tokens, anew=anew
    )


def let_go(hands: Hands, held: Container) -> None:
    """Remove a file that holds documents once the index knows none of them."""
    if not hands.folder.known_in(held.path, hands.store.files()):
        held.path.unlink(missing_ok=True)


def reindex(hands: Hands, item: Item, embedding: Embedding) -> None:
    """Read the files of a document again; what they hold now takes its place."""
    names = hands.store.files_of(item.key)
    if not names:
        raise UnreadableFileError("No file is known of this document. Add its file again.")
    gone = [name for name in names if not container_of(from_stored_path(name)).exists()]
    if gone:
        raise UnreadableFileError(
            f"Its file is gone: {container_of(from_stored_path(gone[0])).name}. The document stays as it was. Put the "
            "file back, or delete the document."
        )
    for name in names:
        path = from_stored_path(name)
        try:
            _index(hands, item, name, read_bytes(path), embedding, anew=True)
        except UnreadableFileError as error:
            raise UnreadableFileError(f"{_told(error, path, path.name)} The document stays as it was.") from error
    if item.document == item.key:
        item.said = "Its text is the same as before."


def remove(hands: Hands, item: Item) -> None:
    """Take a document out of the index; the library's own files of it go to the trash, others stay where they are."""
    document = hands.store.document(item.key)
    names = hands.store.files_of(item.key)
    known = hands.store.files()
    others = known.keys() - set(names)
    # A file that holds documents goes with the last of them.
    own = [
        path
        for path in sorted({container_of(from_stored_path(name)) for name in names})
        if path.exists() and hands.folder.holds(path) and not hands.folder.known_in(path, others)
    ]
    item.trashed = hands.trash.put(document, [known[name] for name in names], own)
    hands.store.remove(item.key)


def restore(hands: Hands, item: Item, embedding: Embedding) -> None:
    """Put a removed document back, from its stored text, with its files."""
    if item.undoes is not None:
        item.key = item.undoes.trashed
        if not item.key:
            item.state, item.said = "same", "It was not removed."
            return
    document, records = hands.trash.take_back(item.key)
    item.document = document.id
    if not hands.store.has(document.id):
        index_document(
            hands.store, hands.embedder, hands.chunking, document, records, progress=embedding, tokens=hands.tokens
        )
    hands.trash.forget(item.key)


def named(documents: Iterable[DocumentInfo], ids: Iterable[str]) -> list[DocumentInfo]:
    """The documents of these ids; ids that are not there are left out."""
    held = {info.id: info for info in documents}
    return [held[id_] for id_ in dict.fromkeys(ids) if id_ in held]


def _told(error: UnreadableFileError, path: Path, name: str) -> str:
    """The error with the name the reader knows the file by."""
    return str(error).replace(str(path), name)
