"""A Chroma collection that is found again: through a share each time the index was opened anew, on a server once the
collection that stood there is gone."""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from index.storage.shared_handle import Share

if TYPE_CHECKING:
    from chromadb import Collection

_log = logging.getLogger(__name__)

_TRIES = 3  # to find a collection while another process gives it another name, with
_PAUSE = 0.2  # seconds between


class _Reached:
    def __init__(self, share: Share, find: Callable[[], "Collection"]) -> None:
        self._share = share
        self._find = find
        self._found: tuple[int, Collection] | None = None

    def __getattr__(self, name: str) -> Any:
        with self._share.using():
            value = getattr(self._collection(), name)
        if not callable(value):
            return value

        @wraps(value)
        def call(*given: Any, **named: Any) -> Any:
            with self._share.using():
                return getattr(self._collection(), name)(*given, **named)

        return call

    def _collection(self) -> "Collection":
        found = self._found
        if found is None or found[0] != self._share.times:
            found = self._found = self._share.times, self._find()
        return found[1]


def reached(share: Share, find: Callable[[], "Collection"]) -> "Collection":
    """The collection that ``find`` gets whenever the index was opened anew."""
    return cast("Collection", _Reached(share, find))


class _Served:
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
            for attempt in range(_TRIES):
                try:
                    return getattr(held, name)(*given, **named)
                except NotFoundError as error:
                    if attempt == _TRIES - 1:
                        raise
                    _log.warning("%s was replaced on the server and is looked up again: %s", held.name, error)
                held = self._again(held)
            raise AssertionError

        return call

    def _again(self, gone: "Collection") -> "Collection":
        from chromadb.errors import NotFoundError

        if self._held is gone:  # else another thread has found it
            for attempt in range(_TRIES):
                try:
                    self._held = self._find()
                    break
                except NotFoundError:
                    if attempt == _TRIES - 1:
                        raise
                    time.sleep(_PAUSE)
            self._replaced()
        return self._held


def served(collection: "Collection", find: Callable[[], "Collection"], replaced: Callable[[], None]) -> "Collection":
    """The collection, and once it is gone the one that ``find`` gets; ``replaced`` is told so."""
    return cast("Collection", _Served(collection, find, replaced))
