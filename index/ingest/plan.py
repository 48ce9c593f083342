"""Plan a build: compare the files on disk with the index by content."""

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
from index.ingest.file_cache import FileCache, FileContents, read_stamp
from index.reading.containers import CONTAINER_MARK, container_of, unpack
from index.reading.filetype import may_hold_files
from index.reading.load import find_named_files, read_bytes
from index.reading.stored_path import from_stored_path, to_stored_path
from index.schema import FileRecord
from index.system.progress import Progress, no_progress


@dataclass(frozen=True, slots=True)
class MovedFile:
    """A file whose bytes the index knows under another path, where there is no file any more."""

    before: str
    record: FileRecord


@dataclass(frozen=True, slots=True)
class DuplicateFile:
    """A file with the same bytes as the file ``of``, or the same text once read."""

    path: str
    of: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build will do. Files go by their stored paths.

    The record of a changed file has the digest of its new bytes and its old document; the record of a moved file has
    its new path and its document. Those of the ``duplicates`` that are new or changed are indexed by pointing at the
    other's document. ``failed`` pairs a path with a reason.
    """

    new: tuple[FileRecord, ...]
    changed: tuple[FileRecord, ...]
    same: tuple[str, ...]
    gone: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()
    moved: tuple[MovedFile, ...] = ()
    duplicates: tuple[DuplicateFile, ...] = ()


class IndexedFiles(Protocol):
    """What a plan needs to know of an index."""

    def files(self) -> dict[str, FileRecord]:
        """Return what is known of every file, by path."""
        ...

    def has(self, document_id: str) -> bool:
        """Tell whether the document is there and finished."""
        ...


class EmptyIndex:
    """The files of an index that does not exist yet."""

    def files(self) -> dict[str, FileRecord]:
        """Return nothing."""
        return {}

    def has(self, document_id: str) -> bool:
        """Return False."""
        return False


def plan(
    store: IndexedFiles, paths: Sequence[Path], cache: FileCache | None = None, progress: Progress = no_progress
) -> Plan:
    """Compare the files under ``paths`` with the index by content.

    With ``cache``, an unchanged file is not read again, and what is read is recorded there. A file that the index
    knows under one of ``paths`` and that is no longer there is gone, or has moved if its bytes are found under a new
    path of the same ending. ``progress`` is called with ``(done, total, file)`` as files are looked at. Raises
    UnreadableFileError when one of ``paths`` does not exist.
    """
    cache = FileCache() if cache is None else cache
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
            for inner, digest, failure in _file_contents(path, name, cache):
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
            closed.add(f"{name}{CONTAINER_MARK}/")
        progress(number, len(found), name)
    if closed:  # what these containers held stays until they can be opened again
        seen.update(name for name in known if _is_under(name, closed))
    roots = {f"{to_stored_path(path).rstrip('/')}{'' if path.is_dir() else CONTAINER_MARK}/" for path in paths}
    gone = [name for name in known if name not in seen and _is_under(name, roots)]
    cache.gone.update(name for name in cache.known if name not in seen and _is_under(name, roots))
    moved = _pair_moved(store, known, new, gone)
    left, arrived = {move.before for move in moved}, {move.record.path for move in moved}
    return Plan(
        tuple(record for record in new if record.path not in arrived),
        tuple(changed),
        tuple(same),
        tuple(name for name in gone if name not in left),
        tuple(failed),
        tuple(moved),
        tuple(_find_duplicates(known, same, moved, [*new, *changed])),
    )


def reading_key(path: str, digest: str) -> tuple[str, str]:
    """Return a key that is equal for files read to the same document: those of the same bytes and ending."""
    return digest, os.path.splitext(path)[1].lower()  # noqa: PTH122 — a name, and one a file


def file_sha256(path: Path) -> str:
    """Compute the digest of a file's bytes, as a ``FileRecord`` holds it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_under(name: str, folders: Set[str]) -> bool:
    """Tell whether ``name`` begins with one of ``folders``, each ending with a slash, however many they are."""
    at = name.find("/")
    while at >= 0:
        if name[: at + 1] in folders:
            return True
        at = name.find("/", at + 1)
    return False


def _file_contents(path: Path, name: str, cache: FileCache) -> FileContents:
    """Return what a file holds: from ``cache`` if it is unchanged, else by reading it."""
    stamp = read_stamp(path)
    held = cache.lookup(name, stamp)
    if held is None:
        read = time.time_ns()
        held = tuple(_read_contents(path, name))
        if read_stamp(path) == stamp:  # otherwise it was written meanwhile
            cache.record(name, stamp, read, held)
    return held


def _read_contents(path: Path, name: str) -> Iterator[tuple[str, str, str]]:
    """Read the name and digest of every document in a file, or the reason why it cannot be read."""
    if not may_hold_files(path):
        yield name, file_sha256(path), ""
        return
    for member in unpack(path, read_bytes(path)):
        yield to_stored_path(member.path), "" if member.failure else sha256(member.data).hexdigest(), member.failure


def _pair_moved(
    store: IndexedFiles, known: Mapping[str, FileRecord], new: Sequence[FileRecord], gone: Sequence[str]
) -> list[MovedFile]:
    """Pair new paths with gone ones that held the same bytes.

    A file that came from outside the planned paths counts too, if nothing is left where it was.
    """
    if not new:
        return []
    wanted = {reading_key(record.path, record.sha256) for record in new}
    away = frozenset(gone)
    left = _MoveCandidates(away)
    for name, record in known.items():
        key = reading_key(name, record.sha256)
        if key in wanted and store.has(record.document_id) and (name in away or not _exists(name)):
            left.add(key, name)
    moved = []
    for record in new:
        before = left.take(reading_key(record.path, record.sha256), record.path)
        if before:
            moved.append(MovedFile(before, FileRecord(record.path, record.sha256, known[before].document_id)))
    return moved


class _MoveCandidates:
    """The paths that files were known by, for each content in order; ``gone`` ones are taken first."""

    def __init__(self, gone: Set[str]) -> None:
        self._gone = gone
        self._waiting: defaultdict[tuple[tuple[str, str], str, bool], deque[str]] = defaultdict(deque)
        self._taken: set[str] = set()

    def add(self, key: tuple[str, str], name: str) -> None:
        for last in (_file_name(name), ""):
            self._waiting[key, last, name in self._gone].append(name)

    def take(self, key: tuple[str, str], path: str) -> str:
        """Take a path of the content ``key``, preferably one with the file name of ``path``; empty if none is left."""
        for last in (_file_name(path), ""):
            for gone in (True, False):
                waiting = self._waiting.get((key, last, gone), ())
                while waiting:
                    name = waiting.popleft()
                    if name not in self._taken:
                        self._taken.add(name)
                        return name
        return ""


def _file_name(name: str) -> str:
    return name.rpartition("/")[2]


def _exists(name: str) -> bool:
    return os.path.lexists(container_of(from_stored_path(name)))


def _find_duplicates(
    known: Mapping[str, FileRecord], same: Sequence[str], moved: Sequence[MovedFile], todo: Sequence[FileRecord]
) -> Iterator[DuplicateFile]:
    """Return all but the first of the files with the same bytes; files that are indexed already come first."""
    found = [move.record for move in moved]
    arrived = {record.path for record in found}
    first: dict[tuple[str, str], str] = {}
    for record in [*(known[name] for name in same), *found, *(r for r in todo if r.path not in arrived)]:
        of = first.setdefault(reading_key(record.path, record.sha256), record.path)
        if of != record.path:
            yield DuplicateFile(record.path, of)
