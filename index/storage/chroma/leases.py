"""Coordinate the processes that write one index on a Chroma server: leases on documents and counts of changes.

Chroma has no transactions, only single requests, which it handles one after the other. So each process takes a lease on
a document before it changes it and then reads the leases of others: of two processes that meet, at least one sees the
other (Dekker's algorithm). Two writers do not block each other, since both write the same words under the same ids. A
removal gives way to a writer, and a writer waits for a removal. A lease that was not renewed for ``LEASE_SECONDS``
belongs to a process that died.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from index.errors import IndexBusyError
from index.storage.chroma.records import delete_records, find_ids, find_records
from index.system.locking import UNCHANGED

if TYPE_CHECKING:
    from chromadb import Collection

_log = logging.getLogger(__name__)

LEASE_SECONDS = 120.0  # by the writing machines' clocks, which must agree to within a minute
_COUNT_LIFETIME = 7 * 24 * 3600.0  # seconds that a process's count of changes is kept after its last one
_POLL_INTERVAL = 0.1  # seconds between looks at whether a removal has ended

_IS_COUNT: dict[str, Any] = {"changes": {"$gt": 0}}
_IS_LEASE: dict[str, Any] = {"document_id": {"$ne": ""}}

ChangeCounts = frozenset[tuple[str, int, int]]


class DocumentLeasedError(Exception):
    """Another process is writing the document that was to be removed."""


class Leases:
    """The leases and counts of changes of one index, in a collection beside it, on behalf of this process."""

    def __init__(
        self, collection: Callable[[], "Collection"], lease: float = LEASE_SECONDS, now: Callable[[], float] = time.time
    ) -> None:
        self.owner = secrets.token_hex(8)
        self._collection = collection
        self._lease = lease
        self._now = now
        self._changes = self._replaced = 0

    # Changes

    def announce_change(self, *, replaced: bool = False) -> None:
        """Tell other processes that a document was finished or removed; ``replaced`` if its id was there before."""
        self._changes += 1
        self._replaced += replaced
        row = {"changes": self._changes, "replaced": self._replaced, "at": self._now()}
        self._collection().upsert(self.owner, [0.0], row)

    def changes_of_others(self) -> ChangeCounts:
        """Return the counts of changes of each other process; equal as long as nothing has changed."""
        return frozenset(
            (row.id, int(row.metadata["changes"]), int(row.metadata["replaced"]))
            for row in find_records(self._collection(), _IS_COUNT, "metadatas")
            if row.id != self.owner
        )

    # Leases on documents

    @contextmanager
    def lease_for_writing(self, document_id: str) -> Iterator[None]:
        """Hold a lease on a document to write it, after any removal of it has ended."""
        with self._hold(document_id, "writing"):
            # This takes as long as a lease at most, since a removal does not renew its lease.
            while self._others(document_id, "removing"):
                time.sleep(_POLL_INTERVAL)
            yield

    def renew(self, document_id: str) -> None:
        """Renew a lease. Raises IndexBusyError if it was swept, since what was written may then be gone."""
        self._collection().update(self._lease_id(document_id), metadatas={"at": self._now()})
        held = self._collection().get(self._lease_id(document_id), include=[])["ids"]
        if not held or self._others(document_id, "removing"):
            raise IndexBusyError(
                f"Writing {document_id} took so long that another process took it for given up. Run the same command "
                "again; what was finished is kept."
            )

    @contextmanager
    def lease_for_removal(self, document_id: str) -> Iterator[None]:
        """Hold a lease on a document to remove it. Raises DocumentLeasedError if another process writes it."""
        with self._hold(document_id, "removing"):
            if self._others(document_id, "writing"):
                raise DocumentLeasedError
            yield

    def require_exclusive(self) -> None:
        """Raise IndexBusyError while another process writes."""
        others = [row for row in self._leases(_IS_LEASE) if self._is_alive(row)]
        if any(row["owner"] != self.owner for row in others):
            raise IndexBusyError(f"Another process writes the index now. Run this again when it is done; {UNCHANGED}.")

    def find_expired(self) -> dict[str, bool]:
        """Return the documents left by processes that died, and whether another process writes or removes each now."""
        claims = self._leases(_IS_LEASE)
        lived = {row["document_id"] for row in claims if self._is_alive(row)}
        return {row["document_id"]: row["document_id"] in lived for row in claims if not self._is_alive(row)}

    def release_expired(self, document_id: str) -> None:
        """Delete the leases of dead processes on a document."""
        dead = [row["mark"] for row in self._leases({"document_id": document_id}) if not self._is_alive(row)]
        if dead:
            _log.warning("%d claims of processes that died on %s are taken away", len(dead), document_id)
            self._collection().delete(dead)

    def prune_counts(self) -> None:
        """Delete the counts of changes of processes that ended long ago, which nobody compares any more."""
        old: dict[str, Any] = {"$and": [_IS_COUNT, {"at": {"$lt": self._now() - _COUNT_LIFETIME}}]}
        if ended := [id_ for id_ in find_ids(self._collection(), old) if id_ != self.owner]:
            _log.info("%d counts of changes by processes that ended are taken away", len(ended))
            delete_records(self._collection(), ended)

    @contextmanager
    def _hold(self, document_id: str, doing: str) -> Iterator[None]:
        mark = self._lease_id(document_id)
        row: dict[str, Any] = {"document_id": document_id, "owner": self.owner, "doing": doing, "at": self._now()}
        self._collection().upsert(mark, [0.0], row)
        try:
            yield
        except DocumentLeasedError:
            self._collection().delete([mark])
            raise
        except Exception:
            # Half a document is there now, to be swept by the next process.
            self._collection().update(mark, metadatas={"at": 0.0})
            raise
        self._collection().delete([mark])

    def _lease_id(self, document_id: str) -> str:
        return f"{document_id}~{self.owner}"

    def _others(self, document_id: str, doing: str) -> bool:
        claims = self._leases({"$and": [{"document_id": document_id}, {"doing": doing}]})
        return any(row["owner"] != self.owner and self._is_alive(row) for row in claims)

    def _leases(self, where: dict[str, Any]) -> list[dict[str, Any]]:
        found = find_records(self._collection(), where, "metadatas")
        return [{**row.metadata, "mark": row.id} for row in found if "document_id" in row.metadata]

    def _is_alive(self, row: dict[str, Any]) -> bool:
        # In either direction: a lease from far ahead was taken before the clock was set back.
        return abs(self._now() - float(row["at"])) < self._lease
