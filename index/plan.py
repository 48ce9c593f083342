"""What a build would do: the files on disk compared with the index by content."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from index.errors import UnreadableFile
from index.file_name import file_name
from index.kind import may_hold_files
from index.load import bytes_of, find
from index.schema import FileRecord
from index.store import Store
from index.unfold import MARK, unfold


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build would do.

    Files are named as the index names them. A changed file's record carries its new bytes' digest and the
    document it held before. ``failed`` pairs a path with a reason.
    """

    new: tuple[FileRecord, ...]
    changed: tuple[FileRecord, ...]
    same: tuple[str, ...]
    gone: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()


def plan(store: Store, paths: Sequence[Path]) -> Plan:
    """Compare the files under ``paths`` with the index by content.

    A file that the index knows under one of ``paths`` and that is no longer there is gone. Raises
    UnreadableFile when one of ``paths`` does not exist.
    """
    for path in paths:
        if not path.exists():
            raise UnreadableFile(f"There is no file or folder {str(path)!r}. Check the path and run this again.")
    known = store.files()
    new: list[FileRecord] = []
    changed: list[FileRecord] = []
    same: list[str] = []
    failed: list[tuple[str, str]] = []
    seen: set[str] = set()
    for path in find(paths):
        name = file_name(path)
        if name in seen:
            continue
        seen.add(name)
        try:
            for inner, digest, failure in _digests(path):
                if failure:
                    failed.append((inner, failure))
                seen.add(inner)
                record = known.get(inner)
                if failure:
                    continue
                if record is not None and record.sha256 == digest and store.has(record.document_id):
                    same.append(inner)
                else:
                    before = "" if record is None else record.document_id
                    (new if record is None else changed).append(FileRecord(inner, digest, before))
        except OSError as error:
            failed.append((name, f"{path} could not be read ({error.strerror}). Check its permissions."))
        except UnreadableFile as error:
            failed.append((name, str(error)))
            # What it held stays until it can be opened again.
            seen.update(inner for inner in known if inner.startswith(f"{name}{MARK}/"))
    roots = tuple(f"{file_name(path).rstrip('/')}{'' if path.is_dir() else MARK}/" for path in paths)
    gone = [name for name in known if name not in seen and name.startswith(roots)]
    return Plan(tuple(new), tuple(changed), tuple(same), tuple(gone), tuple(failed))


def _digests(path: Path) -> Iterator[tuple[str, str, str]]:
    """The name and the bytes' digest of every document in a file, or the reason why it cannot be read."""
    if not may_hold_files(path):
        yield file_name(path), sha256_of(path), ""
        return
    for member in unfold(path, bytes_of(path)):
        yield file_name(member.path), "" if member.failure else sha256(member.data).hexdigest(), member.failure


def sha256_of(path: Path) -> str:
    """The digest of a file's bytes, as a ``FileRecord`` holds it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
