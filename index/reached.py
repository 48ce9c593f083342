"""A Chroma collection reached through a share: each call has the index, opened again if it was let go of."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from index.share import Share

if TYPE_CHECKING:
    from chromadb import Collection


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
