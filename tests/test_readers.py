"""Readers go on while another process builds, and see each document whole or not at all."""

import time
from pathlib import Path

import jobs_apart as jobs
import pytest
from jobs_apart import begin, carry_out, found_by_word, whole, write_documents
from waiting import until

from index.config import IndexConfig
from index.errors import IndexBusyError
from index.storage.open import open_for_reading, open_for_writing

FILES = 30


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_documents(tmp_path / "documents", 10, 20)
    carry_out(jobs.index, tmp_path)
    write_documents(tmp_path / "documents", FILES, 20)
    return tmp_path


def embedded(home: Path) -> int:
    return (home / "embedded.log").stat().st_size


def has_begun(home: Path, before: int) -> bool:
    return embedded(home) > before


@pytest.mark.parametrize("job", ["index", pytest.param("rebuild", marks=pytest.mark.slow)])
def test_a_reader_that_stays_open_answers_while_another_process_writes(home: Path, job: str) -> None:
    rounds, seen = 0, set()
    with open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        writer = begin(jobs.JOBS[job], home, 0.4)
        while writer.is_alive():
            infos = store.documents()
            for info in infos[rounds % 7 :: 7]:
                whole(store, info.id)
                found_by_word(store, info.id)
                seen.add(len(store.documents()))  # however long it takes to read
            rounds += 1
            seen.add(len(infos))
            time.sleep(0.35)
        assert writer.exitcode == 0
        assert len(store.documents()) == (FILES if job == "index" else 10)
    assert rounds > 2
    assert job == "rebuild" or len(seen) > 2, "it saw no document come"


@pytest.mark.slow
def test_readers_that_come_and_go_get_in_between_two_writes(home: Path) -> None:
    writer = begin(jobs.index, home, 0.4)
    time.sleep(0.5)
    checked = 0
    while writer.is_alive():
        carry_out(jobs.check_whole, home)
        checked += 1
    assert writer.exitcode == 0
    assert checked >= 1
    with open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        assert len(store.documents()) == FILES


def test_of_two_writers_the_second_is_told_at_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log, naps = embedded(home), list[float]()
    writer = begin(jobs.index, home, 0.4)
    until(lambda: has_begun(home, log))
    with monkeypatch.context() as noting:
        noting.setattr("index.system.locking.time.sleep", naps.append)
        with pytest.raises(IndexBusyError), open_for_writing(IndexConfig(data_dir=home / "data"), {}):
            pass
    assert naps == []
    writer.join(60)
    assert writer.exitcode == 0


@pytest.mark.slow
def test_a_reader_in_the_middle_of_something_is_waited_for(home: Path) -> None:
    config = IndexConfig(data_dir=home / "data")
    with open_for_reading(config) as store:
        share = store._database.handle
        assert share is not None
        with share.use():
            writer = begin(jobs.index, home)
            time.sleep(1.5)
            assert share.is_open
            assert len(store.documents()) == 10
        writer.join(60)
        assert writer.exitcode == 0
        assert len(store.documents()) == FILES
