"""What is remembered of files: believed only while it is certain, and never in the way of a change."""

import os
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ingest.file_cache import (
    FILE,
    MIN_AGE_NS,
    FileCache,
    FileStamp,
    is_file_cache_sound,
    read_file_cache,
    read_stamp,
    save_file_cache,
)
from index.ingest.plan import EmptyIndex, Plan, plan

stamps = st.builds(FileStamp, *(st.integers(0, 4) for _ in range(5)))


@pytest.fixture
def look(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Plan, list[str]]]:
    """Plan over the folder as at ``later`` seconds from now, and tell which files were read."""
    monkeypatch.setattr("index.ingest.file_cache.MIN_AGE_NS", 0)

    def looked(*, believed: bool = True, later: float = 1.0) -> tuple[Plan, list[str]]:
        read: list[str] = []
        from index.ingest import plan as module

        first = module._read_contents
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "_read_contents", lambda path, name: read.append(path.name) or first(path, name))
            now = max(read_stamp(p).last_changed for p in folder.rglob("*") if p.is_file()) + int(later * 1e9)
            patch.setattr("index.ingest.plan.time.time_ns", lambda: now)
            digests = read_file_cache(tmp_path, believed=believed)
            planned = plan(EmptyIndex(), [folder], digests)
            save_file_cache(tmp_path, digests)
        return planned, read

    return looked


def digests_of(planned: Plan) -> dict[str, str]:
    return {Path(record.path).name: record.sha256 for record in planned.new}


def test_an_unchanged_file_is_read_once(folder: Path, look: Callable[..., tuple[Plan, list[str]]]) -> None:
    (folder / "a.txt").write_text("One.")
    (folder / "b.txt").write_text("Two.")
    first, read = look()
    assert read == ["a.txt", "b.txt"]
    again, read = look()
    assert (again, read) == (first, [])
    assert look(believed=False)[1] == ["a.txt", "b.txt"]


def test_an_unchanged_archive_is_not_unpacked(folder: Path, look: Callable[..., tuple[Plan, list[str]]]) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("in/one.txt", "One.")
        archive.writestr("../two.txt", "Two.")
    first, read = look()
    assert (len(first.new), len(first.failed), read) == (1, 1, ["a.zip"])
    assert look() == (first, [])


def test_every_way_a_file_can_change_is_seen(folder: Path, look: Callable[..., tuple[Plan, list[str]]]) -> None:
    file = folder / "a.txt"
    file.write_text("One.")
    before = digests_of(look()[0])
    assert look()[1] == []
    at = file.stat()
    file.write_text("Two.")
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))  # as a careful tool sets it back
    planned, read = look()
    assert read == ["a.txt"]
    assert digests_of(planned) != before
    (folder / "b.txt").write_text("Six.")
    os.utime(folder / "b.txt", ns=(at.st_atime_ns, at.st_mtime_ns))
    (folder / "b.txt").replace(file)  # another file of the same size and time
    assert look()[1] == ["a.txt"]


def test_a_file_read_within_the_tick_it_was_written_in_is_read_again(
    folder: Path, look: Callable[..., tuple[Plan, list[str]]]
) -> None:
    (folder / "a.txt").write_text("One.")
    assert look(later=-0.001)[1] == ["a.txt"]
    assert look(later=-0.001)[1] == ["a.txt"]
    assert look()[1] == ["a.txt"]
    assert look()[1] == []


def test_a_file_from_the_future_is_read_until_its_time_has_come(
    folder: Path, look: Callable[..., tuple[Plan, list[str]]]
) -> None:
    (folder / "a.txt").write_text("One.")
    ahead = 4_000_000_000_000_000_000
    os.utime(folder / "a.txt", ns=(ahead, ahead))
    assert look(later=-3600)[1] == ["a.txt"]
    assert look(later=-3600)[1] == ["a.txt"]
    assert look()[1] == ["a.txt"]
    assert look()[1] == []


@given(stamps, stamps, st.integers(0, 10 * MIN_AGE_NS), st.integers(0, 10 * MIN_AGE_NS))
def test_what_is_remembered_is_believed_only_of_the_same_stamp_read_safely_later(
    learnt: FileStamp, now: FileStamp, written: int, read: int
) -> None:
    learnt = FileStamp(learnt.size, written, learnt.ctime, learnt.inode, learnt.device)
    digests = FileCache({"a": (learnt, read, '[["", "00", ""]]')})
    held = digests.lookup("a", now)
    assert held in (None, (("a", "00", ""),))
    assert held is None or (now == learnt and now.last_changed + MIN_AGE_NS <= read)
    assert (digests.lookup("a", learnt) is not None) == (learnt.last_changed + MIN_AGE_NS <= read)


def test_files_that_are_gone_are_forgotten_and_others_are_not(
    folder: Path, tmp_path: Path, look: Callable[..., tuple[Plan, list[str]]]
) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(name)
    look()
    (folder / "a.txt").unlink()
    look()
    assert [Path(name).name for name in read_file_cache(tmp_path).known] == ["b.txt"]


@pytest.mark.parametrize("damage", ["garbage", "other version", "deleted"])
def test_a_cache_that_cannot_be_used_costs_only_reading(
    folder: Path, tmp_path: Path, look: Callable[..., tuple[Plan, list[str]]], damage: str
) -> None:
    (folder / "a.txt").write_text("One.")
    first, _ = look()
    if damage == "garbage":
        (tmp_path / FILE).write_bytes(b"no database" * 500)
    elif damage == "deleted":
        (tmp_path / FILE).unlink()
    else:
        with sqlite3.connect(tmp_path / FILE) as connection:
            connection.execute("update made set by = 'another'")
    assert look() == (first, ["a.txt"])
    assert look() == (first, [])


def test_a_locked_file_is_kept_and_a_damaged_one_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("index.storage.sqlite_file.LOCK_TIMEOUT", 0.01)
    stamp = FileStamp(1, 2, 3, 4, 5)
    for name in ("a", "b"):
        learnt = read_file_cache(tmp_path)
        learnt.record(name, stamp, 10**18, ((name, "0123456789", ""),))
        save_file_cache(tmp_path, learnt)
    learnt = read_file_cache(tmp_path)
    learnt.record("c", stamp, 10**18, (("c", "0123456789", ""),))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as busy:
        busy.execute("begin immediate")
        save_file_cache(tmp_path, learnt)
    assert "locked" in caplog.text
    assert read_file_cache(tmp_path).known.keys() == {"a", "b"}
    assert is_file_cache_sound(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("update files set held = replace(held, '3', 'x') where path = 'a'")
    assert read_file_cache(tmp_path).known.keys() == {"b"}
    assert not is_file_cache_sound(tmp_path)
