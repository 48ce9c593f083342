"""The nouns of an upload."""

from dataclasses import dataclass
from pathlib import Path

from index.errors import OnrecordError


class BadUpload(OnrecordError):  # noqa: N818
    """A file that is not taken; the others go on."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent: the name that its sender gave it, and where the server put it."""

    name: str
    file: Path


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file to take: a name that is safe in a folder and is no other's of this upload, and the bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not taken, by the name it was sent with, and why in one line."""

    name: str
    why: str
