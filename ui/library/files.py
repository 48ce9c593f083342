"""The folder in which the library keeps the files it was given, so that they can be read again."""

import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from index.config import IndexConfig
from index.reading.containers import CONTAINER_MARK
from index.reading.stored_path import shown_path, to_stored_path
from ui.library.models import Upload
from ui.library.uploads.names import safe_name


def library_folder(index: IndexConfig) -> Path:
    """Return the folder in which the library of an index keeps everything."""
    return index.data_dir / "library" / index.collection


class LibraryFolder:
    """The library's folder: ``files`` are indexed, ``incoming`` wait for that, ``trash`` were removed."""

    def __init__(self, root: Path) -> None:
        self.files = root / "files"
        self.incoming = root / "incoming"
        self.trash = root / "trash"

    def receive(self, upload: Upload) -> Path:
        """Copy the upload to ``incoming`` and return the copy; the file's ending stays. Raises OSError."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        copy = self.incoming / f"{secrets.token_hex(8)}{PurePosixPath(safe_name(upload.name)).suffix}"
        shutil.copyfile(upload.path, copy)
        return copy

    def keep(self, waiting: Path, name: str) -> Path:
        """Move a waiting file to where it stays, beside any other of its name. Equal bytes stay one file.

        Raises OSError.
        """
        target = self.files / safe_name(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        path = target
        number = 1
        while path.exists():
            if _same(path, waiting):
                waiting.unlink()
                return path
            number += 1
            path = target.with_name(f"{target.stem}-{number}{target.suffix}")
        waiting.replace(path)
        return path

    def namesakes(self, path: Path, name: str) -> list[Path]:
        """Return the other files that were kept under the same ``name`` as the one at ``path``."""
        target = self.files / safe_name(name)
        numbered = re.compile(rf"{re.escape(target.stem)}(?:-\d+)?{re.escape(target.suffix)}")
        return sorted(one for one in target.parent.iterdir() if one != path and numbered.fullmatch(one.name))

    def holds(self, path: Path) -> bool:
        """Return whether the file is the library's own, not one in the reader's folders."""
        return path.resolve().is_relative_to(self.files.resolve())

    def known_in(self, path: Path, names: Iterable[str]) -> bool:
        """Return whether any of the index's ``names`` is the file at ``path`` or a document in it."""
        name = to_stored_path(path)
        return any(one == name or one.startswith(f"{name}{CONTAINER_MARK}/") for one in names)

    def shown(self, source: str) -> str:
        """Return the source of a document for a list: its path below the library's folder or its container."""
        own = f"{to_stored_path(self.files)}/"
        if source.startswith(own):
            return source.removeprefix(own).replace(f"{CONTAINER_MARK}/", "/")
        return shown_path(source, CONTAINER_MARK)

    def clear_incoming(self) -> None:
        """Remove what an ended process left waiting."""
        shutil.rmtree(self.incoming, ignore_errors=True)


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
