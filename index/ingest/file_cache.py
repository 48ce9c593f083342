"""Remember what each file held when it was last read, so that an unchanged file need not be read again.

The cache is derived from the files, lies in one SQLite file in the data folder, and is safe to delete. It is believed
only as Git believes its own index ("racy-git", https://git-scm.com/docs/racy-git): size, both times, inode and device
must all be what they were, and both times must lie safely before the moment the file was read. A file that was written
within the same tick of the clock as it was read, or whose time lies ahead of the clock, is read again.
"""

import hashlib
import json
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.storage.sqlite_file import FAILURES, is_sound, open_read_only, write_derived

_log = logging.getLogger(__name__)

FILE = "digests.sqlite3"
MIN_AGE_NS = 2_500_000_000  # nanoseconds; FAT's times, the coarsest in use, are exact to two seconds
_READING = Path(__file__).parents[1] / "reading"
_TABLE = """
create table if not exists files (
    path text primary key, size integer not null, mtime integer not null, ctime integer not null,
    inode integer not null, device integer not null, read integer not null, held text not null,
    crc integer not null
) without rowid;
create table if not exists made (by text not null);
"""

FileContents = tuple[tuple[str, str, str], ...]
"""Of each document in a file: its name, its bytes' digest (SHA-256), and why it cannot be read, if it cannot."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What shows that a file is unchanged. Times are nanoseconds since 1970, as the file system gives them."""

    size: int
    mtime: int
    ctime: int
    inode: int
    device: int

    @property
    def last_changed(self) -> int:
        """The later of the two times."""
        return max(self.mtime, self.ctime)


def read_stamp(path: Path) -> FileStamp:
    """Read the stamp of a file as it is now. Raises OSError."""
    at = os.stat(path)  # noqa: PTH116 — half the time of Path.stat, a call a file
    return FileStamp(at.st_size, at.st_mtime_ns, at.st_ctime_ns, _to_signed(at.st_ino), _to_signed(at.st_dev))


@dataclass(slots=True)
class FileCache:
    """What is known of files, by stored path; a plan asks and fills it, ``save_file_cache`` writes it."""

    known: Mapping[str, tuple[FileStamp, int, str]] = field(default_factory=dict)
    added: dict[str, tuple[FileStamp, int, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    trusted: bool = True

    def lookup(self, name: str, stamp: FileStamp) -> FileContents | None:
        """Return what the file holds if it is unchanged; None when that is not sure."""
        before, read, held = self.known.get(name, (None, 0, ""))
        # If it was read in the future, the clock was set back and cannot tell what came first.
        if not self.trusted or before != stamp or stamp.last_changed > read - MIN_AGE_NS or read > time.time_ns():
            return None
        return tuple((inner or name, digest, failure) for inner, digest, failure in json.loads(held))

    def record(self, name: str, stamp: FileStamp, read: int, held: FileContents) -> None:
        """Record what a file held.

        ``stamp`` was the same before and after the file was read; ``read`` is the clock before.
        """
        told = [["" if inner == name else inner, digest, failure] for inner, digest, failure in held]
        self.added[name] = (stamp, read, json.dumps(told, ensure_ascii=False))


def read_file_cache(folder: Path, *, believed: bool = True) -> FileCache:
    """Read the cache in ``folder``; it is empty if another version of Onrecord unpacked the files.

    Unless ``believed``, every file is read again.
    """
    path = folder / FILE
    if not path.exists():
        return FileCache()
    try:
        with open_read_only(path) as connection:
            if connection.execute("select by from made").fetchall() != [(_unpacking_code(),)]:
                return FileCache()
            rows = [row for *row, crc in connection.execute("select * from files") if crc == _crc(row)]
            known = {name: (FileStamp(*stamp), read, held) for name, *stamp, read, held in rows}
            return FileCache(known, trusted=believed)
    except FAILURES as error:
        _log.warning("%s cannot be read, so every file is read again: %s", path, error)
        return FileCache()


def is_file_cache_sound(folder: Path) -> bool:
    """Tell whether the cache in ``folder`` can be read; a missing one counts as sound."""
    path = folder / FILE
    if not is_sound(path):
        return False
    try:
        with open_read_only(path) as connection:
            if connection.execute("select by from made").fetchall() != [(_unpacking_code(),)]:
                return True  # another version's, of which nothing is used
            return all(crc == _crc(row) for *row, crc in connection.execute("select * from files"))
    except FAILURES:
        return not path.exists()


def save_file_cache(folder: Path, cache: FileCache) -> None:
    """Write what was learnt and delete what is gone. A failure costs only that files are read again."""
    if not cache.added and not cache.gone:
        return
    path = folder / FILE

    def write(connection: sqlite3.Connection) -> None:
        if not cache.known:
            connection.execute("insert into made values (?)", (_unpacking_code(),))
        rows = ([n, s.size, s.mtime, s.ctime, s.inode, s.device, r, h] for n, (s, r, h) in cache.added.items())
        connection.executemany(
            "insert or replace into files values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(*row, _crc(row)) for row in rows]
        )
        connection.executemany("delete from files where path = ?", [(name,) for name in cache.gone])

    try:
        if not cache.known:  # there was nothing that could be used
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s was not written, so some files will be read again: %s", path, error)
    else:
        write_derived(path, _TABLE, write, "some files will be read again")


def _crc(row: Iterable[object]) -> int:
    return zlib.crc32(repr([*row]).encode(errors="backslashreplace"))


def _unpacking_code() -> str:
    """Return a digest of the code that says what an archive holds and under which names."""
    digest = hashlib.sha256(_TABLE.encode())
    for path in [
        _READING / "containers.py",
        _READING / "filetype.py",
        _READING / "encoding.py",
        *sorted((_READING / "formats").rglob("*.py")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _to_signed(number: int) -> int:
    """Convert a number to signed 64 bits, as SQLite's integers are; some inodes and devices use all of them."""
    return number - (1 << 64) if number >= 1 << 63 else number
