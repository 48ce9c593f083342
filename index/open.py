"""Open the index that a configuration names."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from index.chunk import Chunking
from index.config import IndexConfig
from index.embed import Embedder
from index.errors import IndexBroken, IndexMissing
from index.lock import lock
from index.store import Store

_DATABASE = "chroma.sqlite3"


def fingerprint(embedder: Embedder, chunking: Chunking) -> Mapping[str, str]:
    """What an index must have been made with to be used with these."""
    return {"model": embedder.fingerprint, "chunking": chunking.fingerprint}


@contextmanager
def open_for_reading(config: IndexConfig) -> Iterator[Store]:
    """The store, shared with other readers.

    Raises IndexMissing when nothing was indexed, IndexBusy while it is written, IndexBroken when damaged.
    """
    if not (config.store_dir / _DATABASE).exists():
        raise IndexMissing(
            f"There is no index in {config.data_dir}. Make one with `onrecord index PATH…`, or set --data-dir to "
            "where it lies."
        )
    with lock(config.data_dir, write=False):
        yield Store(config.store_dir, config.collection, {})


@contextmanager
def open_for_writing(config: IndexConfig, made_with: Mapping[str, str]) -> Iterator[Store]:
    """The store, alone, made when missing. Raises IndexBusy when another process has it open."""
    try:
        with lock(config.data_dir, write=True):
            yield Store(config.store_dir, config.collection, made_with)
    except OSError as error:
        raise IndexBroken(
            f"The index in {config.data_dir} cannot be written ({error.strerror or error}). Check the folder's "
            "permissions and free space, or set --data-dir to another."
        ) from error
