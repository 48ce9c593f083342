"""Open the index that a configuration names."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.factory import ConfiguredEmbedder, embedder_for
from index.embedding.protocol import Embedder
from index.errors import IndexBrokenError, IndexMissingError
from index.storage.chroma.client import DATABASE, close_client, missing_index_message, open_client
from index.storage.chroma.server import ChromaServer, server_from_settings
from index.storage.chroma.swap import collection_names, index_names
from index.storage.shared_handle import SharedHandle
from index.storage.store import Store
from index.system.locking import IndexLock, reader_gaps, writer_lock


def index_fingerprint(embedder: Embedder, chunking: Chunking) -> Mapping[str, str]:
    """Return what an index must have been made with to be used with this embedder and chunking."""
    return {"model": embedder.fingerprint, "chunking": chunking.fingerprint}


def embedder_for_index(store: Store, config: IndexConfig) -> ConfiguredEmbedder:
    """Return the embedder that made the index, to read it and add to it.

    Raises IndexMismatchError if the index was made with other settings, SettingsError for an unknown backend.
    """
    embedder = embedder_for(config, store.fingerprint.get("model"))
    store.check(index_fingerprint(embedder, Chunking(config.chunk_words)))
    return embedder


def server_of(config: IndexConfig) -> ChromaServer | None:
    """Return the server that holds the index; None if it lies in ``data_dir``. Raises SettingsError."""
    if not config.chroma_url:
        return None
    named = config.chroma_url, config.chroma_tenant, config.chroma_database
    return server_from_settings(*named, os.environ, config.data_dir / "replica")


@contextmanager
def open_for_reading(config: IndexConfig) -> Iterator[Store]:
    """Open the store with other readers; while another process writes, each use waits for a gap between two writes.

    Raises IndexMissingError if nothing was indexed, IndexBusyError if no gap comes, IndexBrokenError if it is damaged.
    On a server it may be written meanwhile.
    """
    if place := server_of(config):
        with closing(Store(place, config.collection, {})) as store:
            yield store
        return
    if not (config.store_dir / DATABASE).exists():
        raise IndexMissingError(missing_index_message(config.data_dir))
    with closing(SharedHandle(config.data_dir)) as share, closing(_open_store(config, share)) as store:
        yield store


def _open_store(config: IndexConfig, share: SharedHandle) -> Store:
    with share.use():  # otherwise the lock may be released during opening
        return Store(config.store_dir, config.collection, {}, share)


@contextmanager
def open_for_writing(config: IndexConfig, made_with: Mapping[str, str]) -> Iterator[Store]:
    """Open the store alone, made when missing; readers release it first, and are let in between two writes.

    Raises IndexBusyError at once when another process writes it, later when a reader does not release it. On a server,
    others may read and write beside.
    """
    if place := server_of(config):
        with closing(Store(place, config.collection, made_with)) as store:
            yield store
        return
    try:
        with writer_lock(config.data_dir), closing(IndexLock(config.data_dir)) as held:
            held.acquire_exclusive()
            with (
                closing(Store(config.store_dir, config.collection, made_with)) as store,
                reader_gaps(held, store.pause_writes),
            ):
                yield store
    except OSError as error:
        raise IndexBrokenError(_not_writable_message(config, error)) from error


@dataclass(frozen=True, slots=True)
class SharedStore:
    """An open store that this process reads, and writes while it holds it ``exclusive``.

    ``exclusive`` returns a context that keeps other processes out; several threads may enter it. It raises
    IndexBusyError while another process has the index open. ``read_only_reason`` says why the index cannot be written;
    empty if it can.
    """

    store: Store
    exclusive: Callable[[], AbstractContextManager[None]]
    read_only_reason: str = ""


@contextmanager
def open_shared(config: IndexConfig, made_with: Mapping[str, str]) -> Iterator[SharedStore]:
    """Open the store with other readers, made when missing, to be written now and then.

    If the folder may only be read, the store is opened for reading. Raises IndexBusyError while another process writes
    the index, IndexBrokenError when it is damaged, IndexMissingError if there is none and none can be made.
    """
    if place := server_of(config):
        with closing(Store(place, config.collection, made_with)) as store:
            yield SharedStore(store, nullcontext)
        return
    there = (config.store_dir / DATABASE).exists()
    if there and not _is_writable(config):
        with open_for_reading(config) as store:
            yield SharedStore(store, _refuse_writes(config), _read_only_message(config))
        return
    with ExitStack() as stack:
        try:
            config.data_dir.mkdir(parents=True, exist_ok=True)
            share = stack.enter_context(closing(SharedHandle(config.data_dir)))
            store = _open_or_create(config, made_with, share, there=there)
        except OSError as error:
            raise IndexBrokenError(_not_writable_message(config, error)) from error
        with closing(store):
            yield SharedStore(store, share.exclusive)


def _open_or_create(config: IndexConfig, made_with: Mapping[str, str], share: SharedHandle, *, there: bool) -> Store:
    if there:
        try:
            return _open_store(config, share)
        except IndexMissingError:  # another index lies there, but not this one
            pass
    with share.exclusive():
        return Store(config.store_dir, config.collection, made_with, share)


def _not_writable_message(config: IndexConfig, error: OSError) -> str:
    return (
        f"The index in {config.data_dir} cannot be written ({error.strerror or error}). Check the folder's "
        "permissions and free space, or set --data-dir to another."
    )


def _is_writable(config: IndexConfig) -> bool:
    return all(os.access(path, os.W_OK) for path in (config.data_dir, config.store_dir, config.store_dir / DATABASE))


def _read_only_message(config: IndexConfig) -> str:
    return f"The index in {config.data_dir} may only be read: this account may not write there."


def _refuse_writes(config: IndexConfig) -> Callable[[], AbstractContextManager[None]]:
    @contextmanager
    def refuse() -> Iterator[None]:
        raise IndexBrokenError(_read_only_message(config))
        yield

    return refuse


def collections_in(config: IndexConfig) -> tuple[str, ...]:
    """Return the names of the indexes in the data folder, in alphabetical order.

    Raises IndexBusyError, IndexBrokenError.
    """
    if place := server_of(config):
        try:
            return index_names(collection_names(open_client(place, make=False)))
        except IndexMissingError:
            return ()
    if not (config.store_dir / DATABASE).exists():
        return ()
    with closing(IndexLock(config.data_dir)) as held:
        held.acquire_shared()
        client = open_client(config.store_dir, make=False)
        try:
            return index_names(collection_names(client))
        finally:
            close_client(client)
