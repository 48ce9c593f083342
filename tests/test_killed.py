"""An index killed at any moment opens again, holds whole documents only, and the next run completes it."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import watched

ONRECORD = Path(sys.executable).parent / "onrecord"
FILES, KILLS = 120, 6


def write_documents(folder: Path) -> None:
    folder.mkdir()
    chance = random.Random(5)
    words = "river bridge harbour council minister treaty budget school factory railway storm election".split()
    for number in range(FILES):
        sentences = (" ".join(chance.choices(words, k=12)).capitalize() + f" {n}." for n in range(40))
        (folder / f"f{number}.txt").write_text(" ".join(sentences), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_at_random_moments_an_index_loses_nothing_finished(tmp_path: Path) -> None:
    write_documents(tmp_path / "documents")
    env = watched(tmp_path / "network.log")
    index = [str(ONRECORD), "index", "documents", "--batch-size", "4"]
    chance = random.Random(11)
    held = 0
    for _ in range(KILLS):
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
    assert f"{FILES} documents" in checked.stdout
    assert "exact slices" in checked.stdout
