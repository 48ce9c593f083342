"""Restore a backup: check it whole before anything is replaced, and put it in place by one renaming."""

import ctypes
import hashlib
import json
import os
import shutil
import tarfile
import zlib
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import IO

from index.config import IndexConfig
from index.ingest.file_cache import FILE as DIGESTS
from index.maintenance.backup import DERIVED_NAMES, FORMAT, MANIFEST, BackupError, has_nothing_to_back_up
from index.system.locking import IndexLock, writer_lock
from index.system.progress import Progress, no_progress

_LOCKS = ("lock", "lock.turn", "lock.door")
_READ_SIZE = 1 << 20  # bytes read at a time
_MAX_MANIFEST_BYTES = 1 << 28  # bytes
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2(2)


def restore(config: IndexConfig, file: Path, *, force: bool = False, progress: Progress = no_progress) -> int:
    """Put what ``file`` holds into ``data_dir`` and return the number of files; ``force`` replaces what lies there.

    Every file is unpacked beside it and its digest compared first. Stopped at any moment, ``data_dir`` holds the old or
    the new, if the system can exchange two folders (Linux). ``progress`` is called with ``(done, total, name)`` in
    bytes of the archive. Raises BackupError, and IndexBusyError while others use the index.
    """
    folder = config.data_dir.absolute()
    staging = folder.with_name(f".{folder.name}.restoring")
    if folder.exists() and not has_nothing_to_back_up(folder) and not force:
        raise BackupError(
            f"{folder} holds an index already. Set --data-dir to another folder, or give --force to replace it."
        )
    try:
        with writer_lock(folder), closing(IndexLock(folder)) as held:
            held.acquire_exclusive()
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(mode=0o700)
            count = _unpack(file, staging, progress)
            _put_in_place(staging, folder)
    except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise BackupError(
            f"{file} could not be restored ({' '.join(str(error).split()) or type(error).__name__}). Nothing was "
            "replaced. Check that it is whole, and that the disk has room for it."
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return count


def _unpack(file: Path, staging: Path, progress: Progress) -> int:
    """Unpack every member into ``staging``. Raises BackupError when one is not what the archive itself says it is."""
    found: dict[str, tuple[int, str]] = {}
    wanted: object = None
    total = file.stat().st_size
    with file.open("rb") as raw, tarfile.open(fileobj=raw, mode="r:gz") as archive:
        for member in archive:
            held = archive.extractfile(member) if member.isreg() else None
            if held is None or not _is_safe(member.name) or wanted is not None:
                raise BackupError(f"{file} holds {member.name!r}, which no backup does. Nothing was replaced.")
            if member.name == MANIFEST:
                wanted = json.loads(held.read(_MAX_MANIFEST_BYTES))
            else:
                found[member.name] = _write_member(held, staging / member.name)
            progress(raw.tell(), total, member.name)
    if not isinstance(wanted, dict):
        raise BackupError(f"{file} is no backup, or not all of one. Nothing was replaced.")
    if wanted["format"] != FORMAT:
        raise BackupError(f"{file} was written by another Onrecord. Update it. Nothing was replaced.")
    told = {name: (int(row["size"]), str(row["sha256"])) for name, row in wanted["files"].items()}
    if found != told:
        name = next(iter(sorted(name for name in found.keys() | told.keys() if found.get(name) != told.get(name))))
        raise BackupError(f"{file} is damaged: {name} is not what was backed up. Nothing was replaced.")
    return len(found)


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    usual = not path.is_absolute() and path.parts and not {"..", "."} & set(path.parts)
    return bool(usual) and "\\" not in name and ":" not in path.parts[0] and path.parts[0] not in DERIVED_NAMES


def _write_member(held: IO[bytes], path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        while data := held.read(_READ_SIZE):
            digest.update(data)
            size += len(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return size, digest.hexdigest()


def _put_in_place(staging: Path, folder: Path) -> None:
    """Put the new folder in place by one renaming.

    The lock files stay those that other processes have open, and what no backup holds stays too.
    """
    for name in _LOCKS:
        if (folder / name).exists():
            os.link(folder / name, staging / name)
    if not _exchange(staging, folder):  # pragma: no cover - a system that cannot exchange two folders
        aside = folder.with_name(f".{folder.name}.replaced")
        folder.rename(aside)
        staging.rename(folder)
        aside.rename(staging)
    for path in staging.iterdir():
        if path.name in DERIVED_NAMES - set(_LOCKS) - {DIGESTS} and not (folder / path.name).exists():
            path.rename(folder / path.name)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders in one step (renameat2(2), Linux); tells whether that worked."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:  # pragma: no cover
        return False
    done: int = renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    return done == 0
