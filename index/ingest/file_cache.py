"""What each file held when it was last read, so that a file whose times have not moved need not be read again.

Derived from the files, kept in one SQLite file in the data folder, and safe to delete. What it says is believed only
as Git believes its own index ("racy-git", https://git-scm.com/docs/racy-git): size, both times, inode and device
must all be what they were, and both times must lie safely before the moment the file was read. A file that was
written within the same tick of the clock as it was read, or whose time lies ahead of the clock, is read again.
"""

import hashlib
import json
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from index.storage.sqlite_file import FAILURES, change, is_damage, is_sound, connect, reading, remove

_log = logging.getLogger(__name__)

FILE = "digests.sqlite3"
SAFELY = 2_500_000_000  # nanoseconds; FAT tells times to two seconds, the coarsest of today's file systems
_READING = Path(__file__).parents[1] / "reading"
_TABLE = """
create table if not exists files (
    path text primary key, size integer not null, mtime integer not null, ctime integer not null,
    inode integer not null, device integer not null, read integer not null, held text not null,
    crc integer not null
) without rowid;
create table if not exists made (by text not null);
"""

Held = tuple[tuple[str, str, str], ...]
"""Of each document in a file: its name, its bytes' digest (SHA-256), and why it cannot be read, if it cannot."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that a file is as it was; times in nanoseconds since 1970, as the file system gives them."""

    size: int
    mtime: int
    ctime: int
    inode: int
    device: int

    @property
    def changed(self) -> int:
        """The later of the two times."""
        return max(self.mtime, self.ctime)


def read_stamp(path: Path) -> Stamp:
    """The file's stamp now. Raises OSError."""
    at = os.stat(path)  # noqa: PTH116 — half the time of Path.stat, a call a file
    return Stamp(at.st_size, at.st_mtime_ns, at.st_ctime_ns, _signed(at.st_ino), _signed(at.st_dev))


@dataclass(slots=True)
class Digests:
    """What is known of files, by name; asked and filled by a plan, written by ``save``."""

    known: Mapping[str, tuple[Stamp, int, str]] = field(default_factory=dict)
    fresh: dict[str, tuple[Stamp, int, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    believed: bool = True

    def held(self, name: str, stamp: Stamp) -> Held | None:
        """What the file holds, if it is the one that was read; None where that is not sure."""
        before, read, held = self.known.get(name, (None, 0, ""))
        # Read at a time that is still to come: the clock was set back, and says nothing of what came first.
        if not self.believed or before != stamp or stamp.changed > read - SAFELY or read > time.time_ns():
            return None
        return tuple((inner or name, digest, failure) for inner, digest, failure in json.loads(held))

    def learn(self, name: str, stamp: Stamp, read: int, held: Held) -> None:
        """Take down what a file held: ``stamp`` is from before it was read and after, ``read`` the clock before."""
        told = [["" if inner == name else inner, digest, failure] for inner, digest, failure in held]
        self.fresh[name] = (stamp, read, json.dumps(told, ensure_ascii=False))


def read_file_cache(folder: Path, *, believed: bool = True) -> Digests:
    """What is kept in ``folder``; nothing where it was kept by an Onrecord that unpacked files otherwise.

    Unless ``believed``, every file is to be read again.
    """
    path = folder / FILE
    if not path.exists():
        return Digests()
    try:
        with reading(path) as connection:
            if connection.execute("select by from made").fetchall() != [(_unpacked_by(),)]:
                return Digests()
            rows = [row for *row, crc in connection.execute("select * from files") if crc == _crc(row)]
            known = {name: (Stamp(*stamp), read, held) for name, *stamp, read, held in rows}
            return Digests(known, believed=believed)
    except FAILURES as error:
        _log.warning("%s cannot be read, so every file is read again: %s", path, error)
        return Digests()


def is_file_cache_sound(folder: Path) -> bool:
    """Whether what is kept in ``folder`` can be read, if anything is."""
    path = folder / FILE
    if not is_sound(path):
        return False
    try:
        with reading(path) as connection:
            if connection.execute("select by from made").fetchall() != [(_unpacked_by(),)]:
                return True  # another Onrecord's, of which nothing is used
            return all(crc == _crc(row) for *row, crc in connection.execute("select * from files"))
    except FAILURES:
        return not path.exists()


def save(folder: Path, digests: Digests) -> None:
    """Keep what was learnt and drop what is gone. Whatever goes wrong costs only that files are read again."""
    if not digests.fresh and not digests.gone:
        return
    path = folder / FILE

    def write(connection: sqlite3.Connection) -> None:
        rows = ([n, s.size, s.mtime, s.ctime, s.inode, s.device, r, h] for n, (s, r, h) in digests.fresh.items())
        connection.executemany(
            "insert or replace into files values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [(*row, _crc(row)) for row in rows]
        )
        connection.executemany("delete from files where path = ?", [(name,) for name in digests.gone])

    try:
        if not digests.known:  # there was nothing that could be used
            path.unlink(missing_ok=True)
        with closing(connect(path)) as connection:
            if not digests.known:
                connection.executescript(_TABLE)
                connection.execute("insert into made values (?)", (_unpacked_by(),))
            change(connection, write)
    except FAILURES as error:
        if is_damage(error):
            remove(path, error)
        else:
            _log.warning("%s was not written, so some files will be read again: %s", path, error)
    except OSError as error:
        _log.warning("%s was not written, so some files will be read again: %s", path, error)


def _crc(row: Iterable[object]) -> int:
    return zlib.crc32(repr([*row]).encode(errors="backslashreplace"))


def _unpacked_by() -> str:
    """Changes with the code that says what an archive holds and under which names."""
    digest = hashlib.sha256(_TABLE.encode())
    for path in [
        _READING / "containers.py",
        _READING / "filetype.py",
        _READING / "encoding.py",
        *sorted((_READING / "formats").glob("*.py")),
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _signed(number: int) -> int:
    """SQLite's integers have a sign; inodes and devices of some systems use all 64 bits."""
    return number - (1 << 64) if number >= 1 << 63 else number
