"""A backup is one whole file, a restore puts it back, and neither leaves anything half done."""

import io
import json
import tarfile
import time
from pathlib import Path

import jobs_apart as jobs
import pytest
from jobs_apart import begin, carry_out, write_documents

from index.config import IndexConfig
from index.errors import IndexBusyError
from index.maintenance.backup import MANIFEST, BackupError, back_up
from index.maintenance.restore import restore
from index.storage.open import open_for_reading
from index.system.locking import lock
from ui.conversations.store import ConversationStore

FILES = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index, a library, conversations, runs, and things that no backup holds."""
    home = tmp_path_factory.mktemp("made")
    write_documents(home / "documents", FILES, 10)
    carry_out(jobs.index, home)
    data = home / "data"
    for name in ("library/default/files/a.txt", "runs/one/run.json", "evals/mine.jsonl", "cache/x/y", "users.json"):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    ConversationStore(data).create("Why?", "somebody")
    return home


def config(folder: Path) -> IndexConfig:
    return IndexConfig(data_dir=folder)


def names(file: Path) -> set[str]:
    with tarfile.open(file) as archive:
        return set(archive.getnames())


def test_what_was_backed_up_comes_back(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    told: list[int] = []
    with open_for_reading(config(made / "data")) as reader:
        assert len(reader.documents()) == FILES
        back_up(config(made / "data"), file, lambda done, total, name: told.append(done))
        assert len(reader.documents()) == FILES
    assert told == sorted(told)
    held = names(file)
    assert {"library/default/files/a.txt", "runs/one/run.json", "evals/mine.jsonl", "users.json"} <= held
    assert not any(name.startswith(("cache", "lock", "digests", "chroma/keyword")) for name in held)
    assert [path.name for path in tmp_path.iterdir()] == ["all.tar.gz"]
    home = tmp_path / "elsewhere"
    (home / "data").mkdir(parents=True)
    assert restore(config(home / "data"), file) == len(held) - 1
    carry_out(jobs.check_whole, home)
    carry_out(jobs.check_complete, home, FILES, home / "none.log", home / "none")
    assert len(ConversationStore(home / "data").list("somebody")) == 1
    assert (home / "data" / "library/default/files/a.txt").read_text() == "library/default/files/a.txt"
    assert sorted(path.name for path in home.iterdir()) == ["data"]


def test_nothing_is_replaced_unless_it_is_asked_for(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "all.tar.gz"
    back_up(config(made / "data"), file)
    data = tmp_path / "data"
    (data / "runs").mkdir(parents=True)
    (data / "runs" / "new.json").write_text("new")
    (data / "cache").mkdir()
    (data / "lock").touch()
    with pytest.raises(BackupError, match="--force"):
        restore(config(data), file)
    assert (data / "runs" / "new.json").exists()
    monkeypatch.setattr("index.system.locking.IndexLock.acquire_exclusive.__defaults__", (0.2, None))
    with lock(data, write=False), pytest.raises(IndexBusyError):
        restore(config(data), file, force=True)
    assert (data / "runs" / "new.json").exists()
    before = (data / "lock").stat().st_ino
    restore(config(data), file, force=True)
    assert not (data / "runs" / "new.json").exists()
    assert (data / "users.json").exists()
    assert (data / "cache").exists()
    assert (data / "lock").stat().st_ino == before, "others hold a lock that is no longer that of the folder"


def remade(file: Path, to: Path, change: dict[str, bytes | None], kind: bytes = tarfile.REGTYPE) -> Path:
    """The archive with members changed, added or left out, the manifest as it was."""
    with tarfile.open(file) as old, tarfile.open(to, "w:gz") as new:
        for member in old:
            data = old.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == MANIFEST:
                for name, added in change.items():
                    if added is not None and name not in old.getnames():
                        info = tarfile.TarInfo(name)
                        info.type, info.linkname, info.size = kind, "/etc/passwd", len(added)
                        new.addfile(info, io.BytesIO(added))
            if member.name in change:
                if (other := change[member.name]) is None:
                    continue
                data, member.size = other, len(other)
            new.addfile(member, io.BytesIO(data))
    return to


@pytest.mark.parametrize(
    "damage",
    ["changed", "missing", "cut", "flipped", "no manifest", "above", "absolute", "link", "no archive", "other format"],
)
def test_a_damaged_or_hostile_archive_replaces_nothing(made: Path, tmp_path: Path, damage: str) -> None:
    file, bad = tmp_path / "all.tar.gz", tmp_path / "bad.tar.gz"
    back_up(config(made / "data"), file)
    whole = file.read_bytes()
    match damage:
        case "changed":
            remade(file, bad, {"runs/one/run.json": b"other"})
        case "missing":
            remade(file, bad, {"runs/one/run.json": None})
        case "cut":
            bad.write_bytes(whole[: len(whole) // 2])
        case "flipped":
            at = len(whole) // 2
            bad.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        case "no manifest":
            remade(file, bad, {MANIFEST: None})
        case "above":
            remade(file, bad, {"../above": b"x"})
        case "absolute":
            remade(file, bad, {str(tmp_path / "above"): b"x"})
        case "link":
            remade(file, bad, {"runs/link": b""}, tarfile.SYMTYPE)
        case "no archive":
            bad.write_text("nothing of the kind")
        case "other format":
            remade(file, bad, {MANIFEST: json.dumps({"format": 99, "files": {}}).encode()})
    home = tmp_path / "home"
    (home / "data" / "runs").mkdir(parents=True)
    (home / "data" / "runs" / "mine").write_text("mine")
    with pytest.raises(BackupError, match="Nothing was replaced"):
        restore(config(home / "data"), bad, force=True)
    assert (home / "data" / "runs" / "mine").read_text() == "mine"
    assert not (home / "data" / "chroma").exists()
    assert not (home / "above").exists()
    assert not (tmp_path / "above").exists()
    assert [path.name for path in home.iterdir()] == ["data"]


def test_killed_in_the_middle_there_is_the_old_or_the_new(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    back_up(config(made / "data"), file)
    data = tmp_path / "data"
    (data / "runs").mkdir(parents=True)
    (data / "runs" / "old").write_text("old")
    seen = set()
    for pause in (0.0, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3):
        process = begin(restore_forced, data, file)
        until = time.monotonic() + 60
        while not (tmp_path / ".data.restoring").exists() and process.is_alive() and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(pause)
        process.kill()
        process.join()
        old, new = (data / "runs" / "old").exists(), (data / "runs/one/run.json").exists()
        assert old != new
        assert not new or (data / "chroma/chroma.sqlite3").exists()
        seen.add(new)
    restore(config(data), file, force=True)
    assert not (tmp_path / ".data.restoring").exists()
    assert False in seen


def test_a_killed_backup_leaves_the_one_before(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    back_up(config(made / "data"), file)
    before = file.read_bytes()
    process = begin(back_up_slowly, made / "data", file)
    until = time.monotonic() + 60
    while not (tmp_path / ".all.tar.gz.partial").exists() and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(0.1)
    process.kill()
    process.join()
    assert file.read_bytes() == before
    back_up(config(made / "data"), file)
    assert [path.name for path in tmp_path.iterdir() if "sqlite" not in path.name and path.is_file()] == ["all.tar.gz"]


def test_what_cannot_be_written_says_why(made: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="nothing"):
        back_up(config(tmp_path / "none"), tmp_path / "x.tar.gz")
    with pytest.raises(BackupError, match=r"permissions and free space"):
        back_up(config(made / "data"), tmp_path / "no" / "folder" / "x.tar.gz")


def restore_forced(data: Path, file: Path) -> None:
    restore(config(data), file, force=True)


def back_up_slowly(data: Path, file: Path) -> None:
    back_up(config(data), file, lambda done, total, name: time.sleep(0.2))
