"""The list of finished documents, read once and kept in step with what this and other processes write."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from collections.abc import Collection as SizedIterable

from index.errors import IndexMismatchError
from index.schema import DocumentInfo
from index.storage.chroma.leases import ChangeCounts
from index.storage.chroma.records import find_ids, in_batches, read_records
from index.storage.database import IndexDatabase
from index.storage.document_rows import document_of, head_id, read_infos

_ROWS_PER_REQUEST = 500  # heads of documents; Chroma's rows of 10,000 take 150 MB
_MIN_REFRESH_INTERVAL = 1.0  # seconds between looks at what others have changed on a server
_REST_PER_REFRESH = 9.0  # times as long as the last look took, so that looking takes a tenth of the time at most


class Catalog:
    """The finished documents of one index, safe to use from several threads.

    Every method looks first for what other processes have changed: when the index was opened again since the last look,
    and on a server about once a second.
    """

    def __init__(self, database: IndexDatabase) -> None:
        self._database = database
        self._infos: dict[str, DocumentInfo] | None = None
        self._ids: set[str] | None = None  # known alone while nothing but ids was asked for
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._refreshing = threading.Lock()
        self._seen: ChangeCounts = frozenset()
        self._refresh_at = 0.0
        self._generation = 1
        self._opened_with = {} if database.handle is None else database.fingerprint

    def on_change_by_others(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever another process has changed the index."""
        self._listeners.append(listener)

    def infos(self) -> list[DocumentInfo]:
        """Return every finished document, sorted by title."""
        finished = self.finished()
        with self._lock:
            infos = list(finished.values())
        return sorted(infos, key=lambda info: (info.title.casefold(), info.id))

    def infos_of(self, document_ids: SizedIterable[str]) -> dict[str, DocumentInfo]:
        """Return those of these documents that are finished, by id, without reading the others."""
        self.refresh()
        with self._lock:
            known = self._infos
            if known is None:
                return {info.id: info for info in self.read_infos(list(document_ids))}
            return {id_: known[id_] for id_ in document_ids if id_ in known}

    def finished(self) -> dict[str, DocumentInfo]:
        """Return the finished documents by id, to look one up. Other threads change this very dictionary."""
        self.refresh()
        with self._lock:
            if self._infos is None:
                self._infos, self._ids = {info.id: info for info in self.read_infos(self.read_ids())}, None
            return self._infos

    def has(self, document_id: str) -> bool:
        """Tell whether a document is there and finished."""
        self.refresh()
        with self._lock:
            return document_id in self._known_ids()

    def ids(self) -> frozenset[str]:
        """Return the ids of the finished documents, in a tenth of the time that ``infos`` takes."""
        self.refresh()
        with self._lock:
            return frozenset(self._known_ids())

    def _known_ids(self) -> Set[str]:
        if self._infos is not None:
            return self._infos.keys()
        if self._ids is None:
            self._ids = set(self.read_ids())
        return self._ids

    def passage_counts(self) -> Mapping[str, int]:
        """Return the number of passages of each finished document, by its id."""
        finished = self.finished()
        with self._lock:
            return {id_: info.passages for id_, info in finished.items()}

    # What this process changes

    def show(self, info: DocumentInfo) -> None:
        """Show a document to readers, of this process and of others."""
        self._change(info.id, info)

    def hide(self, document_id: str) -> None:
        """Show a document to readers no longer."""
        self._change(document_id, None)

    def clear(self) -> None:
        """Forget the list, which is read again when it is next asked for."""
        with self._lock:
            self._infos = self._ids = None

    def _change(self, document_id: str, info: DocumentInfo | None) -> None:
        if self._database.leases is None:
            with self._lock:
                if self._ids is not None:
                    (self._ids.discard if info is None else self._ids.add)(document_id)
                if self._infos is None:
                    return
        finished = self.finished()
        with self._lock:
            replaced = info is not None and document_id in finished
            if info is None:
                finished.pop(document_id, None)
            else:
                finished[document_id] = info
        self.announce(replaced=replaced)

    def announce(self, *, replaced: bool) -> None:
        """Tell other processes of a server that something has changed; ``replaced`` if under an id that was there."""
        if self._database.leases is not None:
            self._database.leases.announce_change(replaced=replaced)

    # What other processes change

    def refresh(self) -> None:
        """Look for what other processes have changed. Raises IndexMismatchError if they used other settings."""
        if self._database.handle is not None:
            with self._database.handle.use():
                self._refresh_after_reopening(self._database.handle.generation)
        elif self._database.leases is not None:
            self._refresh_from_server()

    def _refresh_after_reopening(self, generation: int) -> None:
        if generation == self._generation:
            return
        with self._lock, self._database.named_failures():
            if generation == self._generation:
                return
            if self._database.fingerprint != self._opened_with:
                raise IndexMismatchError(
                    f"The index in {self._database.place} was made anew with other settings meanwhile. Start this "
                    "again."
                )
            self._database.reload_token_codes()
            self._infos = None
            self._generation = generation
        self._tell_listeners()

    def _refresh_from_server(self) -> None:
        database = self._database
        due = time.monotonic() >= self._refresh_at or database.replaced_by_others
        if database.leases is None or not due or not self._refreshing.acquire(blocking=False):
            return
        try:
            began = time.monotonic()
            with database.named_failures():
                replaced, database.replaced_by_others = database.replaced_by_others, False
                seen = database.leases.changes_of_others()
                if seen != self._seen or replaced:
                    self._catch_up(reread=replaced or _replacements(seen) != _replacements(self._seen))
                    self._seen = seen
            took = time.monotonic() - began
            self._refresh_at = time.monotonic() + max(_MIN_REFRESH_INTERVAL, _REST_PER_REFRESH * took)
        finally:
            self._refreshing.release()

    def _catch_up(self, *, reread: bool) -> None:
        """Bring the list in step with the server, reading only documents that are new unless ``reread``."""
        was = self._database.documents.id
        self._database.open_collections({})
        self._tell_listeners()
        with self._lock:
            if self._infos is None or reread or self._database.documents.id != was:
                self._infos = self._ids = None
                return
            known = set(self._infos)
        there = set(self.read_ids())
        infos = list(self.read_infos(sorted(there - known)))
        with self._lock:
            if self._infos is not None:
                for id_ in known - there:
                    self._infos.pop(id_, None)
                self._infos |= {info.id: info for info in infos}

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            listener()

    # Reading it from the database

    def read_ids(self, *, finished: bool = True) -> list[str]:
        """Read the ids of all finished documents, or of all unfinished ones."""
        with self._database.named_failures():
            return [document_of(id_) for id_ in find_ids(self._database.documents, {"finished": finished})]

    def read_infos(self, document_ids: Sequence[str]) -> Iterator[DocumentInfo]:
        """Read those of these documents that are finished."""
        for some in in_batches(document_ids, _ROWS_PER_REQUEST):
            with self._database.named_failures():
                rows = list(read_records(self._database.documents, [head_id(id_) for id_ in some], "metadatas"))
            # Asked for both ids and a mark, Chroma takes a thousand times as long.
            yield from read_infos(row for row in rows if row.metadata.get("finished"))


def _replacements(seen: ChangeCounts) -> frozenset[tuple[str, int]]:
    return frozenset((owner, replaced) for owner, _, replaced in seen if replaced)
