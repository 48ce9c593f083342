"""Back up everything that a data folder keeps in one compressed archive, while others read.

The archive is a tar file with gzip. Its last member records the size and SHA-256 of every other, so that a damaged or
unfinished archive is recognised. What can be derived is left out: the keyword index, the file cache, other caches.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.config import IndexConfig
from index.errors import OnrecordError
from index.ingest.file_cache import FILE as DIGESTS
from index.system.locking import IndexLock
from index.system.progress import Progress, no_progress

MANIFEST = "onrecord-backup.json"
FORMAT = 1
DERIVED_NAMES = frozenset({"cache", "replica", DIGESTS, "lock", "lock.turn", "lock.door"})
_KEYWORD_FOLDER = "chroma/keyword"
_SQLITE_SIDE_FILES = (
    "-wal",
    "-shm",
    "-journal",
)  # what SQLite keeps beside a file; the copy it makes includes their content
_GZIP_LEVEL = 3  # vectors hardly shrink at any level


class BackupError(OnrecordError):
    """A backup could not be written or read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written: the number of files, and the bytes that they and the archive take."""

    files: int
    size: int
    archive: int


def back_up(config: IndexConfig, file: Path, progress: Progress = no_progress) -> Backup:
    """Write everything under ``data_dir`` that cannot be derived to ``file``, which is replaced at the end.

    Others may read meanwhile; a writer waits or is told that the index is in use. ``progress`` is called with ``(done,
    total, name)`` in bytes. Raises BackupError, and IndexBusyError when a writer does not make room.
    """
    if not config.data_dir.is_dir():
        raise BackupError(f"There is nothing in {config.data_dir} to back up. Set --data-dir to where the index lies.")
    partial = file.with_name(f".{file.name}.partial")
    try:
        with closing(IndexLock(config.data_dir)) as held:
            held.acquire_shared()
            made = _write(config.data_dir, partial, progress)
        partial.replace(file)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise BackupError(
            f"The backup {file} could not be written ({error}). Check the folder's permissions and free space, and "
            "run this again."
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink()
    return Backup(*made, archive=file.stat().st_size)


def _write(folder: Path, partial: Path, progress: Progress) -> tuple[int, int]:
    names = [name for name in list_backed_up_files(folder) if (folder / name).resolve() != partial.resolve()]
    total = sum((folder / name).stat().st_size for name in names)
    told: dict[str, dict[str, object]] = {}
    done = 0
    with partial.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=_GZIP_LEVEL) as archive:
            for name in names:
                size, digest = _add(archive, folder / name, name, partial.parent)
                told[name] = {"size": size, "sha256": digest}
                done += size
                progress(min(done, total), total, name)
            _add_manifest(archive, told)
        out.flush()
        os.fsync(out.fileno())
    return len(names), done


def list_backed_up_files(folder: Path) -> Iterator[str]:
    """Return the files under ``folder`` that a backup holds, under its names for them, in alphabetical order."""
    for at, folders, files in os.walk(folder):
        folders.sort()
        where = Path(at).relative_to(folder)
        if where == Path():
            folders[:] = [name for name in folders if name not in DERIVED_NAMES]
        folders[:] = [name for name in folders if (where / name).as_posix() != _KEYWORD_FOLDER]
        for name in sorted(files):
            path = Path(at, name)
            derived = where == Path() and name in DERIVED_NAMES
            if not derived and path.is_file() and not path.is_symlink() and not _is_sqlite_side_file(path):
                yield (where / name).as_posix()


def _is_sqlite_side_file(path: Path) -> bool:
    return path.name.endswith(_SQLITE_SIDE_FILES) and any(
        path.name.endswith(f".sqlite3{end}") for end in _SQLITE_SIDE_FILES
    )


def _add(archive: tarfile.TarFile, path: Path, name: str, beside: Path) -> tuple[int, str]:
    if path.suffix == ".sqlite3":
        with tempfile.TemporaryDirectory(prefix=".onrecord-", dir=beside) as folder:
            copy = Path(folder, path.name)
            _copy_database(path, copy)
            return _add_file(archive, copy, name)
    return _add_file(archive, path, name)


def _copy_database(path: Path, copy: Path) -> None:
    """Copy a database as of one moment, whoever writes it meanwhile (https://sqlite.org/backup.html)."""
    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _add_file(archive: tarfile.TarFile, path: Path, name: str) -> tuple[int, str]:
    info = tarfile.TarInfo(name)
    with path.open("rb") as file:
        at = os.fstat(file.fileno())
        info.size, info.mtime, info.mode = at.st_size, int(at.st_mtime), 0o600
        digesting = _Digesting(file)
        archive.addfile(info, digesting)  # addfile only calls ``read``
    return info.size, digesting.digest.hexdigest()


class _Digesting:
    """A file whose bytes are digested as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self.digest = hashlib.sha256()
        self._file = file

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _add_manifest(archive: tarfile.TarFile, told: dict[str, dict[str, object]]) -> None:
    data = json.dumps({"format": FORMAT, "files": told}, ensure_ascii=False).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))


def has_nothing_to_back_up(folder: Path) -> bool:
    """Tell whether a data folder keeps nothing that a backup would hold."""
    with suppress(StopIteration):
        next(list_backed_up_files(folder))
        return False
    return True
