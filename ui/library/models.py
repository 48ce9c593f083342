"""The types of the library: what is given to it, and its jobs."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from index.errors import OnrecordError

JobKind = Literal["add", "reindex", "remove", "restore"]
ItemState = Literal["waiting", "working", "done", "same", "failed", "cancelled"]
FINISHED: frozenset[ItemState] = frozenset(("done", "same", "failed", "cancelled"))

UploadCheck = Callable[[Path, str], None]
"""Raises OnrecordError, in words for the reader, when the file at the path, called by the name, is not to be taken."""


class LibraryClosedError(OnrecordError):
    """The library cannot be changed here."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was given: where its bytes are, and its name, which may have folders before it."""

    path: Path
    name: str


class Container(Protocol):
    """A file in the library that holds documents."""

    path: Path

    def data(self, key: str) -> bytes:
        """Return the bytes of the document that an item's ``key`` names. Raises UnreadableFileError."""

    def with_name(self, said: str) -> str:
        """Return the text with the name by which the reader knows the file."""


@dataclass(slots=True, eq=False)
class Item:
    """One file or document of a job, and its progress.

    ``key`` is the incoming file, the document's id or the id in the trash; ``size`` is its bytes or characters.
    ``done`` of ``total`` passages are embedded, as of ``moved`` (a ``time.monotonic``). ``said`` is the message once it
    is over, and ``document`` the id of the document it became. ``trashed`` is its id in the trash; ``undoes`` is the
    removal that it takes back. A document in a file has that file as ``container`` and its path there as ``key``.
    ``earlier`` are the documents of other files of its name, which were here before.
    """

    key: str
    name: str
    size: int = 0
    state: ItemState = "waiting"
    said: str = ""
    done: int = 0
    total: int = 0
    moved: float = 0.0
    document: str = ""
    trashed: str = ""
    undoes: "Item | None" = None
    container: Container | None = None
    earlier: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The part of it that is done, from 0 to 1."""
        return 1.0 if self.state in FINISHED else self.done / self.total if self.total else 0.0


@dataclass(slots=True, eq=False)
class Job:
    """Work on one or more files. Setting ``stop`` ends it after the current step; ``over`` is set at its end.

    An item that turns out to hold documents is replaced by an item for each.
    """

    kind: JobKind
    items: tuple[Item, ...]
    collection: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    began: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
