"""The nouns of the library: what is given to it, and what it is doing."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from index.errors import OnrecordError

Kind = Literal["add", "reindex", "remove", "restore"]
State = Literal["waiting", "working", "done", "same", "failed", "cancelled"]
OVER: frozenset[State] = frozenset(("done", "same", "failed", "cancelled"))

Check = Callable[[Path, str], None]
"""Raises OnrecordError, in words for the reader, when the file at the path, called by the name, is not to be taken."""


class LibraryClosedError(OnrecordError):
    """The library cannot be changed here."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was given: where its bytes lie, and its name, which may have folders before it."""

    path: Path
    name: str


class Container(Protocol):
    """A file in the library that holds documents."""

    path: Path

    def data(self, key: str) -> bytes:
        """Return the bytes of the document that an item's ``key`` names. Raises UnreadableFileError."""

    def told(self, said: str) -> str:
        """Return ``said`` with the name that the reader knows the file by."""


@dataclass(slots=True, eq=False)
class Item:
    """One file or document of a job and how far it is.

    ``key`` is the incoming file, the document's id or the id in the trash; ``size`` is its bytes or characters.
    ``done`` of ``total`` passages are embedded, as of ``moved`` (a ``time.monotonic``). ``said`` is what there is to
    know once it is over, and ``document`` the id of what it became. ``trashed`` names it in the trash; ``undoes`` is
    the removal that it takes back. One of the documents in a file has that file as ``held`` and its path as ``key``.
    """

    key: str
    name: str
    size: int = 0
    state: State = "waiting"
    said: str = ""
    done: int = 0
    total: int = 0
    moved: float = 0.0
    document: str = ""
    trashed: str = ""
    undoes: "Item | None" = None
    held: Container | None = None

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return 1.0 if self.state in OVER else self.done / self.total if self.total else 0.0


@dataclass(slots=True, eq=False)
class Job:
    """Work on one or more files. Setting ``stop`` ends it after the step under way; ``over`` is set when it ended.

    An item that turns out to hold documents gives way to an item for each.
    """

    kind: Kind
    items: tuple[Item, ...]
    collection: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    began: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
