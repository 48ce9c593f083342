"""The texts of indexed documents, read when asked for."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from index.errors import IndexMissingError
from index.storage.store import Store

_KEPT = 256


class StoredTexts(Mapping[str, str]):
    """Document texts by id. The last few hundred are kept."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._text = lru_cache(_KEPT)(lambda document_id: store.document(document_id).text)

    def __getitem__(self, document_id: str) -> str:
        try:
            return self._text(document_id)
        except IndexMissingError:
            raise KeyError(document_id) from None

    def __iter__(self) -> Iterator[str]:
        return (info.id for info in self._store.documents())

    def __len__(self) -> int:
        return len(self._store.documents())
