"""A disk that is full or may only be read, and clocks that jump: said plainly, nothing half shown, and it goes on."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jobs_apart as jobs
import pytest
from jobs_apart import carry_out, check_complete, check_whole_if_any, write_documents

from index.config import IndexConfig
from index.errors import IndexBrokenError, OnrecordError
from index.ingest.file_cache import FileCache, read_file_cache, read_stamp, save_file_cache
from index.maintenance.backup import BackupError, back_up
from index.storage.chroma.leases import Leases

FILES = 25


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """A small disk of its own at ``data``; called, it is mounted anew with other options."""
    at = tmp_path / "data"
    at.mkdir()

    def mount(options: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(at)], capture_output=True, check=False
        )

    if os.geteuid() or mount("size=1500k").returncode:
        pytest.skip("mounting a disk takes root")

    def again(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(at)], check=True)

    yield again
    subprocess.run(["umount", "-l", str(at)], check=True)


def refused(home: Path) -> None:
    """Index, and write down what is said of it."""
    try:
        jobs.index(home)
    except OnrecordError as error:
        (home / "said").write_text(f"{type(error).__name__}: {error}", encoding="utf-8")


def refused_to_read(home: Path) -> None:
    """The same of reading, for which Chroma wants to write too."""
    try:
        jobs.check_whole(home)
    except OnrecordError as error:
        (home / "said").write_text(f"{type(error).__name__}: {error}", encoding="utf-8")


def test_a_full_disk_is_said_and_what_was_finished_is_kept(tmp_path: Path, disk: Callable[[str], None]) -> None:
    write_documents(tmp_path / "documents", FILES, 30)
    carry_out(refused, tmp_path)
    said = (tmp_path / "said").read_text()
    assert said.startswith("IndexBrokenError: The disk that holds the index"), said
    assert "Free some space and run the same command again" in said
    disk("size=64m")
    carry_out(check_whole_if_any, tmp_path, tmp_path / "finished")
    (tmp_path / "embedded.log").unlink()
    carry_out(jobs.index, tmp_path)
    carry_out(check_complete, tmp_path, FILES, tmp_path / "embedded.log", tmp_path / "finished")


def test_a_backup_to_a_full_disk_leaves_nothing(tmp_path: Path, disk: Callable[[str], None]) -> None:
    home = tmp_path / "home"
    write_documents(home / "documents", 2, 5)
    carry_out(jobs.index, home)
    (home / "data" / "large").write_bytes(os.urandom(4_000_000))
    with pytest.raises(BackupError, match="free space"):
        back_up(IndexConfig(data_dir=home / "data"), tmp_path / "data" / "all.tar.gz")
    assert list((tmp_path / "data").iterdir()) == []


def test_a_disk_that_may_only_be_read_is_said_and_harms_nothing(tmp_path: Path, disk: Callable[[str], None]) -> None:
    disk("size=64m")
    write_documents(tmp_path / "documents", 3, 5)
    carry_out(jobs.index, tmp_path)
    write_documents(tmp_path / "documents", 4, 5)
    disk("ro")
    for job in (refused, refused_to_read):
        carry_out(job, tmp_path)
        said = (tmp_path / "said").read_text()
        assert said.startswith("IndexBrokenError: ")
        assert "cannot be written" in said
    disk("rw")
    carry_out(jobs.index, tmp_path)
    carry_out(check_complete, tmp_path, 4, tmp_path / "none.log", tmp_path / "none")


# Clocks


@pytest.mark.parametrize("jump", [-400, -1, 1, 400], ids=lambda days: f"{days} days")
def test_digests_read_under_another_clock_hide_no_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int
) -> None:
    file, now = tmp_path / "a.txt", time.time_ns()
    file.write_text("one")
    stamp = read_stamp(file)
    learnt = FileCache()
    learnt.record("a", stamp, now + jump * 86_400 * 10**9, (("a", "digest", ""),))
    save_file_cache(tmp_path, learnt)
    # Written again within one tick of the file system's clock, to the same size: all but the words is as it was.
    assert read_file_cache(tmp_path).lookup("a", stamp) is None
    monkeypatch.setattr("index.ingest.file_cache.time.time_ns", lambda: now + max(jump, 0) * 86_400 * 10**9 + 10**10)
    assert (read_file_cache(tmp_path).lookup("a", stamp) is not None) == (jump > 0)


class Rows:
    """As much of a Chroma collection as claims need."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, object]] = {}

    def upsert(self, id_: str, point: object, row: dict[str, object]) -> None:
        self.rows[id_] = dict(row)

    def update(self, id_: str, metadatas: dict[str, object]) -> None:
        self.rows[id_].update(metadatas)

    def delete(self, ids: list[str]) -> None:
        for id_ in ids:
            self.rows.pop(id_, None)

    def get(self, where: object = None, include: object = None, limit: object = None) -> dict[str, list[object]]:
        return {"ids": list(self.rows), "metadatas": list(self.rows.values())}


@pytest.mark.parametrize("jump", [-3600.0, 3600.0], ids=["back", "forward"])
def test_a_claim_of_the_dead_is_known_for_one_after_the_clock_jumped(jump: float) -> None:
    rows: object = Rows()
    dead = Leases(lambda: rows, now=lambda: 1e9)  # type: ignore[arg-type,return-value]
    claim = dead.lease_for_writing("one")
    claim.__enter__()
    after = Leases(lambda: rows, now=lambda: 1e9 + jump)  # type: ignore[arg-type,return-value]
    assert after.find_expired() == {"one": False}
    after.require_exclusive()
    beside = Leases(lambda: rows, now=lambda: 1e9 + 60)  # type: ignore[arg-type,return-value]
    assert beside.find_expired() == {}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(IndexBrokenError, match="cannot be written"):
        jobs.index(tmp_path)
