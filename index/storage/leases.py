"""What processes that write one index on a server tell each other: what they write, and that something has changed.

Chroma has no transactions, only single requests that it carries out one after the other. So each process lays a claim
on a document before it touches it and then looks at the claims of others: of two that meet, at least one sees the
other (Dekker's rule). Writers let each other be, since both write the same words under the same ids. Whoever removes
gives way to a writer, and a writer to whoever removes. A claim that was not renewed for ``LEASE`` seconds is one of a
process that died, and is swept.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from index.errors import IndexBusyError
from index.storage.chroma.records import delete_records, find_ids, find_records

if TYPE_CHECKING:
    from chromadb import Collection

_log = logging.getLogger(__name__)

LEASE = 120.0  # seconds by the clocks of the machines that write, which must agree to within a minute
_KEPT = 7 * 24 * 3600.0  # seconds that a process's count of changes is kept after its last one
_LOOK = 0.1  # seconds between looks at whether a removal has ended

_COUNTS: dict[str, Any] = {"changes": {"$gt": 0}}
_CLAIMS: dict[str, Any] = {"document_id": {"$ne": ""}}

Seen = frozenset[tuple[str, int, int]]


class DocumentLeasedError(Exception):
    """A removal met somebody who writes the same document."""


class Writers:
    """The claims and counts of changes of one index, kept in a collection beside it, in the name of this process."""

    def __init__(
        self, collection: Callable[[], "Collection"], lease: float = LEASE, now: Callable[[], float] = time.time
    ) -> None:
        self.owner = secrets.token_hex(8)
        self._collection = collection
        self._lease = lease
        self._now = now
        self._changes = self._replaced = 0

    # What has changed

    def changed(self, *, replaced: bool = False) -> None:
        """Tell the others that something was finished or removed; ``replaced`` if under an id that was there."""
        self._changes += 1
        self._replaced += replaced
        row = {"changes": self._changes, "replaced": self._replaced, "at": self._now()}
        self._collection().upsert(self.owner, [0.0], row)

    def seen(self) -> Seen:
        """How much each other process has changed: the same again as long as nothing was."""
        return frozenset(
            (row.id, int(row.metadata["changes"]), int(row.metadata["replaced"]))
            for row in find_records(self._collection(), _COUNTS, "metadatas")
            if row.id != self.owner
        )

    # Who writes what

    @contextmanager
    def writing(self, document_id: str) -> Iterator[None]:
        """Claim a document to write it, after any removal of it has ended."""
        with self._claim(document_id, "writing"):
            # For as long as a lease at most, since a removal does not renew its claim.
            while self._others(document_id, "removing"):
                time.sleep(_LOOK)
            yield

    def still(self, document_id: str) -> None:
        """Renew the claim. Raises IndexBusyError where it was swept, since what was written may then be gone."""
        self._collection().update(self._mark(document_id), metadatas={"at": self._now()})
        held = self._collection().get(self._mark(document_id), include=[])["ids"]
        if not held or self._others(document_id, "removing"):
            raise IndexBusyError(
                f"Writing {document_id} took so long that another process took it for given up. Run the same command "
                "again; what was finished is kept."
            )

    @contextmanager
    def removing(self, document_id: str) -> Iterator[None]:
        """Claim a document to remove it. Raises DocumentLeasedError where another process writes it."""
        with self._claim(document_id, "removing"):
            if self._others(document_id, "writing"):
                raise DocumentLeasedError
            yield

    def alone(self) -> None:
        """Raises IndexBusyError while another process writes."""
        others = [row for row in self._claims(_CLAIMS) if self._lives(row)]
        if any(row["owner"] != self.owner for row in others):
            raise IndexBusyError(
                "Another process writes the index now. Run this again when it is done; nothing was changed."
            )

    def find_expired(self) -> dict[str, bool]:
        """Documents that a process left when it died, and whether another one writes or removes them now."""
        claims = self._claims(_CLAIMS)
        lived = {row["document_id"] for row in claims if self._lives(row)}
        return {row["document_id"]: row["document_id"] in lived for row in claims if not self._lives(row)}

    def forget(self, document_id: str) -> None:
        """Take away the claims of the dead on a document."""
        dead = [row["mark"] for row in self._claims({"document_id": document_id}) if not self._lives(row)]
        if dead:
            _log.warning("%d claims of processes that died on %s are taken away", len(dead), document_id)
            self._collection().delete(dead)

    def prune(self) -> None:
        """Take away counts of changes that nobody compares any more, those of processes that ended long ago."""
        old: dict[str, Any] = {"$and": [_COUNTS, {"at": {"$lt": self._now() - _KEPT}}]}
        if ended := [id_ for id_ in find_ids(self._collection(), old) if id_ != self.owner]:
            _log.info("%d counts of changes by processes that ended are taken away", len(ended))
            delete_records(self._collection(), ended)

    @contextmanager
    def _claim(self, document_id: str, doing: str) -> Iterator[None]:
        mark = self._mark(document_id)
        row: dict[str, Any] = {"document_id": document_id, "owner": self.owner, "doing": doing, "at": self._now()}
        self._collection().upsert(mark, [0.0], row)
        try:
            yield
        except DocumentLeasedError:
            self._collection().delete([mark])
            raise
        except Exception:
            # What is there now is half a document, to be swept by whoever comes next.
            self._collection().update(mark, metadatas={"at": 0.0})
            raise
        self._collection().delete([mark])

    def _mark(self, document_id: str) -> str:
        return f"{document_id}~{self.owner}"

    def _others(self, document_id: str, doing: str) -> bool:
        claims = self._claims({"$and": [{"document_id": document_id}, {"doing": doing}]})
        return any(row["owner"] != self.owner and self._lives(row) for row in claims)

    def _claims(self, where: dict[str, Any]) -> list[dict[str, Any]]:
        found = find_records(self._collection(), where, "metadatas")
        return [{**row.metadata, "mark": row.id} for row in found if "document_id" in row.metadata]

    def _lives(self, row: dict[str, Any]) -> bool:
        # In either direction: one from far ahead was laid before the clock was set back.
        return abs(self._now() - float(row["at"])) < self._lease
