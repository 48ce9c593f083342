"""What a build would do: the files on disk compared with the index by content."""

import hashlib
import os
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from index.errors import UnreadableFileError
from index.ingest.file_cache import Digests, Held, read_stamp
from index.system.progress import Progress, silent
from index.reading.containers import MARK, holder, unfold
from index.reading.filetype import may_hold_files
from index.reading.load import read_bytes, find_named_files
from index.reading.stored_path import file_name, from_stored_path
from index.schema import FileRecord


@dataclass(frozen=True, slots=True)
class Moved:
    """A file whose bytes the index knows under another path, where there is no file any more."""

    before: str
    record: FileRecord


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A file that holds what another one holds, to the byte or, once read, to the letter."""

    path: str
    of: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do.

    Files are named as the index names them. A changed file's record carries its new bytes' digest and the
    document it held before, a moved one's its new path and its document. Of ``duplicates`` those among ``new`` and
    ``changed`` are indexed by pointing at the other's document. ``failed`` pairs a path with a reason.
    """

    new: tuple[FileRecord, ...]
    changed: tuple[FileRecord, ...]
    same: tuple[str, ...]
    gone: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()
    moved: tuple[Moved, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()


class Known(Protocol):
    """What a plan asks of an index."""

    def files(self) -> dict[str, FileRecord]:
        """What is known of every file, by path."""
        ...

    def has(self, document_id: str) -> bool:
        """Whether the document is there, finished."""
        ...


class EmptyIndex:
    """An index that is not there yet."""

    def files(self) -> dict[str, FileRecord]:
        """None."""
        return {}

    def has(self, document_id: str) -> bool:
        """Never."""
        return False


def plan(store: Known, paths: Sequence[Path], digests: Digests | None = None, progress: Progress = silent) -> Plan:
    """Compare the files under ``paths`` with the index by content.

    With ``digests`` a file that is as it was when last read is not read again; what is read goes in there. A file
    that the index knows under one of ``paths`` and that is no longer there is gone, or has moved if its bytes are
    found under a new path of the same ending. ``progress`` is told ``(done, total, file)`` as files are looked at.
    Raises UnreadableFileError when one of ``paths`` does not exist.
    """
    digests = Digests() if digests is None else digests
    known = store.files()
    new: list[FileRecord] = []
    changed: list[FileRecord] = []
    same: list[str] = []
    failed: list[tuple[str, str]] = []
    seen: set[str] = set()
    closed: set[str] = set()
    found = list(find_named_files(paths))
    for number, (path, name) in enumerate(found, 1):
        seen.add(name)
        try:
            for inner, digest, failure in _held(path, name, digests):
                seen.add(inner)
                if failure:
                    failed.append((inner, failure))
                    continue
                record = known.get(inner)
                if record is not None and record.sha256 == digest and store.has(record.document_id):
                    same.append(inner)
                else:
                    before = "" if record is None else record.document_id
                    (new if record is None else changed).append(FileRecord(inner, digest, before))
        except OSError as error:
            failed.append((name, f"{path} could not be read ({error.strerror}). Check its permissions."))
        except UnreadableFileError as error:
            failed.append((name, str(error)))
            closed.add(f"{name}{MARK}/")
        progress(number, len(found), name)
    if closed:  # what they held stays until they can be opened again
        seen.update(name for name in known if _under(name, closed))
    roots = {f"{file_name(path).rstrip('/')}{'' if path.is_dir() else MARK}/" for path in paths}
    gone = [name for name in known if name not in seen and _under(name, roots)]
    digests.gone.update(name for name in digests.known if name not in seen and _under(name, roots))
    moved = _moved(store, known, new, gone)
    left, arrived = {move.before for move in moved}, {move.record.path for move in moved}
    return Plan(
        tuple(record for record in new if record.path not in arrived),
        tuple(changed),
        tuple(same),
        tuple(name for name in gone if name not in left),
        tuple(failed),
        tuple(moved),
        tuple(_duplicates(known, same, moved, [*new, *changed])),
    )


def reading_key(path: str, digest: str) -> tuple[str, str]:
    """Equal for files that are read to the same document: those of the same bytes and the same ending."""
    return digest, os.path.splitext(path)[1].lower()  # noqa: PTH122 — a name, and one a file


def file_sha256(path: Path) -> str:
    """The digest of a file's bytes, as a ``FileRecord`` holds it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _under(name: str, folders: Set[str]) -> bool:
    """Whether ``name`` begins with one of ``folders``, which end with a slash, however many they are."""
    at = name.find("/")
    while at >= 0:
        if name[: at + 1] in folders:
            return True
        at = name.find("/", at + 1)
    return False


def _held(path: Path, name: str, digests: Digests) -> Held:
    """What a file holds: from ``digests`` where it is as it was, else by reading it."""
    stamp = read_stamp(path)
    held = digests.held(name, stamp)
    if held is None:
        read = time.time_ns()
        held = tuple(_read(path, name))
        if read_stamp(path) == stamp:  # else it was written meanwhile
            digests.learn(name, stamp, read, held)
    return held


def _read(path: Path, name: str) -> Iterator[tuple[str, str, str]]:
    """The name and the bytes' digest of every document in a file, or the reason why it cannot be read."""
    if not may_hold_files(path):
        yield name, file_sha256(path), ""
        return
    for member in unfold(path, read_bytes(path)):
        yield file_name(member.path), "" if member.failure else sha256(member.data).hexdigest(), member.failure


def _moved(
    store: Known, known: Mapping[str, FileRecord], new: Sequence[FileRecord], gone: Sequence[str]
) -> list[Moved]:
    """New paths that hold what a gone one held, each paired with one of them.

    A file that was moved here from outside the planned paths is one too, if nothing is left where it was.
    """
    if not new:
        return []
    wanted = {reading_key(record.path, record.sha256) for record in new}
    away = frozenset(gone)
    left = _Left(away)
    for name, record in known.items():
        key = reading_key(name, record.sha256)
        if key in wanted and store.has(record.document_id) and (name in away or not _there(name)):
            left.add(key, name)
    moved = []
    for record in new:
        before = left.take(reading_key(record.path, record.sha256), record.path)
        if before:
            moved.append(Moved(before, FileRecord(record.path, record.sha256, known[before].document_id)))
    return moved


class _Left:
    """Names that files were known by, of each content in their order; ``gone`` ones are taken first."""

    def __init__(self, gone: Set[str]) -> None:
        self._gone = gone
        self._waiting: defaultdict[tuple[tuple[str, str], str, bool], deque[str]] = defaultdict(deque)
        self._taken: set[str] = set()

    def add(self, key: tuple[str, str], name: str) -> None:
        for last in (_last(name), ""):
            self._waiting[key, last, name in self._gone].append(name)

    def take(self, key: tuple[str, str], path: str) -> str:
        """One of the content ``key``, of several one that is called as ``path`` is; empty when none is left."""
        for last in (_last(path), ""):
            for gone in (True, False):
                waiting = self._waiting.get((key, last, gone), ())
                while waiting:
                    name = waiting.popleft()
                    if name not in self._taken:
                        self._taken.add(name)
                        return name
        return ""


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _there(name: str) -> bool:
    return os.path.lexists(holder(from_stored_path(name)))


def _duplicates(
    known: Mapping[str, FileRecord], same: Sequence[str], moved: Sequence[Moved], todo: Sequence[FileRecord]
) -> Iterator[Duplicate]:
    """Of files of the same bytes each but the first, those that are indexed already coming first."""
    found = [move.record for move in moved]
    arrived = {record.path for record in found}
    first: dict[tuple[str, str], str] = {}
    for record in [*(known[name] for name in same), *found, *(r for r in todo if r.path not in arrived)]:
        of = first.setdefault(reading_key(record.path, record.sha256), record.path)
        if of != record.path:
            yield Duplicate(record.path, of)
