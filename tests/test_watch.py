"""``onrecord index --watch`` as a user runs it, in a process of its own."""

import fcntl
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, watched

# The installed command with an embedder that needs no model, which a watch only has to call.
COMMAND = """
import sys
sys.path.insert(0, {tests!r})
import ui.cli.commands.index as command
from conftest import WordEmbedder
command.SentenceTransformerEmbedder = lambda *_: WordEmbedder()
from ui.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
PATIENCE = 90


class Watch:
    """A running watch, its events as they come."""

    def __init__(self, cwd: Path, *paths: str) -> None:
        env = watched(cwd / "network.log")
        env["PYTHONPATH"] = os.pathsep.join([str(ROOT), env["PYTHONPATH"]])
        code = COMMAND.format(tests=str(ROOT / "tests"))
        command = [sys.executable, "-c", code, "index", "--watch", "--json", *paths]
        self.process = subprocess.Popen(
            command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._events: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self._events.put(json.loads(line))

    def next(self) -> dict[str, Any]:
        return self._events.get(timeout=PATIENCE)

    def holds_the_database(self) -> bool:
        open_files = [str(fd.readlink()) for fd in Path(f"/proc/{self.process.pid}/fd").iterdir() if fd.is_symlink()]
        return any(path.endswith("chroma.sqlite3") for path in open_files)

    def quiet(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._events.empty()


@pytest.fixture
def watch(tmp_path: Path, folder: Path) -> Iterator[Watch]:
    (folder / "first.txt").write_text("The bridge opened in 1932.")
    os.utime(folder / "first.txt", (1e9, 1e9))
    started = Watch(tmp_path, "documents")
    yield started
    started.process.kill()
    started.process.wait()


def named(event: dict[str, Any]) -> tuple[str, str]:
    return event["event"], Path(event.get("path", "")).name


def begun(watch: Watch) -> None:
    report = watch.next()
    assert (report["event"], report["new"]) == ("report", 1)
    assert watch.next()["event"] == "watching"


def ended(watch: Watch) -> None:
    watch.process.send_signal(signal.SIGINT)
    assert watch.next()["event"] == "stopped"
    assert watch.process.wait(PATIENCE) == 0
    assert "Traceback" not in (watch.process.stderr.read() if watch.process.stderr else "")


def test_a_watch_takes_a_new_file_and_ends_cleanly(watch: Watch, folder: Path) -> None:
    begun(watch)
    (folder / "second.txt").write_text("The ferry closed.")
    assert named(watch.next()) == ("new", "second.txt")
    ended(watch)


@pytest.mark.slow
def test_a_watch_follows_files_and_waits_for_others(watch: Watch, folder: Path, tmp_path: Path) -> None:
    begun(watch)

    # New, moved, changed, gone.
    (folder / "second.txt").write_text("The ferry closed.")
    assert named(watch.next()) == ("new", "second.txt")
    (folder / "second.txt").rename(folder / "third.txt")
    moved = watch.next()
    assert named(moved) == ("moved", "third.txt")
    assert moved["from"].endswith("second.txt")
    (folder / "third.txt").write_text("The ferry closed for good.")
    assert named(watch.next()) == ("changed", "third.txt")
    (folder / "third.txt").unlink()
    assert named(watch.next()) == ("gone", "third.txt")

    # A file that is still being written waits until it rests.
    with (folder / "slow.txt").open("w") as slow:
        for n in range(8):
            slow.write(f"Line {n}. ")
            slow.flush()
            time.sleep(0.4)
        assert watch.quiet(0)
    assert named(watch.next()) == ("new", "slow.txt")
    assert watch.quiet(0.5)

    # Hidden files are nobody's business; one that cannot be read is said so once.
    (folder / ".hidden.txt").write_text("x")
    (folder / "empty.txt").write_text("")
    assert named(watch.next()) == ("failed", "empty.txt")

    # While another process has the index open, changes wait.
    with (tmp_path / ".onrecord" / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_SH)  # not held while nothing changes, else this would fail
        (folder / "fourth.txt").write_text("While you were reading.")
        assert watch.next()["event"] == "busy"
        assert watch.quiet(2)
    assert named(watch.next()) == ("new", "fourth.txt")
    deadline = time.monotonic() + PATIENCE
    while watch.holds_the_database() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not watch.holds_the_database()

    ended(watch)
