"""The documents removed from the library, kept so that they can be restored."""

import json
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from index.reading.stored_path import from_stored_path, to_stored_path
from index.schema import Document, FileRecord, Section
from ui.library.models import LibraryClosedError

_ENTRY = "entry.json"


@dataclass(frozen=True, slots=True)
class TrashEntry:
    """A removed document: its ``id`` in the trash, its title, and when it was removed (UTC)."""

    id: str
    title: str
    removed: datetime


class Trash:
    """Removed documents in ``folder``, each with its text, the records of its files, and the library's own files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, document: Document, records: Sequence[FileRecord], own: Sequence[Path]) -> str:
        """Keep a document that is about to be removed, move its ``own`` files here, and return its id in the trash.

        Raises OSError.
        """
        id_ = secrets.token_hex(6)
        place = self._folder / id_
        place.mkdir(parents=True)
        moved = {to_stored_path(path): f"{n}{path.suffix}" for n, path in enumerate(own)}
        entry = {
            "title": document.title,
            "removed": datetime.now(UTC).isoformat(timespec="seconds"),
            "document": {**asdict(document), "metadata": dict(document.metadata)},
            "files": [asdict(record) for record in records],
            "moved": moved,
        }
        (place / _ENTRY).write_text(json.dumps(entry, ensure_ascii=True), encoding="utf-8")
        for name, here in moved.items():
            shutil.move(from_stored_path(name), place / here)
        return id_

    def entries(self) -> list[TrashEntry]:
        """Return the entries, the last removed first."""
        entries = [
            TrashEntry(path.parent.name, str(entry["title"]), datetime.fromisoformat(str(entry["removed"])))
            for path in self._folder.glob(f"*/{_ENTRY}")
            if (entry := _read_entry(path)) is not None
        ]
        return sorted(entries, key=lambda one: (one.removed, one.id), reverse=True)

    def take_back(self, id_: str) -> tuple[Document, list[FileRecord]]:
        """Return the document ``id_`` and its files' records, with its own files moved back to where they were.

        Call ``forget`` once it is stored again. Raises LibraryClosedError when it is not in the trash any more,
        OSError.
        """
        entry = _read_entry(self._folder / id_ / _ENTRY) if id_.isalnum() else None
        if entry is None:
            raise LibraryClosedError("It is not in the trash any more. Add the file again.")
        for name, here in entry["moved"].items():
            kept, path = self._folder / id_ / here, from_stored_path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if kept.exists() and not path.exists():
                shutil.move(kept, path)
        stored = entry["document"]
        sections = tuple(Section(**section) for section in stored["sections"])
        document = Document(**{**stored, "sections": sections})
        return document, [FileRecord(**record) for record in entry["files"]]

    def forget(self, id_: str) -> None:
        """Delete an entry for good."""
        if id_.isalnum():
            shutil.rmtree(self._folder / id_, ignore_errors=True)

    def purge(self, older: timedelta = timedelta(0)) -> int:
        """Delete for good what was removed more than ``older`` ago; return the number of documents."""
        until = datetime.now(UTC) - older
        gone = [one for one in self.entries() if one.removed <= until]
        for one in gone:
            self.forget(one.id)
        return len(gone)


def _read_entry(path: Path) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry if isinstance(entry, dict) else None
