"""Locks held by threads and processes beside each other: nobody asks them away, and nothing that dies keeps half."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, WordEmbedder
from waiting import until

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.errors import IndexBrokenError, IndexBusyError
from index.schema import Document, Passage
from index.storage.database import IndexDatabase
from index.storage.open import index_fingerprint, open_for_reading, open_for_writing, open_shared
from index.storage.shared_handle import SharedHandle
from index.storage.store import Store
from index.system.locking import IndexLock, lock, reader_gaps, writer_lock

TEXT = "The grey bridge opened in 1932."
MADE_WITH = index_fingerprint(WordEmbedder(), Chunking())


def document(number: int) -> tuple[Document, list[Passage]]:
    id_ = f"d{number}"
    return Document(id_, f"Title {number}", f"{id_}.txt", TEXT), [Passage(id_, 0, len(TEXT), TEXT)]


def add(store: Store, number: int) -> None:
    made, passages = document(number)
    store.add(made, passages, WordEmbedder().embed([TEXT]))


Running = Callable[[str], list[threading.Thread]]


@pytest.fixture
def running() -> Running:
    """The threads of a name that the test itself began; other tests keep indexes open."""
    before = set(threading.enumerate())
    return lambda name: [thread for thread in threading.enumerate() if thread.name == name and thread not in before]


@pytest.fixture
def beside() -> Iterator[Callable[[Callable[[], object]], threading.Thread]]:
    """Run something in a thread, which must have ended at the end of the test."""
    begun: list[threading.Thread] = []

    def begin(work: Callable[[], object]) -> threading.Thread:
        begun.append(threading.Thread(target=work, daemon=True))
        begun[-1].start()
        return begun[-1]

    yield begin
    for thread in begun:
        thread.join(120)
        assert not thread.is_alive()


Beside = Callable[[Callable[[], object]], threading.Thread]


def test_asking_who_waits_does_not_take_away_the_door_one_stands_at(tmp_path: Path, beside: Beside) -> None:
    with writer_lock(tmp_path), closing(IndexLock(tmp_path)) as writer, closing(IndexLock(tmp_path)) as reader:
        reader.acquire_shared()
        writing = beside(writer.acquire_exclusive)
        until(reader.has_writer_waiting)
        assert not writer.has_writer_waiting()
        assert not writer.has_readers_waiting()
        assert reader.has_writer_waiting()  # still, or it would never let go
        reader.release()
        writing.join(120)
        with pytest.raises(IndexBusyError):
            reader.acquire_shared(0)


def test_a_share_that_looks_whether_it_is_wanted_does_not_keep_its_own_writer_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: Beside
) -> None:
    monkeypatch.setattr("index.storage.shared_handle._READERS_RELEASE_WAIT", 20.0)
    with closing(SharedHandle(tmp_path)) as share, closing(IndexLock(tmp_path)) as other:
        other.acquire_shared()
        asked = threading.Event()

        def look_and_let_go() -> None:
            until(other.has_writer_waiting)
            share._held.has_writer_waiting()
            asked.set()
            if other.has_writer_waiting():
                other.release()

        beside(look_and_let_go)
        with share.exclusive():
            assert asked.is_set()


def test_a_writer_that_loses_the_index_in_a_gap_writes_no_more_and_holds_nothing(
    config: IndexConfig,
    monkeypatch: pytest.MonkeyPatch,
    beside: Beside,
    running: Running,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(self: IndexLock, stop: threading.Event) -> None:
        raise MemoryError("no room")

    config.data_dir.mkdir(parents=True)
    with closing(IndexLock(config.data_dir)) as reader:
        with pytest.raises(IndexBrokenError, match="could not be locked again"):  # noqa: SIM117  # the writer ends within
            with open_for_writing(config, MADE_WITH) as store:
                add(store, 1)
                monkeypatch.setattr(IndexLock, "let_readers_in", fails)
                waiting = beside(lambda: reader.acquire_shared(60))
                until(lambda: not running("gaps"))
                with pytest.raises(IndexBrokenError, match=r"no room.*start this again"):
                    add(store, 2)
                with pytest.raises(IndexBrokenError, match="no room"):
                    store.remove("d1")
                assert store.has("d1")
                assert not store.has("d2")
        waiting.join(120)
    assert "No more gaps" in caplog.text
    assert "no room" in caplog.text
    monkeypatch.undo()
    with open_for_writing(config, MADE_WITH) as store:
        assert store.ids() == {"d1"}


def test_a_question_who_waits_that_fails_leaves_the_writer_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(self: IndexLock) -> bool:
        raise OSError("no locks available")

    monkeypatch.setattr(IndexLock, "has_readers_waiting", fails)
    with writer_lock(tmp_path), closing(IndexLock(tmp_path)) as held:
        held.acquire_exclusive()
        with reader_gaps(held, ExitStack):
            until(lambda: not running("gaps"))
            with closing(IndexLock(tmp_path)) as other, pytest.raises(IndexBusyError):
                other.acquire_shared(0)
    assert "no locks available" in caplog.text


def test_a_share_whose_gap_failed_is_held_for_reading_again(
    config: IndexConfig, monkeypatch: pytest.MonkeyPatch, beside: Beside, running: Running
) -> None:
    with open_shared(config, MADE_WITH) as shared, closing(IndexLock(config.data_dir)) as reader:
        with pytest.raises(IndexBrokenError, match="could not be locked again"), shared.exclusive():
            add(shared.store, 1)
            monkeypatch.setattr(IndexLock, "let_readers_in", lambda *_: (_ for _ in ()).throw(OSError("gone")))
            reading = beside(lambda: reader.acquire_shared(60))
            until(lambda: not running("gaps"))
        reading.join(60)  # before its lock is closed below
        assert not reading.is_alive()
        assert [info.id for info in shared.store.documents()] == ["d1"]
        with pytest.raises(IndexBusyError), lock(config.data_dir, write=True):  # both hold it for reading
            pass
    with lock(config.data_dir, write=True):
        pass


def test_a_share_is_not_let_go_of_while_its_database_is_being_opened(
    config: IndexConfig, monkeypatch: pytest.MonkeyPatch, beside: Beside
) -> None:
    with open_for_writing(config, MADE_WITH) as store:
        add(store, 1)
    inside, wrote = threading.Event(), threading.Event()
    opened = IndexDatabase.open_collections

    def slowly(self: IndexDatabase, made_with: Any) -> None:
        if not inside.is_set():
            inside.set()
            assert not wrote.wait(1.5)  # longer than an idle share is kept from a writer that waits
        opened(self, made_with)

    def write() -> None:
        assert inside.wait(120)
        with writer_lock(config.data_dir), closing(IndexLock(config.data_dir)) as held:
            held.acquire_exclusive(60)
            wrote.set()

    monkeypatch.setattr(IndexDatabase, "open_collections", slowly)
    writing = beside(write)
    with open_for_reading(config) as store:
        assert store.has("d1")
        writing.join(120)
    assert wrote.is_set()


def test_a_database_that_will_not_close_is_let_go_of_all_the_same(
    tmp_path: Path, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    opened: list[str] = []

    def fails() -> None:
        raise MemoryError("no room")

    with closing(SharedHandle(tmp_path)) as share:
        share.attach(lambda: opened.append("again"), fails, ExitStack)
        with writer_lock(tmp_path), closing(IndexLock(tmp_path)) as writer:
            writer.acquire_exclusive(30)
        assert running("share")
        with share.use():
            assert opened == ["again"]
    assert "could not be let go of cleanly" in caplog.text


def test_nothing_is_written_beside_an_index_at_rest(config: IndexConfig, beside: Beside) -> None:
    with open_for_writing(config, MADE_WITH) as store:
        shadow = store.open_rebuild(MADE_WITH)
        with store.pause_writes():
            writing = beside(lambda: add(shadow, 1))
            writing.join(0.5)
            assert shadow.ids() == set()
        writing.join(120)
        assert shadow.ids() == {"d1"}
        shadow.close()


@pytest.mark.parametrize("broken", ["share", "gaps"])
def test_a_thread_that_cannot_be_begun_leaves_nothing_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    begin = threading.Thread.start

    def start(self: threading.Thread) -> None:
        if self.name == broken:
            raise RuntimeError("can't start new thread")
        begin(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="new thread"), closing(SharedHandle(tmp_path)) as share:
        share.attach(lambda: None, lambda: None, ExitStack)
        with share.exclusive():
            pass
    with lock(tmp_path, write=True):
        pass


def test_four_processes_read_and_write_and_never_at_the_same_time(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "tests" / "locking_apart.py"), str(tmp_path), "2"]
    processes = [
        subprocess.Popen([*command, str(n)], env=environment, stdout=subprocess.PIPE, text=True) for n in range(4)
    ]
    assert [process.communicate(timeout=200)[0].strip() for process in processes] == ["done"] * 4
    with lock(tmp_path, write=True):
        pass
