"""An index killed at any moment opens again, holds whole documents only, and the next run completes it."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import jobs_apart as jobs
import pytest
from conftest import watched
from jobs_apart import JOBS, begin, carry_out, check_complete, killed_at_call, write_documents

ONRECORD = Path(sys.executable).parent / "onrecord"
KILLS = 100
LARGE, SMALL = (90, 40), (24, 12)  # files, and sentences in each; Chroma writes its vectors out every 1,000
CALLS = 20  # about as many as a small job makes
KILLED = -9


def kill_one(home: Path, name: str, chance: random.Random, seconds: float) -> bool:
    """Begin a job and kill it: at a random moment, or right before or after a call that changes Chroma."""
    if chance.random() < 0.3:
        process = begin(killed_at_call, name, home, chance.randrange(CALLS), chance.random() < 0.5)
        process.join(240)
    else:
        process = begin(JOBS[name], home)
        process.join(chance.uniform(0.02, seconds))
        process.kill()
        process.join()
    assert process.exitcode in (0, KILLED)
    return process.exitcode == KILLED


def kill_and_complete(home: Path, files: int, kills: int, chance: random.Random) -> Counter[str]:
    """Kill jobs ``kills`` times, checking the index after each; now and then have the next run complete it."""
    killed, seconds, log = Counter[str](), dict.fromkeys(JOBS, 2.0), home / "embedded.log"
    finished, changed = home / "finished", 0
    while sum(killed.values()) < kills:
        name = "index" if chance.random() < 0.6 else chance.choice(["rebuild", "library"])
        if kill_one(home, name, chance, seconds[name]):
            killed[name] += 1
        if not (home / "data" / "chroma" / "chroma.sqlite3").exists():
            continue
        carry_out(jobs.check_whole_if_any, home, finished)
        if chance.random() < 0.3:
            log.unlink(missing_ok=True)
            began = time.monotonic()
            carry_out(jobs.index, home)
            seconds["index"] = max(0.3, time.monotonic() - began)
            carry_out(check_complete, home, files, log, finished)
            # Something to do for the next one.
            changed += 1
            write_documents(home / "documents", files // 2, LARGE[1] if files == LARGE[0] else SMALL[1], 100 + changed)
    carry_out(jobs.index, home)
    log.unlink(missing_ok=True)
    carry_out(jobs.check_whole_if_any, home, finished)
    carry_out(check_complete, home, files, log, finished)
    return killed


def test_killed_at_a_few_moments_an_index_loses_nothing_finished(tmp_path: Path) -> None:
    write_documents(tmp_path / "documents", *SMALL)
    for number, (name, call, after) in enumerate(
        [("index", 1, True), ("index", 3, False), ("rebuild", 4, True), ("rebuild", 6, False), ("library", 7, True)]
    ):
        process = begin(killed_at_call, name, tmp_path, call, after)
        process.join(60)
        assert process.exitcode == KILLED, (number, name)
        carry_out(jobs.check_whole_if_any, tmp_path, tmp_path / "finished")
        if number == 1:
            (tmp_path / "embedded.log").unlink(missing_ok=True)
            carry_out(jobs.index, tmp_path)
            carry_out(check_complete, tmp_path, SMALL[0], tmp_path / "embedded.log", tmp_path / "finished")
    carry_out(jobs.index, tmp_path)
    carry_out(check_complete, tmp_path, SMALL[0], tmp_path / "none.log", tmp_path / "finished")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_killed_at_a_hundred_random_moments(tmp_path: Path, size: tuple[int, int]) -> None:
    write_documents(tmp_path / "documents", *size)
    killed = kill_and_complete(tmp_path, size[0], KILLS // 2, random.Random(size[0]))
    print(f"killed: {dict(killed)}")
    assert sum(killed.values()) == KILLS // 2
    assert len(killed) == len(JOBS)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_command_itself_killed(tmp_path: Path) -> None:
    write_documents(tmp_path / "documents", 120, 40)
    env = watched(tmp_path / "network.log")
    index = [str(ONRECORD), "index", "documents", "--batch-size", "4"]
    chance = random.Random(11)
    held = 0
    for _ in range(2):
        running = subprocess.Popen(index, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            running.wait(timeout=chance.uniform(8, 30))
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
        listed = subprocess.run([ONRECORD, "list"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        documents = listed.stdout.count(".txt")
        assert documents >= held, listed.stderr
        held = documents
    done = subprocess.run(index, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert "0 removed" in done.stdout
    checked = subprocess.run([ONRECORD, "doctor"], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert "120 documents" in checked.stdout
    assert "exact slices" in checked.stdout
