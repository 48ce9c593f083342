"""The steps of jobs: add a file; re-index, remove or restore a document."""

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
from ui.library.files import LibraryFolder
from ui.library.models import Container, Item
from ui.library.trash import Trash

SAME_TEXT = "Its text is the same as before."
STAYS = "The document stays as it was."
NAMESAKE = "Another file of this name was here already, with other words. Both are kept."


class CancelledError(Exception):
    """The step was cancelled before it wrote anything."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What a step works with."""

    store: Store
    embedder: Embedder
    chunking: Chunking
    folder: LibraryFolder
    trash: Trash
    collections: Collections
    tokens: bool = True


EmbeddingProgress = Callable[[int, int], None]
"""Told ``(done, total)`` passages; raises Cancelled to end the step."""


def add(deps: Deps, item: Item, collection: str, embedding: EmbeddingProgress) -> None:
    """Index a waiting file and keep it. One that cannot be read, or is cancelled, leaves nothing behind."""
    before = {info.id for info in deps.store.documents()}
    new = None
    if item.container is None:
        new = _add_file(deps, item, embedding)
    else:
        _add_contained(deps, item, item.container, embedding)
    info = next(info for info in deps.store.documents() if info.id == item.document)
    if item.document in before:
        item.state, item.said = "same", f"The same text is here already, as “{info.title}”."
        if new is not None and len(deps.store.files_of(item.document)) > 1:
            deps.store.forget_file(to_stored_path(new))
            new.unlink(missing_ok=True)
    else:
        item.earlier = _earlier_documents(deps, new, item) if new is not None else ()
        item.said = " ".join(filter(None, (NAMESAKE if item.earlier else "", info.metadata.get("note", ""))))
    if collection:
        deps.collections.add(collection, [info])


def _add_file(deps: Deps, item: Item, embedding: EmbeddingProgress) -> Path | None:
    """Return where the file is kept, where the index did not know that file yet."""
    path = deps.folder.keep(Path(item.key), item.name)
    known = deps.store.file(to_stored_path(path))
    try:
        _index(deps, item, to_stored_path(path), read_bytes(path), embedding)
    except BaseException as error:
        if known is None:
            path.unlink(missing_ok=True)
        if isinstance(error, UnreadableFileError):
            raise UnreadableFileError(_with_name(error, path, item.name)) from error
        raise
    return path if known is None else None


def _earlier_documents(deps: Deps, path: Path, item: Item) -> tuple[str, ...]:
    """Return the documents of files that were kept under the name of ``item`` before."""
    records = (deps.store.file(to_stored_path(one)) for one in deps.folder.namesakes(path, item.name))
    return tuple(record.document_id for record in records if record is not None)


def _add_contained(deps: Deps, item: Item, container: Container, embedding: EmbeddingProgress) -> None:
    try:
        _index(deps, item, item.key, container.data(item.key), embedding)
    except UnreadableFileError as error:
        raise UnreadableFileError(container.with_name(str(error))) from error


def _index(deps: Deps, item: Item, name: str, data: bytes, embedding: EmbeddingProgress, *, anew: bool = False) -> None:
    """Update the index for the file called ``name`` from its bytes."""
    known = deps.store.file(name)
    record = FileRecord(name, sha256(data).hexdigest(), known.document_id if known else "")
    item.document = index_file(
        deps.store, deps.embedder, deps.chunking, record, embedding, data=data, tokens=deps.tokens, anew=anew
    )


def release_container(deps: Deps, container: Container) -> None:
    """Remove a file that holds documents once the index knows none of them."""
    if not deps.folder.known_in(container.path, deps.store.files()):
        container.path.unlink(missing_ok=True)


def reindex(deps: Deps, item: Item, embedding: EmbeddingProgress) -> None:
    """Read the files of a document again and replace it by what they hold now."""
    names = deps.store.files_of(item.key)
    if not names:
        raise UnreadableFileError("No file is known of this document. Add its file again.")
    gone = [name for name in names if not container_of(from_stored_path(name)).exists()]
    if gone:
        raise UnreadableFileError(
            f"Its file is gone: {container_of(from_stored_path(gone[0])).name}. {STAYS} Put the "
            "file back, or delete the document."
        )
    for name in names:
        path = from_stored_path(name)
        try:
            _index(deps, item, name, read_bytes(path), embedding, anew=True)
        except UnreadableFileError as error:
            raise UnreadableFileError(f"{_with_name(error, path, path.name)} {STAYS}") from error
    if item.document == item.key:
        item.said = SAME_TEXT


def remove(deps: Deps, item: Item) -> None:
    """Remove a document from the index; the library's own files of it go to the trash, others stay where they are."""
    document = deps.store.document(item.key)
    names = deps.store.files_of(item.key)
    known = deps.store.files()
    others = known.keys() - set(names)
    # A container is removed with the last of its documents.
    own = [
        path
        for path in sorted({container_of(from_stored_path(name)) for name in names})
        if path.exists() and deps.folder.holds(path) and not deps.folder.known_in(path, others)
    ]
    item.trashed = deps.trash.put(document, [known[name] for name in names], own)
    deps.store.remove(item.key)


def restore(deps: Deps, item: Item, embedding: EmbeddingProgress) -> None:
    """Put a removed document back, from its stored text, with its files."""
    if item.undoes is not None:
        item.key = item.undoes.trashed
        if not item.key:
            item.state, item.said = "same", "It was not removed."
            return
    document, records = deps.trash.take_back(item.key)
    item.document = document.id
    if not deps.store.has(document.id):
        index_document(
            deps.store, deps.embedder, deps.chunking, document, records, progress=embedding, tokens=deps.tokens
        )
    deps.trash.forget(item.key)


def documents_by_id(documents: Iterable[DocumentInfo], ids: Iterable[str]) -> list[DocumentInfo]:
    """Return the documents with these ids; unknown ids are left out."""
    by_id = {info.id: info for info in documents}
    return [by_id[id_] for id_ in dict.fromkeys(ids) if id_ in by_id]


def _with_name(error: UnreadableFileError, path: Path, name: str) -> str:
    """Return the error's message with the name by which the reader knows the file."""
    return str(error).replace(str(path), name)
