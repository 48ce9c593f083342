"""The library's service: documents come, change, go and come back while others read."""

import io
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from conftest import WordEmbedder
from test_mail_reader import MAIL
from waiting import until

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.protocol import Vectors
from index.errors import IndexBusyError, OnrecordError, UnreadableFileError
from index.reading.load import load
from index.schema import DocumentInfo
from index.storage.open import SharedStore, index_fingerprint, open_for_reading, open_for_writing, open_shared
from index.system.locking import IN_USE, lock
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.question.scope import ScopeError, parse_scope
from ui.library.collections import CollectionError, Collections
from ui.library.files import LibraryFolder
from ui.library.job_queue import STOPPING, JobQueue
from ui.library.listing import FILE_GONE, READY, REMOVING, ListQuery, Row, filter_rows, list_rows, sort_by
from ui.library.models import Job, LibraryClosedError, Upload
from ui.library.paste import Paste, PasteError, pasted_file
from ui.library.service import LibraryService
from ui.library.steps import NAMESAKE, SAME_TEXT, STAYS, Deps
from ui.library.trash import Trash
from ui.library.uploads.check import check_file, content_check
from ui.library.uploads.limits import UploadLimits
from ui.web.document.page_picture import picture_html
from ui.web.library.list_html import list_html

SMALL = Chunking(20)


