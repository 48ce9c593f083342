"""The folder in which the library keeps the files it was given, so that they can be read again."""

import re
import secrets
import shutil
from pathlib import Path, PurePosixPath

from index.config import IndexConfig
from ui.library.schema import Upload

_LONGEST = 120  # characters of a name that are kept, its ending aside; file systems take 255 bytes
_DEEPEST = 8  # folders that are kept of a name
_ODD = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')


def library_folder(index: IndexConfig) -> Path:
    """Where the library of an index keeps everything."""
    return index.data_dir / "library" / index.collection


class Folder:
    """``files`` holds what is indexed, ``incoming`` what waits for that, ``trash`` what was removed."""

    def __init__(self, root: Path) -> None:
        self.files = root / "files"
        self.incoming = root / "incoming"
        self.trash = root / "trash"

    def receive(self, upload: Upload) -> Path:
        """A copy of the upload, waiting; its name ends as the upload's does. Raises OSError."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        copy = self.incoming / f"{secrets.token_hex(8)}{PurePosixPath(safe_name(upload.name)).suffix}"
        shutil.copyfile(upload.path, copy)
        return copy

    def settle(self, waiting: Path, name: str) -> Path:
        """Move a waiting file to where it stays, beside any other of its name. The same bytes stay one file.

        Raises OSError.
        """
        wanted = self.files / safe_name(name)
        wanted.parent.mkdir(parents=True, exist_ok=True)
        path = wanted
        number = 1
        while path.exists():
            if _same(path, waiting):
                waiting.unlink()
                return path
            number += 1
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        waiting.replace(path)
        return path

    def holds(self, path: Path) -> bool:
        """Whether the file is the library's own and not one of the reader's folders."""
        return path.resolve().is_relative_to(self.files.resolve())

    def clear_incoming(self) -> None:
        """Remove what an ended process left waiting."""
        shutil.rmtree(self.incoming, ignore_errors=True)


def safe_name(name: str) -> str:
    """The name as a relative path that stays inside a folder, is not hidden and that any file system takes."""
    parts = [_part(part) for part in name.replace("\\", "/").split("/")]
    kept = [part for part in parts if part][-_DEEPEST:]
    return "/".join(kept) or "unnamed"


def _part(part: str) -> str:
    part = _ODD.sub("_", part.encode("utf-8", "replace").decode()).strip().lstrip(".").strip()
    stem, dot, ending = part.rpartition(".")
    if not dot or len(ending) > _LONGEST:
        return _cut(part)
    return f"{_cut(stem)}.{ending}"


def _cut(text: str) -> str:
    """The beginning of ``text`` that fits into a file name, which is counted in bytes."""
    return text[:_LONGEST].encode()[: 2 * _LONGEST].decode(errors="ignore")


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
