"""Open the index that a configuration names."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.factory import ConfiguredEmbedder, embedder_for
from index.embedding.sentence_transformers import Embedder
from index.errors import IndexBrokenError, IndexMissingError
from index.system.locking import Held, gaps, writer_lock
from index.storage.chroma.client import DATABASE, close_client, missing, open_place
from index.storage.chroma.server import Server, server
from index.storage.shared_handle import Share
from index.storage.store import Store
from index.storage.chroma.swap import index_names, collection_names


def fingerprint(embedder: Embedder, chunking: Chunking) -> Mapping[str, str]:
    """What an index must have been made with to be used with these."""
    return {"model": embedder.fingerprint, "chunking": chunking.fingerprint}


def embedder_for_index(store: Store, config: IndexConfig) -> ConfiguredEmbedder:
    """What made the index and is to read it and add to it.

    Raises IndexMismatchError where the index was made with other settings, SettingsError for an unknown backend.
    """
    embedder = embedder_for(config, store.fingerprint.get("model"))
    store.check(fingerprint(embedder, Chunking(config.chunk_words)))
    return embedder


def server_of(config: IndexConfig) -> Server | None:
    """The server that the index lies on; None where it lies in ``data_dir``. Raises SettingsError."""
    if not config.chroma_url:
        return None
    named = config.chroma_url, config.chroma_tenant, config.chroma_database
    return server(*named, os.environ, config.data_dir / "replica")


@contextmanager
def open_for_reading(config: IndexConfig) -> Iterator[Store]:
    """The store, shared with other readers; while another process writes, each use waits for a gap between two writes.

    Raises IndexMissingError when nothing was indexed, IndexBusyError where no gap comes, IndexBrokenError when damaged.
    On a server it may be written meanwhile.
    """
    if place := server_of(config):
        with closing(Store(place, config.collection, {})) as store:
            yield store
        return
    if not (config.store_dir / DATABASE).exists():
        raise IndexMissingError(missing(config.data_dir))
    with closing(Share(config.data_dir)) as share, closing(_read(config, share)) as store:
        yield store


def _read(config: IndexConfig, share: Share) -> Store:
    with share.using():  # else it may be let go of while it is being opened
        return Store(config.store_dir, config.collection, {}, share)


@contextmanager
def open_for_writing(config: IndexConfig, made_with: Mapping[str, str]) -> Iterator[Store]:
    """The store, alone, made when missing; readers let go of it first, and get gaps between two writes.

    Raises IndexBusyError at once when another process writes it, later when a reader does not let go. On a server
    others may read and write beside.
    """
    if place := server_of(config):
        with closing(Store(place, config.collection, made_with)) as store:
            yield store
        return
    try:
        with writer_lock(config.data_dir), closing(Held(config.data_dir)) as held:
            held.write()
            with closing(Store(config.store_dir, config.collection, made_with)) as store, gaps(held, store.at_rest):
                yield store
    except OSError as error:
        raise IndexBrokenError(_cannot_write(config, error)) from error


@dataclass(frozen=True, slots=True)
class Shared:
    """An open store that this process reads, and writes while it is ``alone``.

    Entering what ``alone`` gives keeps other processes out, from one thread or several; it raises IndexBusyError while
    one of them has the index open. ``closed`` says why the index cannot be written at all; it is empty where it can.
    """

    store: Store
    alone: Callable[[], AbstractContextManager[None]]
    closed: str = ""


@contextmanager
def open_shared(config: IndexConfig, made_with: Mapping[str, str]) -> Iterator[Shared]:
    """The store with other readers beside, made when missing, to be written now and then.

    Where the folder may only be read, the store is opened for reading. Raises IndexBusyError while another process
    writes the index, IndexBrokenError when it is damaged, IndexMissingError where there is none and none can be made.
    """
    if place := server_of(config):
        with closing(Store(place, config.collection, made_with)) as store:
            yield Shared(store, nullcontext)
        return
    there = (config.store_dir / DATABASE).exists()
    if there and not _writable(config):
        with open_for_reading(config) as store:
            yield Shared(store, _refusing(config), _only_read(config))
        return
    with ExitStack() as stack:
        try:
            config.data_dir.mkdir(parents=True, exist_ok=True)
            share = stack.enter_context(closing(Share(config.data_dir)))
            store = _opened_or_made(config, made_with, share, there=there)
        except OSError as error:
            raise IndexBrokenError(_cannot_write(config, error)) from error
        with closing(store):
            yield Shared(store, share.alone)


def _opened_or_made(config: IndexConfig, made_with: Mapping[str, str], share: Share, *, there: bool) -> Store:
    if there:
        try:
            return _read(config, share)
        except IndexMissingError:  # another collection lies there, but not this one
            pass
    with share.alone():
        return Store(config.store_dir, config.collection, made_with, share)


def _cannot_write(config: IndexConfig, error: OSError) -> str:
    return (
        f"The index in {config.data_dir} cannot be written ({error.strerror or error}). Check the folder's "
        "permissions and free space, or set --data-dir to another."
    )


def _writable(config: IndexConfig) -> bool:
    return all(os.access(path, os.W_OK) for path in (config.data_dir, config.store_dir, config.store_dir / DATABASE))


def _only_read(config: IndexConfig) -> str:
    return f"The index in {config.data_dir} may only be read: this account may not write there."


def _refusing(config: IndexConfig) -> Callable[[], AbstractContextManager[None]]:
    @contextmanager
    def refuse() -> Iterator[None]:
        raise IndexBrokenError(_only_read(config))
        yield

    return refuse


def collections_in(config: IndexConfig) -> tuple[str, ...]:
    """The named collections that lie in the data folder, in alphabetical order.

    Raises IndexBusyError, IndexBrokenError.
    """
    if place := server_of(config):
        try:
            return index_names(collection_names(open_place(place, make=False)))
        except IndexMissingError:
            return ()
    if not (config.store_dir / DATABASE).exists():
        return ()
    with closing(Held(config.data_dir)) as held:
        held.read()
        client = open_place(config.store_dir, make=False)
        try:
            return index_names(collection_names(client))
        finally:
            close_client(client)
