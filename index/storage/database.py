"""The Chroma collections and the token codes of one named index, opened under the names they have now."""

import json
import shutil
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexBrokenError, IndexMissingError
from index.storage.chroma.client import (
    close_client,
    graph_folder,
    missing_index_message,
    named_failures,
    open_client,
)
from index.storage.chroma.leases import Leases
from index.storage.chroma.reopening_collection import reopening_collection, server_collection
from index.storage.chroma.server import ChromaServer
from index.storage.chroma.swap import (
    begin_swap,
    collection_names,
    current_name,
    finish_swap,
    index_names,
    is_replaced,
    rebuild_name,
)
from index.storage.chroma.vector_graph import find_stray_links
from index.storage.shared_handle import SharedHandle
from index.storage.token_codes.collection import TokenCodesCollection
from index.storage.token_codes.file import TokenCodesFile
from index.system.threadsafe import BreakableLock

if TYPE_CHECKING:
    from chromadb import Collection

FORMAT = "2"
_STAMP = "onrecord:"
_COSINE, _EUCLIDEAN = {"hnsw:space": "cosine"}, {"hnsw:space": "l2"}


class IndexDatabase:
    """The collections ``passages``, ``documents`` and ``files`` of one index, and the codes of its tokens.

    ``place`` is a folder or a server; with a ``handle`` the folder may be closed between two calls while another
    process writes, and each collection opens itself again. ``write_lock`` is held by whoever writes. On a server,
    ``leases`` coordinate the processes that write; elsewhere it is None. Without a fingerprint an index is only opened:
    raises IndexMissingError where it was never made, IndexBrokenError where it cannot be opened.
    """

    def __init__(
        self,
        place: Path | ChromaServer,
        name: str,
        fingerprint: Mapping[str, str],
        *,
        handle: SharedHandle | None,
        write_lock: BreakableLock,
    ) -> None:
        self.place = place
        self.name = name
        self.handle = handle
        self.write_lock = write_lock
        self.replaced_by_others = False  # whether another process of a server has replaced a collection
        self.client = open_client(place, make=bool(fingerprint))
        self._collections: dict[str, Collection] = {}
        with self.named_failures():
            self.open_collections(fingerprint)
            self._refuse_stray_links()
            self.token_codes = self._open_token_codes()
        self.leases = Leases(partial(self.collection, "writers")) if isinstance(place, ChromaServer) else None

    @property
    def passages(self) -> "Collection":
        """Passages with their vectors."""
        return self._collections["passages"]

    @property
    def documents(self) -> "Collection":
        """Documents, a head and parts of text each (``index.storage.document_rows``)."""
        return self._collections["documents"]

    @property
    def files(self) -> "Collection":
        """Files by path, with their digest and document."""
        return self._collections["files"]

    def collection(self, kind: str) -> "Collection":
        """Return the collection of a kind, which changes when the index is opened again."""
        return self._collections[kind]

    @property
    def fingerprint(self) -> dict[str, str]:
        """The model, chunking and format that the index was made with."""
        metadata = self.passages.metadata or {}
        return {k.removeprefix(_STAMP): str(v) for k, v in metadata.items() if k.startswith(_STAMP)}

    def fingerprint_text(self) -> str:
        """Return the fingerprint as one text."""
        return json.dumps(self.fingerprint, sort_keys=True)

    @property
    def local_folder(self) -> Path:
        """The folder of this machine for what is derived from passages: beside Chroma, where that is a folder."""
        return self.place.local_folder if isinstance(self.place, ChromaServer) else self.place

    def named_failures(self) -> AbstractContextManager[None]:
        """Turn whatever the database raises inside into an IndexBrokenError that says what to do."""
        return named_failures(self.place)

    def collection_names(self) -> frozenset[str]:
        """Return the names of all Chroma collections that lie here."""
        with self.named_failures(), nullcontext() if self.handle is None else self.handle.use():
            return collection_names(self.client)

    def open_collections(self, fingerprint: Mapping[str, str]) -> None:
        """Open every collection under its present name; with a ``fingerprint`` make those that are missing."""
        names = collection_names(self.client)
        if not fingerprint and current_name(names, self.name, "passages") not in names:
            raise IndexMissingError(missing_index_message(self.place, self.name, index_names(names)))
        stamp = {f"{_STAMP}{key}": value for key, value in {**fingerprint, "format": FORMAT}.items()}
        self._open(names, "passages", {**_COSINE, **stamp})
        for kind in ("documents", "files"):
            self._open(names, kind, _EUCLIDEAN)
        if isinstance(self.place, ChromaServer):
            for kind in ("tokens", "writers"):
                self._open(names, kind, _EUCLIDEAN)

    def _open(self, names: frozenset[str], kind: str, metadata: dict[str, str]) -> None:
        name = current_name(names, self.name, kind)
        made = self.client.get_or_create_collection(name, metadata=metadata, embedding_function=None)
        if isinstance(self.place, ChromaServer):
            made = server_collection(made, partial(self._find, kind), self._note_replacement)
        elif self.handle is not None:
            made = reopening_collection(self.handle, partial(self._find, kind))
        self._collections[kind] = made

    def _find(self, kind: str) -> "Collection":
        name = current_name(collection_names(self.client), self.name, kind)
        return self.client.get_collection(name, embedding_function=None)

    def _note_replacement(self) -> None:
        self.replaced_by_others = True

    def _refuse_stray_links(self) -> None:
        """Raise IndexBrokenError for links that lead nowhere: Chroma would follow them and end the process."""
        for kind, folder in self.graph_folders().items():
            if flaw := find_stray_links(folder):
                close_client(self.client)
                raise IndexBrokenError(
                    f"The graph of {kind} in {folder} is damaged: {flaw}. Run `onrecord doctor --repair`, which makes "
                    "it anew from what the index holds."
                )

    def graph_folders(self) -> dict[str, Path]:
        """Return the folders of the vector graphs by collection; none on a server, whose files cannot be seen."""
        if isinstance(self.place, ChromaServer):
            return {}
        kept = {"passages": self.passages, "documents": self.documents, "files": self.files}
        found = {kind: graph_folder(self.place, str(collection.id)) for kind, collection in kept.items()}
        return {kind: folder for kind, folder in found.items() if folder is not None}

    def reopen(self) -> None:
        """Open the database's files again after ``close``; the collections find themselves again."""
        self.client = open_client(self.place, make=False)

    def close(self) -> None:
        """Close the database's files."""
        close_client(self.client)

    # Token codes

    def reload_token_codes(self) -> None:
        """Look for the token codes again, which a rebuild may have moved."""
        self.token_codes = self._open_token_codes()

    def _open_token_codes(self) -> TokenCodesFile | TokenCodesCollection:
        """Open the codes of the passages that count, which may still go by the name they were rebuilt under."""
        if isinstance(self.place, ChromaServer):
            return TokenCodesCollection(partial(self.collection, "tokens"))
        if is_replaced(collection_names(self.client), self.name):
            rebuilt = TokenCodesFile(self.place, rebuild_name(self.name))
            if rebuilt.size()[0]:
                return rebuilt
        return TokenCodesFile(self.place, self.name)

    # Replacing it whole

    def require_exclusive(self) -> None:
        """Raise IndexBusyError while another process of a server writes."""
        if self.leases is not None:
            self.leases.require_exclusive()

    def recreate(self, fingerprint: Mapping[str, str]) -> None:
        """Delete every collection and make it again, empty, with this fingerprint."""
        for kind in ("passages", "documents", "files"):
            self.client.delete_collection(f"{self.name}.{kind}")
        if isinstance(self.token_codes, TokenCodesFile):
            self.token_codes.clear()
        else:
            self.client.delete_collection(f"{self.name}.tokens")
        self.open_collections(fingerprint)

    def recreate_files(self) -> None:
        """Delete the collection of files and make it again, empty."""
        self.client.delete_collection(f"{self.name}.files")
        self._open(collection_names(self.client), "files", _EUCLIDEAN)

    def begin_swap(self) -> None:
        """Make the rebuilt collections count from now on."""
        begin_swap(self.client, self.name)
        self.open_collections({})
        self.reload_token_codes()

    def finish_swap(self) -> None:
        """Give the rebuilt collections their final names, if a swap was begun; can be called again at any time."""
        if is_replaced(collection_names(self.client), self.name):
            if isinstance(self.place, Path):
                codes = TokenCodesFile(self.place, self.name)
                codes.replace_with(rebuild_name(self.name))
                self.token_codes = codes
            finish_swap(self.client, self.name)

    def has_rebuild(self) -> bool:
        """Tell whether a rebuild was begun and not finished."""
        return f"{rebuild_name(self.name)}.passages" in self.collection_names()

    def delete_rebuild(self) -> None:
        """Delete what an unfinished rebuild has made."""
        for name in collection_names(self.client):
            if name.startswith(f"{rebuild_name(self.name)}."):
                self.client.delete_collection(name)
        if isinstance(self.place, Path):
            TokenCodesFile(self.place, rebuild_name(self.name)).clear()
        shutil.rmtree(self.local_folder / "keyword" / rebuild_name(self.name), ignore_errors=True)
