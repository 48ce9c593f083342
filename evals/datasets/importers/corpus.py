"""Documents of a set, built in memory as the loader would build them from files."""

import re
from collections.abc import Mapping
from hashlib import sha256

from index.reading.title import guess_title
from index.schema import Document
from index.text.normalize import normalise

_MAX_NAME = 60  # characters; a file name holds 255 bytes


def document_id(text: str) -> str:
    """The id of a document with this normalised text: the first 16 hex digits of its SHA-256."""
    return sha256(text.encode()).hexdigest()[:16]


class Corpus:
    """Documents by the names a set gives them; the same text under two names is one document."""

    def __init__(self) -> None:
        self.raw: dict[str, str] = {}
        self._empty: list[str] = []
        self._repeats = 0
        self._ids: dict[str, str] = {}
        self._documents: dict[str, Document] = {}
        self._files: set[str] = set()

    def add(self, name: str, raw: str, title: str = "", metadata: Mapping[str, str] | None = None) -> Document | None:
        """The document with the text ``raw``, or None if it holds no words: those are noted, not kept."""
        text = normalise(raw)
        if not text.strip():
            self._empty.append(name)
            return None
        found = document_id(text)
        self._ids[name] = found
        self.raw[name] = raw
        if found not in self._documents:
            kept = {key: value for key, value in (metadata or {}).items() if value}
            self._documents[found] = Document(found, title or guess_title(text), self._file(name), text, kept)
        else:
            self._repeats += 1
        return self._documents[found]

    def find(self, name: str) -> Document | None:
        """The document the set calls ``name``."""
        found = self._ids.get(name)
        return self._documents[found] if found else None

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of them, in the order they came."""
        return tuple(self._documents.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """What became of documents that were not kept as they came."""
        empty = tuple(f"document {name!r} is empty: left out" for name in self._empty)
        if not self._repeats:
            return empty
        return (*empty, f"{self._repeats} documents repeat the text of another: kept once")

    def _file(self, name: str) -> str:
        stem = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:_MAX_NAME] or "document"
        file, n = f"{stem}.txt", 1
        while file.casefold() in self._files:
            n += 1
            file = f"{stem}-{n}.txt"
        self._files.add(file.casefold())
        return file
