"""Find a Chroma collection again after the index was opened again, or another process of a server replaced it."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from index.storage.shared_handle import SharedHandle

if TYPE_CHECKING:
    from chromadb import Collection

_log = logging.getLogger(__name__)

_MAX_TRIES = 3  # to find a collection while another process renames it
_RETRY_PAUSE = 0.2  # seconds between tries


class _ReopeningCollection:
    def __init__(self, share: SharedHandle, find: Callable[[], "Collection"]) -> None:
        self._share = share
        self._find = find
        self._found: tuple[int, Collection] | None = None

    def __getattr__(self, name: str) -> Any:
        with self._share.use():
            value = getattr(self._collection(), name)
        if not callable(value):
            return value

        @wraps(value)
        def call(*given: Any, **named: Any) -> Any:
            with self._share.use():
                return getattr(self._collection(), name)(*given, **named)

        return call

    def _collection(self) -> "Collection":
        found = self._found
        if found is None or found[0] != self._share.generation:
            found = self._found = self._share.generation, self._find()
        return found[1]


def reopening_collection(share: SharedHandle, find: Callable[[], "Collection"]) -> "Collection":
    """Return a collection that calls ``find`` again whenever the index was opened again."""
    return cast("Collection", _ReopeningCollection(share, find))


class _ServerCollection:
    def __init__(
        self, collection: "Collection", find: Callable[[], "Collection"], replaced: Callable[[], None]
    ) -> None:
        self._held = collection
        self._find = find
        self._replaced = replaced

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._held, name)
        if not callable(value):
            return value

        @wraps(value)
        def call(*given: Any, **named: Any) -> Any:
            from chromadb.errors import NotFoundError

            held = self._held
            for attempt in range(_MAX_TRIES):
                try:
                    return getattr(held, name)(*given, **named)
                except NotFoundError as error:
                    if attempt == _MAX_TRIES - 1:
                        raise
                    _log.warning("%s was replaced on the server and is looked up again: %s", held.name, error)
                held = self._find_again(held)
            raise AssertionError

        return call

    def _find_again(self, gone: "Collection") -> "Collection":
        from chromadb.errors import NotFoundError

        if self._held is gone:  # otherwise another thread has found it
            for attempt in range(_MAX_TRIES):
                try:
                    self._held = self._find()
                    break
                except NotFoundError:
                    if attempt == _MAX_TRIES - 1:
                        raise
                    time.sleep(_RETRY_PAUSE)
            self._replaced()
        return self._held


def server_collection(
    collection: "Collection", find: Callable[[], "Collection"], replaced: Callable[[], None]
) -> "Collection":
    """Return a collection that calls ``find`` again once the server no longer has it, and then ``replaced``."""
    return cast("Collection", _ServerCollection(collection, find, replaced))
