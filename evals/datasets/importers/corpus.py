"""Documents of a set, built in memory as the loader builds them from files, and quotes located in them."""

import re
from collections.abc import Mapping
from hashlib import sha256

from evals.schema import Evidence
from index.reading.title import guess_title
from index.schema import Document
from index.text.normalize import normalise

_MAX_NAME_LENGTH = 60  # characters; a file name holds 255 bytes


def document_id(text: str) -> str:
    """Return the id of a document with this normalised text: the first 16 hex digits of its SHA-256."""
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
        """Add the document with the text ``raw`` and return it; None if it holds no words, which is noted."""
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
        """Return the document the set calls ``name``."""
        found = self._ids.get(name)
        return self._documents[found] if found else None

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents, in the order they were added."""
        return tuple(self._documents.values())

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each document, or kind of document, that was not kept as it came."""
        empty = tuple(f"document {name!r} is empty: left out" for name in self._empty)
        if not self._repeats:
            return empty
        return (*empty, f"{self._repeats} documents repeat the text of another: kept once")

    def _file(self, name: str) -> str:
        stem = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:_MAX_NAME_LENGTH] or "document"
        file, n = f"{stem}.txt", 1
        while file.casefold() in self._files:
            n += 1
            file = f"{stem}-{n}.txt"
        self._files.add(file.casefold())
        return file


def locate_quote(document: Document, raw: str, quote: str, start: int | None = None) -> Evidence | None:
    """Locate ``quote`` in ``document``, whose text is the normalised ``raw``; None if it cannot be located.

    ``start`` is where the set says the quote begins in ``raw``; of several places of the words the nearest to
    it is taken. Without it the words must stand exactly once. None if they cannot be placed.
    """
    words = normalise(quote).strip()
    if not words:
        return None
    places = _places(words, document.text)
    if not places or (start is None and len(places) > 1):
        return None
    begin = places[0] if start is None or len(places) == 1 else _nearest(places, _moved(raw, quote, start))
    return Evidence(document.id, words, begin, begin + len(words))


def _moved(raw: str, quote: str, start: int) -> int:
    """Estimate where ``raw[start]`` lies once normalised; the end of the text before it may lose blanks."""
    lead = len(quote) - len(quote.lstrip())
    return len(normalise(raw[: start + lead] + "|")) - 1


def _nearest(places: list[int], expected: int) -> int:
    return min(places, key=lambda found: abs(found - expected))


def _places(words: str, text: str) -> list[int]:
    places = []
    found = text.find(words)
    while found >= 0:
        places.append(found)
        found = text.find(words, found + 1)
    return places