class Waiting(WordEmbedder):
    """Embeds only while the gate is open, and says when it was asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.asked = threading.Event()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked.set()
        assert self.gate.wait(60)
        return super().embed(texts)


class Desk:
    """A shelf over an index of its own, with files to give to it."""

    def __init__(self, shared: SharedStore, config: IndexConfig, folder: Path, **more: Any) -> None:
        self.shared, self.store, self.config, self.given = shared, shared.store, config, folder
        self.embedder = Waiting()
        self.root = config.data_dir / "library" / config.collection
        self.collections = Collections(self.root, self.store.documents)
        deps = Deps(
            self.store, self.embedder, SMALL, LibraryFolder(self.root), Trash(self.root / "trash"), self.collections
        )
        self.shelf = LibraryService(deps, shared.exclusive, check_file, **{"max_wait": 0.0, **more})

    def upload(self, name: str, text: str | bytes) -> Upload:
        path = self.given / name.replace("/", "_")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Upload(path, name)

    def add(self, collection: str = "", **texts: str) -> Job:
        return over(self.shelf.add([self.upload(f"{n}.txt", t) for n, t in texts.items()], collection))

    def titles(self) -> list[str]:
        return [info.title for info in self.store.documents()]

    def info(self, beginning: str) -> DocumentInfo:
        (found,) = [info for info in self.store.documents() if info.title.startswith(beginning)]
        return found


def over(job: Job) -> Job:
    assert job.over.wait(60)
    return job


def outcome(job: Job) -> list[str]:
    return [item.state for item in job.items]


def failed_in(caplog: pytest.LogCaptureFixture, module: str) -> bool:
    """Whether the module logged a failure, with what was raised."""
    return any(record.name == module and record.exc_info is not None for record in caplog.records)


@pytest.fixture
def opened(config: IndexConfig) -> Iterator[SharedStore]:
    with open_shared(config, index_fingerprint(WordEmbedder(), SMALL)) as shared:
        yield shared


@pytest.fixture
def desk(opened: SharedStore, config: IndexConfig, folder: Path) -> Iterator[Desk]:
    made = Desk(opened, config, folder)
    yield made
    made.embedder.gate.set()
    made.shelf.close()


def bridge(town: str, arches: int = 11) -> str:
    return f"The bridge of {town} has {arches} arches. It stands over a river of {town}."


# Adding


def test_added_files_are_kept_indexed_and_found(desk: Desk) -> None:
    job = desk.add(arles=bridge("Arles"), brno=bridge("Brno"))
    assert outcome(job) == ["done", "done"]
    assert [item.document for item in job.items] == [desk.info(f"The bridge of {t}").id for t in ("Arles", "Brno")]
    kept = Path(desk.info("The bridge of Arles").source)
    assert kept == (desk.root / "files" / "arles.txt").resolve()
    assert kept.read_text(encoding="utf-8") == bridge("Arles")
    assert not list((desk.root / "incoming").iterdir())


def test_a_bad_file_never_stops_the_good_ones_and_says_what_to_do(desk: Desk) -> None:
    files = [
        desk.upload("good.txt", bridge("Arles")),
        desk.upload("broken.txt", b"\x00\x01\x02\xff" * 50),
        desk.upload("program.exe", "MZ"),
        desk.upload("empty.txt", ""),
        desk.upload("blank.txt", "  \n"),
        Upload(desk.given / "never there.txt", "never there.txt"),
        desk.upload("late.txt", bridge("Brno")),
    ]
    job = over(desk.shelf.add(files))
    assert outcome(job) == ["done", "failed", "failed", "failed", "failed", "failed", "done"]
    assert '".exe" files cannot be read' in job.items[2].said
    assert "empty" in job.items[3].said
    assert job.items[4].said.startswith("blank.txt is empty")
    for item in job.items:
        assert str(desk.root) not in item.said
    assert sorted(p.name for p in (desk.root / "files").iterdir()) == ["good.txt", "late.txt"]
    assert not list((desk.root / "incoming").iterdir())


def test_files_of_one_name_stay_beside_each_other_and_the_same_text_comes_once(desk: Desk) -> None:
    desk.add(news=bridge("Arles"))
    assert outcome(desk.add(news=bridge("Brno"))) == ["done"]
    again = desk.add(copy=bridge("Arles"))
    assert outcome(again) == ["same"]
    assert "The bridge of Arles" in again.items[0].said
    assert outcome(desk.add(news=bridge("Arles"))) == ["same"]
    assert sorted(p.name for p in (desk.root / "files").iterdir()) == ["news-2.txt", "news.txt"]
    assert len(desk.store.files()) == 2


def test_an_earlier_file_of_the_same_name_is_told_and_can_be_replaced(desk: Desk) -> None:
    desk.add(notes=bridge("Arles"))
    job = desk.add(notes=bridge("Brno"), other=bridge("Cork"))
    assert [item.said for item in job.items] == [NAMESAKE, ""]
    replaced = over(desk.shelf.replace_earlier(job))
    assert outcome(replaced) == ["done"]
    assert sorted(title[14:19] for title in desk.titles()) == ["Brno ", "Cork "]
    assert not any(item.earlier or item.said for item in job.items)
    over(desk.shelf.undo(replaced))
    assert len(desk.titles()) == 3


def test_what_could_not_be_read_of_an_added_file_is_said_there_and_in_the_list(desk: Desk) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Port", "Fee"], ["Oban", 61], ["Total", "=SUM(B2:B2)"]):
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    job = over(desk.shelf.add([desk.upload("fees.xlsx", made.getvalue())]))
    assert job.items[0].said.startswith("1 formula without a stored result left out")
    rows = list_rows(desk.store.documents(), {}, {}, ())
    assert rows[0].note == job.items[0].said
    assert rows[0].note in list_html(rows, ListQuery(), ())


def test_two_additions_at_once_both_arrive_whole(desk: Desk) -> None:
    jobs: list[Job] = []
    sets = [[desk.upload(f"{n}-{k}.txt", bridge(f"Town{n}x{k}")) for k in range(8)] for n in range(2)]
    threads = [threading.Thread(target=lambda files=files: jobs.append(desk.shelf.add(files))) for files in sets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(outcome(over(job)) == ["done"] * 8 for job in jobs)
    assert len(desk.store.documents()) == 16
    assert desk.store.count() == sum(info.passages for info in desk.store.documents())


def test_cancelled_in_the_middle_nothing_half_is_left(desk: Desk) -> None:
    files = [desk.upload(f"{town}.txt", bridge(town)) for town in ("Arles", "Brno", "Cork")]
    desk.embedder.gate.clear()
    job = desk.shelf.add(files)
    assert desk.embedder.asked.wait(60)
    assert desk.shelf.busy()
    desk.shelf.cancel(job)
    desk.embedder.gate.set()
    over(job)
    assert outcome(job) == ["cancelled"] * 3
    assert (desk.titles(), desk.store.count(), desk.store.files()) == ([], 0, {})
    assert list(desk.root.rglob("*.txt")) == []
    assert outcome(over(desk.shelf.add(files))) == ["done"] * 3


def test_how_far_and_how_long(desk: Desk) -> None:
    long = "\n\n".join(
        f"Paragraph {n} of a long text about the bridge of Arles and its many arches." for n in range(900)
    )
    desk.add(first=bridge("Arles"))
    desk.embedder.gate.clear()
    desk.embedder.asked.clear()
    job = desk.shelf.add([desk.upload("long.txt", long), desk.upload("next.txt", bridge("Brno"))])
    assert desk.embedder.asked.wait(60)
    assert [item.state for item in job.items] == ["working", "waiting"]
    left = desk.shelf.seconds_left(job.items)
    assert left is not None
    assert left > 0
    desk.embedder.gate.set()
    over(job)
    assert job.items[0].done == job.items[0].total == desk.info("Paragraph 0").passages > 256
    assert desk.shelf.seconds_left(job.items) == 0


# Changing, removing, putting back


def test_a_changed_file_takes_the_place_of_what_it_was(desk: Desk) -> None:
    desk.add("Bridges", arles=bridge("Arles"))
    before = desk.info("The bridge of Arles")
    Path(before.source).write_text(bridge("Arles", 12), encoding="utf-8")
    assert outcome(over(desk.shelf.reindex([before.id]))) == ["done"]
    after = desk.info("The bridge of Arles")
    assert after.id != before.id
    assert "12 arches" in desk.store.document(after.id).text
    assert desk.store.count() == after.passages
    assert desk.collections.documents_of(["Bridges"]) == (after.id,)
    again = over(desk.shelf.reindex())
    assert again.items[0].said == SAME_TEXT
    Path(after.source).unlink()
    failed = over(desk.shelf.reindex([after.id]))
    assert outcome(failed) == ["failed"]
    assert "Its file is gone: arles.txt" in failed.items[0].said
    assert desk.titles() == [after.title]


def test_removed_and_put_back_file_index_and_collections(desk: Desk) -> None:
    desk.add("Bridges", arles=bridge("Arles"), brno=bridge("Brno"))
    arles = desk.info("The bridge of Arles")
    passages = {p.id for p in desk.store.passages()}
    removal = over(desk.shelf.remove([arles.id]))
    assert desk.titles() == ["The bridge of Brno has 11 arches."]
    assert not Path(arles.source).exists()
    assert len(desk.collections.documents_of(["Bridges"])) == 1
    assert outcome(over(desk.shelf.undo(removal))) == ["done"]
    assert desk.info("The bridge of Arles") == arles
    assert {p.id for p in desk.store.passages()} == passages
    assert Path(arles.source).read_text(encoding="utf-8") == bridge("Arles")
    assert arles.id in desk.collections.documents_of(["Bridges"])
    assert desk.shelf.deps.trash.entries() == []


def test_a_file_of_the_readers_own_folders_is_never_touched(desk: Desk) -> None:
    from index.ingest.build import build
    from index.ingest.plan import plan

    own = desk.given / "own.txt"
    own.write_text(bridge("Cork"), encoding="utf-8")
    with desk.shared.exclusive():
        build(desk.store, desk.embedder, SMALL, plan(desk.store, [own]))
    removal = over(desk.shelf.remove([desk.info("The bridge of Cork").id]))
    assert own.exists()
    assert desk.titles() == []
    over(desk.shelf.undo(removal))
    assert list(desk.store.files()) == [own.resolve().as_posix()]


def test_removing_does_not_wait_for_the_files_in_line(desk: Desk) -> None:
    desk.add(arles=bridge("Arles"))
    desk.embedder.gate.clear()
    desk.embedder.asked.clear()
    adding = desk.shelf.add([desk.upload(f"{n}.txt", bridge(f"Town{n}")) for n in range(5)])
    assert desk.embedder.asked.wait(60)
    removal = desk.shelf.remove([desk.info("The bridge of Arles").id])
    assert desk.shelf.pending() == {removal.items[0].key: "remove"}
    undone = desk.shelf.undo(removal)
    desk.embedder.gate.set()
    assert outcome(over(undone)) == ["same"]
    assert outcome(over(adding)) == ["done"] * 5
    assert len(desk.titles()) == 6


def test_the_trash_outlives_a_restart_and_can_be_emptied(config: IndexConfig, folder: Path) -> None:
    made_with = index_fingerprint(WordEmbedder(), SMALL)
    with open_shared(config, made_with) as shared:
        desk = Desk(shared, config, folder)
        desk.add("Bridges", arles=bridge("Arles"), brno=bridge("Brno"))
        over(desk.shelf.remove([info.id for info in desk.store.documents()]))
        desk.shelf.close()
    with open_shared(config, made_with) as shared:
        desk = Desk(shared, config, folder)
        assert desk.collections.names() == ("Bridges",)
        arles, brno = sorted(desk.shelf.deps.trash.entries(), key=lambda one: one.title)
        assert outcome(over(desk.shelf.restore([arles.id]))) == ["done"]
        assert desk.collections.documents_of(["Bridges"]) == (desk.info("The bridge of Arles").id,)
        assert desk.shelf.empty_trash() == 1
        assert outcome(over(desk.shelf.restore([brno.id]))) == []


# Others, meanwhile


def test_readers_see_each_document_whole_or_not_at_all(desk: Desk) -> None:
    pipeline = make_pipeline(desk.store, desk.embedder, RagConfig(), None)
    long = {f"t{n}": "\n\n".join(f"{bridge(f'Town{n}')} Paragraph {k}." for k in range(30)) for n in range(6)}
    desk.add(**{f"base{n}": bridge(f"Base{n}") for n in range(3)})
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                _check_whole(pipeline)
            except OnrecordError as error:
                if "holds no document" not in str(error):  # removed since it was listed
                    wrong.append(repr(error))
            except Exception as error:
                wrong.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(2):
        job = desk.add(**long)
        assert outcome(job) == ["done"] * 6
        over(desk.shelf.remove([item.document for item in job.items]))
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(desk.titles()) == 3


def _check_whole(pipeline: Pipeline) -> None:
    store = pipeline.store
    listed = {info.id: info for info in store.documents()}
    counted: dict[str, int] = {}
    for passage in store.passages():
        counted[passage.document_id] = counted.get(passage.document_id, 0) + 1
    held = {info.id for info in store.documents()}
    for id_, count in counted.items():
        if id_ in listed and id_ in held:
            assert count == listed[id_].passages, (count, listed[id_].passages)
    for id_, info in listed.items():
        if id_ in held:
            assert len(store.document(id_).text) == info.size
    pipeline.retriever.retrieve("the bridge of Town3")


def test_a_question_finds_what_was_just_added_and_not_what_was_removed(desk: Desk) -> None:
    pipeline = make_pipeline(desk.store, desk.embedder, RagConfig(), None)
    desk.add(arles=bridge("Arles"))
    assert "Brno" not in pipeline.search("How many arches has the bridge of Brno?")[0].passage.text
    job = desk.add(brno=bridge("Brno"))
    assert "Brno" in pipeline.search("How many arches has the bridge of Brno?")[0].passage.text
    over(desk.shelf.remove([job.items[0].document]))
    assert all("Brno" not in h.passage.text for h in pipeline.search("How many arches has the bridge of Brno?"))


def test_other_readers_let_a_job_in_and_are_let_in_by_it(desk: Desk) -> None:
    with open_for_reading(desk.config) as other:
        assert other.count() == 0
        assert outcome(desk.add(arles=bridge("Arles"))) == ["done"]
        assert [info.title for info in other.documents()] == [info.title for info in desk.store.documents()]
    desk.embedder.gate.clear()
    desk.embedder.asked.clear()
    job = desk.shelf.add([desk.upload("brno.txt", bridge("Brno"))])
    assert desk.embedder.asked.wait(60)
    with open_for_reading(desk.config) as other:
        assert len(other.documents()) == 1
    with pytest.raises(IndexBusyError), open_for_writing(desk.config, {}):
        pass
    desk.embedder.gate.set()
    over(job)
    with open_for_reading(desk.config) as other:
        assert len(other.documents()) == 2


def test_a_job_says_so_where_another_process_keeps_the_index(desk: Desk) -> None:
    with lock(desk.config.data_dir, write=False):
        busy = desk.add(arles=bridge("Arles"))
    assert outcome(busy) == ["failed"]
    assert IN_USE in busy.items[0].said


def test_a_refused_writer_still_holds_the_index_for_reading(desk: Desk) -> None:
    with lock(desk.config.data_dir, write=False):
        with pytest.raises(IndexBusyError), desk.shared.exclusive():
            pass
        with pytest.raises(IndexBusyError), lock(desk.config.data_dir, write=True):
            pass
    with pytest.raises(IndexBusyError), lock(desk.config.data_dir, write=True):
        pass
    with desk.shared.exclusive(), desk.shared.exclusive():
        pass
    with lock(desk.config.data_dir, write=False):
        pass


def test_a_job_waits_a_little_for_another_reader(opened: SharedStore, config: IndexConfig, folder: Path) -> None:
    desk, tries = Desk(opened, config, folder, max_wait=60.0), list[str]()
    exclusive = desk.shelf._exclusive
    desk.shelf._exclusive = lambda: tries.append("tried") or exclusive()
    with lock(config.data_dir, write=False):
        job = desk.shelf.add([desk.upload("arles.txt", bridge("Arles"))])
        until(lambda: len(tries) > 2)
        assert outcome(job) == ["waiting"]
    assert outcome(over(job)) == ["done"]


def test_a_job_under_way_is_listed_and_ended_however_many_wait_behind_it(desk: Desk) -> None:
    desk.embedder.gate.clear()
    first = desk.shelf.add([desk.upload("first.txt", bridge("Arles"))])
    assert desk.embedder.asked.wait(120)
    waiting = [desk.shelf.add([desk.upload(f"{n}.txt", bridge(f"Town {n}"))]) for n in range(30)]
    assert desk.shelf.jobs() == (*reversed(waiting), first)
    assert desk.shelf.job(first.id) is first
    desk.shelf.cancel(waiting[0])
    ending = threading.Thread(target=desk.shelf.close)
    ending.start()
    assert all(job.stop.wait(120) for job in (first, *waiting))
    desk.embedder.gate.set()
    ending.join(120)
    assert [outcome(job) for job in (first, *waiting)] == [["cancelled"]] * 31
    assert not [thread for thread in threading.enumerate() if thread.name == "library"]
    assert desk.titles() == []


def test_jobs_that_are_over_are_forgotten_after_a_while_and_those_that_wait_are_not(desk: Desk) -> None:
    done = [desk.add(arles=bridge("Arles")) for _ in range(25)]
    desk.embedder.gate.clear()
    waiting = [desk.shelf.add([desk.upload(f"{n}.txt", bridge(f"Town {n}"))]) for n in range(3)]
    assert desk.shelf.jobs() == (*reversed(waiting), *reversed(done[-20:]))
    desk.shelf.dismiss(waiting[0])
    assert waiting[0] in desk.shelf.jobs()


def test_a_job_that_is_left_in_the_midst_keeps_no_other_one_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def leaves(*_: object, **__: object) -> str:
        raise SystemExit("a library gives up")

    with monkeypatch.context() as patched:
        patched.setattr("ui.library.steps.index_file", leaves)
        assert outcome(desk.add(arles=bridge("Arles"))) == ["failed"]
    assert "ended early" in caplog.text
    assert outcome(desk.add(brno=bridge("Brno"))) == ["done"]


def test_a_queue_goes_on_after_whatever_a_job_raises(caplog: pytest.LogCaptureFixture) -> None:
    done: list[Job] = []

    def carry_out(job: Job) -> None:
        done.append(job)
        if len(done) == 1:
            raise SystemExit("a library gives up")

    queue = JobQueue(carry_out)
    jobs = [Job("add", ()) for _ in range(3)]
    for job in jobs:
        queue.add(job)
    assert [over(job) for job in jobs] == done == jobs
    queue.close()
    assert failed_in(caplog, "ui.library.job_queue")


def test_a_waiting_file_that_cannot_be_removed_ends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("ui.library.progress.Path.unlink", lambda *_, **__: (_ for _ in ()).throw(OSError("stuck")))
        assert outcome(desk.add(arles=bridge("Arles"))) == ["done"]
    assert failed_in(caplog, "ui.library.progress")
    assert outcome(desk.add(brno=bridge("Brno"))) == ["done"]


def test_nothing_is_begun_once_the_library_is_closed(desk: Desk) -> None:
    desk.add(arles=bridge("Arles"))
    desk.shelf.close()
    with pytest.raises(LibraryClosedError, match=STOPPING):
        desk.shelf.add([desk.upload("brno.txt", bridge("Brno"))])
    assert list(LibraryFolder(desk.root).incoming.iterdir()) == []
    assert len(desk.titles()) == 1


def test_a_thread_that_cannot_be_begun_leaves_no_job_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="new thread"):
        patched.setattr(threading.Thread, "start", start)
        desk.shelf.add([desk.upload("arles.txt", bridge("Arles"))])
    assert desk.shelf.jobs() == ()
    assert outcome(desk.add(brno=bridge("Brno"))) == ["done"]


def test_many_threads_begin_jobs_and_each_is_carried_out(desk: Desk) -> None:
    uploads = [desk.upload(f"{n}.txt", bridge(f"Town {n}")) for n in range(16)]
    barrier, jobs = threading.Barrier(16), []

    def begin(number: int) -> None:
        barrier.wait(120)
        jobs.append(desk.shelf.add([uploads[number]]))

    threads = [threading.Thread(target=begin, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [outcome(over(job)) for job in jobs] == [["done"]] * 16
    assert len(desk.titles()) == 16


def test_a_closed_library_says_why(opened: SharedStore, config: IndexConfig, folder: Path) -> None:
    shelf = Desk(opened, config, folder, closed="The index may only be read.").shelf
    actions: list[Callable[[], object]] = [
        lambda: shelf.add([]), shelf.reindex, lambda: shelf.remove([]), lambda: shelf.restore([]),
        shelf.empty_trash,
    ]  # fmt: skip
    for action in actions:
        with pytest.raises(LibraryClosedError, match="may only be read"):
            action()
    assert shelf.jobs() == ()


def test_an_index_that_may_only_be_read_is_opened_closed(
    desk: Desk, config: IndexConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.add(arles=bridge("Arles"))
    monkeypatch.setattr("index.storage.open.os.access", lambda *_: False)
    with open_shared(config, {}) as shared:
        assert "may only be read" in shared.read_only_reason
        assert len(shared.store.documents()) == 1
        entered: AbstractContextManager[None] = shared.exclusive()
        with pytest.raises(OnrecordError, match="may only be read"), entered:
            pass


def test_a_step_that_breaks_is_told_without_its_details(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("ui.library.steps.index_file", broken)
    job = desk.add(arles=bridge("Arles"))
    assert outcome(job) == ["failed"]
    assert "secret" not in job.items[0].said
    assert list(desk.root.rglob("*.txt")) == []


# Pastes, collections, rows


def test_a_pasted_text_and_a_saved_page_state_what_the_reader_says() -> None:
    page = (
        "<!DOCTYPE html><html><head><meta charset='iso-8859-1'><title>Old</title>"
        "<meta property='og:title' content='Old'></head><body><article><h1>Head</h1>"
        + "<p>The bridge of Évora has eleven arches.</p>" * 9
        + "</article></body></html>"
    )
    for text in (page, "<p>The bridge of Évora has eleven arches.</p>" * 9, "The bridge of Évora has eleven arches."):
        name, data = pasted_file(Paste(text, "A & B: “the” bridge", "https://x.example/a", "2025-02-12", "My Wire"))
        document = load(Path(name), data)
        assert document.title == "A & B: “the” bridge"
        assert {k: document.metadata[k] for k in ("url", "date", "outlet")} == {
            "url": "https://x.example/a", "date": "2025-02-12", "outlet": "My Wire",
        }  # fmt: skip
        assert "The bridge of Évora has eleven arches." in document.text
    assert pasted_file(Paste("Only a line of text."))[1] == b"Only a line of text."


@pytest.mark.parametrize("paste", [Paste(" "), Paste("https://x.example/a"), Paste("text", date="12 May")])
def test_what_cannot_be_pasted_is_told(paste: Paste) -> None:
    with pytest.raises(PasteError):
        pasted_file(paste)


def test_collections_hold_documents_by_id_and_by_path(tmp_path: Path) -> None:
    held = [DocumentInfo("a", "A", "/x/a.txt", {}, 1, 1), DocumentInfo("b", "B", "/x/b.txt", {}, 1, 1)]
    collections = Collections(tmp_path, lambda: held)
    assert collections.names() == ()
    assert collections.add("Press  2025", held[:1]) == "Press 2025"
    assert collections.add("press 2025", held[1:]) == "Press 2025"
    assert collections.documents_of(["PRESS 2025"]) == ("a", "b")
    held[:] = [DocumentInfo("a2", "A", "/x/a.txt", {}, 1, 1), DocumentInfo("b", "B", "/y/moved.txt", {}, 1, 1)]
    assert Collections(tmp_path, lambda: held).documents_of(["Press 2025"]) == ("a2", "b")
    collections.take_out("press 2025", held[:1])
    assert collections.members() == {"Press 2025": frozenset({"b"})}
    collections.add("Empty", ())
    with pytest.raises(ScopeError, match="no document in 'Empty'"):
        collections.documents_of(["Empty"])
    with pytest.raises(ScopeError, match=r"no collection 'None'. There are: Empty, Press 2025"):
        collections.documents_of(["None"])
    collections.drop("press 2025")
    assert collections.names() == ("Empty",)
    for bad in ("", " ", "x" * 81):
        with pytest.raises(CollectionError):
            collections.add(bad, ())
    with pytest.raises(CollectionError):
        collections.drop("None")


def test_a_question_over_a_collection_searches_nothing_else(desk: Desk) -> None:
    desk.add("Only Brno", brno=bridge("Brno"))
    desk.add(arles=bridge("Arles"))
    pipeline = make_pipeline(desk.store, desk.embedder, RagConfig(), None)
    scope = parse_scope(documents=desk.collections.documents_of(["Only Brno"]))
    assert {h.passage.title for h in pipeline.search("arches of Arles", scope=scope)} == {
        "The bridge of Brno has 11 arches."
    }


ROWS = (
    Row("1", "Bridge of Arles", "a.txt", "Reuters", "2025-02-12", 300, 3, READY, ("Bridges",)),
    Row("2", "arch", "b.html", "AP", "", 20, 1, FILE_GONE),
    Row("3", "Çity of Cork", "c.txt", "", "2024-01-01", 100, 9, READY),
)


@pytest.mark.parametrize(
    ("wish", "ids"),
    [
        (ListQuery(), "213"), (ListQuery(sort="title", descending=True), "312"), (ListQuery(sort="date"), "312"),
        (ListQuery(sort="date", descending=True), "132"), (ListQuery(sort="size", descending=True), "132"),
        (ListQuery(sort="passages"), "213"), (ListQuery(sort="outlet"), "213"), (ListQuery(sort="nonsense"), "213"),
        (ListQuery(words="city cor"), "3"), (ListQuery(words="BRIDGES"), "1"), (ListQuery(words="b.html"), "2"),
        (ListQuery(words="absent"), ""), (ListQuery(outlet="reuters"), "1"), (ListQuery(status=FILE_GONE), "2"),
        (ListQuery(collection="Bridges"), "1"), (ListQuery(collection="Bridges", status=FILE_GONE), ""),
    ],
)  # fmt: skip
def test_rows_are_searched_filtered_and_sorted(wish: ListQuery, ids: str) -> None:
    assert "".join(row.id for row in filter_rows(ROWS, wish)) == ids


def test_a_second_click_turns_the_order_round() -> None:
    assert sort_by(ListQuery(sort="title"), "date") == ("date", True)
    assert sort_by(ListQuery(sort="date", descending=True), "date") == ("date", False)
    assert sort_by(ListQuery(sort="date"), "title") == ("title", False)


def test_a_row_says_what_becomes_of_its_document() -> None:
    held = [DocumentInfo(id_, "", f"/x/{id_}.txt", {"outlet": "AP"}, 1, 1) for id_ in "abc"]
    rows = list_rows(held, {"C": {"a"}}, {"b": "remove"}, {"/x/c.txt"})
    assert [(r.title, r.status, r.collections) for r in rows] == [
        ("a.txt", READY, ("C",)), ("b.txt", REMOVING, ()), ("c.txt", FILE_GONE, ()),
    ]  # fmt: skip


def test_too_large_a_file_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x" * 2_000_000, encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="2 MB, and 1 MB are the most"):
        check_file(path, "a.txt", largest=1_000_000)


def test_a_file_that_is_not_what_it_says_is_not_taken(tmp_path: Path) -> None:
    taken, lying = tmp_path / "a", tmp_path / "b"
    taken.write_text("The bridge opened in May.", encoding="utf-8")
    lying.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))
    check = content_check(UploadLimits(file_bytes=1_000))
    check(taken, "a.txt")
    for path, name in ((lying, "b.txt"), (taken, "a.exe")):
        with pytest.raises(UnreadableFileError):
            check(path, name)
    taken.write_text("long " * 400, encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="Split it"):
        check(taken, "a.txt")


# Files that hold documents


def news(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


REPORT = (Path(__file__).parent / "files" / "report.pdf").read_bytes()


def towns(**more: bytes) -> bytes:
    return news(**{"arles.txt": bridge("Arles").encode(), "in/brno.txt": bridge("Brno").encode(), **more})


def test_an_archive_is_its_documents_each_for_itself(desk: Desk) -> None:
    bomb, cut = bytes(30_000_000), b"%PDF-1.4 cut"
    data = towns(**{"report.pdf": REPORT, "bomb.txt": bomb, "cut.pdf": cut, "photo.png": b"x"})
    job = over(desk.shelf.add([desk.upload("news.zip", data), desk.upload("cork.txt", bridge("Cork"))], "Press"))
    told = {item.name: (item.state, item.said) for item in job.items}
    assert [name for name, (state, _) in told.items() if state == "done"] == [
        "news.zip/arles.txt", "news.zip/in/brno.txt", "news.zip/report.pdf", "cork.txt",
    ]  # fmt: skip
    assert told["news.zip/bomb.txt"] == (
        "failed", "news.zip/bomb.txt unpacks to 30 MB. Unpack it and add the folder.",
    )  # fmt: skip
    assert told["news.zip/cut.pdf"][1].startswith("news.zip/cut.pdf is no whole PDF")
    assert len(desk.collections.members()["Press"]) == 4
    assert sorted(path.name for path in (desk.root / "files").iterdir()) == ["cork.txt", "news.zip"]
    places = {desk.shelf.deps.folder.shown(info.source) for info in desk.store.documents()}
    assert places == {"news.zip/arles.txt", "news.zip/in/brno.txt", "news.zip/report.pdf", "cork.txt"}
    report = next(info for info in desk.store.documents() if info.source.endswith("report.pdf"))
    document = desk.store.document(report.id)
    start = document.text.index("Two fishermen")
    assert "data:image/png" in picture_html(document, start, start + 20)


def test_a_document_of_an_archive_goes_and_comes_back_and_the_last_takes_the_archive(desk: Desk) -> None:
    over(desk.shelf.add([desk.upload("news.zip", towns())]))
    archive = desk.root / "files" / "news.zip"
    first = over(desk.shelf.remove([desk.info("The bridge of Arles").id]))
    assert archive.exists()
    assert over(desk.shelf.reindex([desk.info("The bridge of Brno").id])).items[0].said == SAME_TEXT
    second = over(desk.shelf.remove([desk.info("The bridge of Brno").id]))
    assert not archive.exists()
    assert desk.titles() == []
    over(desk.shelf.undo(second))
    assert archive.exists()
    over(desk.shelf.undo(first))
    assert len(desk.titles()) == 2
    both = over(desk.shelf.remove([info.id for info in desk.store.documents()]))
    assert (desk.titles(), archive.exists()) == ([], False)
    over(desk.shelf.undo(both))
    assert (len(desk.titles()), archive.exists()) == (2, True)
    assert outcome(over(desk.shelf.reindex())) == ["done", "done"]


def test_an_archive_that_changed_is_read_again(desk: Desk) -> None:
    over(desk.shelf.add([desk.upload("news.zip", towns())]))
    archive = desk.root / "files" / "news.zip"
    archive.write_bytes(news(**{"arles.txt": bridge("Arles", 12).encode()}))
    job = over(desk.shelf.reindex())
    assert sorted(outcome(job)) == ["done", "failed"]
    (told,) = [item.said for item in job.items if item.state == "failed"]
    assert "does not hold" in told
    assert STAYS in told
    assert desk.info("The bridge of Arles has 12")
    archive.unlink()
    (item, *_) = over(desk.shelf.reindex()).items
    assert "Its file is gone: news.zip" in item.said


def test_the_same_archive_twice_changes_nothing(desk: Desk) -> None:
    packed = towns()  # its members carry the time
    over(desk.shelf.add([desk.upload("news.zip", packed)]))
    again = over(desk.shelf.add([desk.upload("news.zip", packed)]))
    assert outcome(again) == ["same", "same"]
    assert len(desk.store.documents()) == 2
    assert len(list((desk.root / "files").iterdir())) == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("cut.zip", towns()[:60], "cut.zip is no whole ZIP archive"),
        ("none.zip", news(**{"photo.png": b"x"}), "none.zip holds nothing that can be read"),
        ("no.mbox", b"Words.", "no.mbox is no mailbox"),
        ("bad.zip", news(**{"cut.pdf": b"%PDF-1.4 cut"}), "bad.zip/cut.pdf is no whole PDF"),
    ],
    ids=["cut", "no documents", "no mailbox", "bad document"],
)
def test_a_file_of_which_nothing_can_be_read_leaves_nothing_behind(
    desk: Desk, name: str, data: bytes, said: str
) -> None:
    job = over(desk.shelf.add([desk.upload(name, data)]))
    assert outcome(job) == ["failed"]
    assert job.items[0].said.startswith(said)
    assert [path for path in desk.root.rglob("*") if path.is_file()] == []


def test_an_archive_can_be_cancelled_within(desk: Desk) -> None:
    desk.embedder.gate.clear()
    job = desk.shelf.add([desk.upload("news.zip", towns())])
    assert desk.embedder.asked.wait(60)
    desk.shelf.cancel(job)
    desk.embedder.gate.set()
    assert outcome(over(job)) == ["cancelled", "cancelled"]
    assert [path for path in desk.root.rglob("*") if path.is_file()] == []


def test_mailboxes_mails_and_dumps_are_read_document_by_document(desk: Desk) -> None:
    mail = MAIL.replace(b"\r\n", b"\n")
    box = b"From a@b Tue\n" + mail + b"\nFrom c@d Wed\nSubject: Two\n\nHe wrote of Cork.\n"
    lines = b'{"headline": "Tram floods", "body": "The tunnel flooded."}\n{"text": "Two trams."}\n'
    table = b"headline,body,date\nRents rise,They rose in May.,2025-05-01\n"
    job = over(
        desk.shelf.add(
            [desk.upload(n, d) for n, d in (("in.mbox", box), ("m.eml", MAIL), ("d.jsonl", lines), ("d.csv", table))]
        )
    )
    assert [(item.name, item.state) for item in job.items] == [
        ("in.mbox/1.eml", "done"), ("in.mbox/1.eml!/rents.csv", "done"), ("in.mbox/2.eml", "done"),
        ("m.eml", "same"), ("m.eml/rents.csv", "same"),
        ("d.jsonl/1.json", "done"), ("d.jsonl/2.json", "done"), ("d.csv/2.json", "done"),
    ]  # fmt: skip
    mails = [info.id for info in desk.store.documents() if desk.store.files_of(info.id)[0].endswith("/m.eml")]
    over(desk.shelf.remove(mails))
    assert (desk.root / "files" / "m.eml").exists()  # its attachment is still known
