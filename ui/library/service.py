"""The library's service: jobs that change the index, one after another, in a thread of its own."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta

from index.errors import IndexBusyError, OnrecordError, UnreadableFileError
from ui.library import steps
from ui.library.containers import open_container
from ui.library.job_queue import JobQueue
from ui.library.models import FINISHED, Item, Job, JobKind, LibraryClosedError, Upload, UploadCheck
from ui.library.progress import UNEXPECTED_ERROR, Throughput, discard_upload, fail_all, recording_failure
from ui.library.steps import CancelledError, Deps, documents_by_id

_log = logging.getLogger(__name__)
_MAX_WAIT_SECONDS = 10.0  # seconds to wait for other processes to close the index
_RETRY_SECONDS = 0.2  # seconds between tries
_URGENT_KINDS: tuple[JobKind, ...] = ("remove", "restore")
_TRASH_AGE = timedelta(days=30)  # in the trash


class LibraryService:
    """Adds, re-indexes, removes and restores documents while others read them. Thread-safe.

    Jobs run one step at a time; removing and restoring go before waiting files. ``exclusive`` keeps other processes out
    while a job runs. ``check`` decides which files are accepted. ``on_change`` is called after each job, to refresh
    what is derived from the index. ``closed`` says why nothing can be changed; where it is not empty, every change
    raises LibraryClosedError.
    """

    def __init__(
        self,
        deps: Deps,
        exclusive: Callable[[], AbstractContextManager[None]],
        check: UploadCheck,
        *,
        closed: str = "",
        on_change: Callable[[], object] = lambda: None,
        max_wait: float = _MAX_WAIT_SECONDS,
    ) -> None:
        self.closed = closed
        self.collections = deps.collections
        self._deps = deps
        self._exclusive = exclusive
        self._check = check
        self._on_change = on_change
        self._max_wait = max_wait
        self._throughput = Throughput()
        self._queue = JobQueue(self._run_job)
        if not closed:
            self._clean_up()

    # Reading

    @property
    def deps(self) -> Deps:
        """The store and what else the steps work with."""
        return self._deps

    def jobs(self) -> tuple[Job, ...]:
        """Return the jobs running, waiting and recently finished, the last begun first."""
        return self._queue.listed()

    def job(self, id_: str) -> Job | None:
        """Return the job with this id, while it is remembered."""
        return next((job for job in self.jobs() if job.id == id_), None)

    def busy(self) -> bool:
        """Return whether any job is not over."""
        return any(not job.over.is_set() for job in self.jobs())

    def pending(self) -> dict[str, JobKind]:
        """Return the documents that are about to be re-indexed or removed, by id."""
        return {
            item.key: job.kind
            for job in self.jobs()
            if job.kind in ("reindex", "remove") and not job.over.is_set()
            for item in job.items
            if item.state not in FINISHED
        }

    def seconds_left(self, items: Iterable[Item]) -> float | None:
        """Return how long the rest of ``items`` will take at the recent speed; None while it is unknown."""
        remaining = list(items)
        seconds = self._throughput.seconds(sum(item.size * (1 - item.share) for item in remaining))
        if seconds is None:
            return None
        # Subtract the time since the last measurement.
        since = max((time.monotonic() - item.moved for item in remaining if item.state == "working"), default=0.0)
        return max(0.0, seconds - since)

    # Changing

    def add(self, uploads: Sequence[Upload], collection: str = "") -> Job:
        """Add files, and their documents to ``collection`` where one is named. A bad file never stops the rest."""
        self._check_open()
        if collection:
            collection = self.collections.add(collection, ())
        return self._enqueue(Job("add", tuple(map(self._received, uploads)), collection))

    def reindex(self, ids: Iterable[str] | None = None) -> Job:
        """Read the files of documents again, of all documents where no ids are given."""
        self._check_open()
        documents = self._deps.store.documents()
        chosen = documents if ids is None else documents_by_id(documents, ids)
        return self._enqueue(Job("reindex", tuple(Item(d.id, d.title, d.size) for d in chosen)))

    def remove(self, ids: Iterable[str]) -> Job:
        """Remove documents; ``undo`` puts them back."""
        self._check_open()
        chosen = documents_by_id(self._deps.store.documents(), ids)
        return self._enqueue(Job("remove", tuple(Item(d.id, d.title) for d in chosen)), urgent=True)

    def replace_earlier(self, job: Job) -> Job:
        """Remove the documents whose files had the names of those that ``job`` added; ``undo`` puts them back."""
        self._check_open()
        earlier = [id_ for item in job.items for id_ in item.earlier]
        for item in job.items:
            if item.earlier:
                item.earlier, item.said = (), ""
        return self.remove(earlier)

    def undo(self, job: Job) -> Job:
        """Put back what ``job`` removed, and keep what it has not removed yet."""
        self._check_open()
        job.stop.set()
        return self._enqueue(Job("restore", tuple(Item("", item.name, undoes=item) for item in job.items)), urgent=True)

    def restore(self, trashed: Iterable[str]) -> Job:
        """Put documents back by their ids in the trash."""
        self._check_open()
        wanted = set(trashed)
        entries = [one for one in self._deps.trash.entries() if one.id in wanted]
        return self._enqueue(Job("restore", tuple(Item(one.id, one.title) for one in entries)), urgent=True)

    def empty_trash(self) -> int:
        """Delete for good what was removed; return the number of documents."""
        self._check_open()
        return self._deps.trash.purge()

    def cancel(self, job: Job) -> None:
        """End a job after the current step. What it has finished stays."""
        job.stop.set()

    def dismiss(self, job: Job) -> None:
        """Forget a job that is over. What it removed stays in the trash."""
        self._queue.dismiss(job)

    def close(self) -> None:
        """Stop every job and wait for that; no further job is accepted."""
        self._queue.close()

    # Inside

    def _check_open(self) -> None:
        if self.closed:
            raise LibraryClosedError(self.closed)

    def _received(self, upload: Upload) -> Item:
        item = Item("", upload.name)
        try:
            self._check(upload.path, upload.name)
            item.key = str(self._deps.folder.receive(upload))
            item.size = upload.path.stat().st_size
        except OnrecordError as error:
            item.state, item.said = "failed", str(error)
        except OSError as error:
            item.state, item.said = "failed", f"It could not be kept ({error.strerror}). Check the disk's free space."
        return item

    def _enqueue(self, job: Job, *, urgent: bool = False) -> Job:
        if all(item.state in FINISHED for item in job.items):
            job.over.set()
        try:
            self._queue.add(job, urgent=urgent)
        except BaseException:
            fail_all(job, UNEXPECTED_ERROR)
            raise
        return job

    def _run_job(self, job: Job) -> None:
        try:
            with self._exclusive_patiently(job):
                self._run_items(job)
        except OnrecordError as error:
            fail_all(job, str(error))
        except BaseException:
            _log.exception("A job of the library ended early")
            fail_all(job, UNEXPECTED_ERROR)
        finally:
            job.over.set()
        try:
            self._on_change()
        except Exception:
            _log.exception("What is derived from the index could not be made ready")

    def _run_items(self, job: Job) -> None:
        index = 0
        while index < len(job.items):  # the tuple grows when a file turns out to hold documents
            if job.kind not in _URGENT_KINDS:
                self._queue.run_urgent()
            if job.kind == "add" and not job.stop.is_set():
                self._expand_container(job, index)
            item = job.items[index]
            if item.state not in FINISHED:
                self._step(job, item)
            index += 1
        for container in {item.container for item in job.items if item.container is not None}:
            steps.release_container(self._deps, container)

    def _expand_container(self, job: Job, index: int) -> None:
        """Replace a waiting file that holds documents by an item for each of them."""
        item = job.items[index]
        if item.state in FINISHED or item.container is not None:
            return
        with recording_failure(item):
            container = open_container(self._deps.folder, item)
            if container is not None:
                try:
                    job.items = (*job.items[:index], *container.items(), *job.items[index + 1 :])
                except UnreadableFileError:
                    steps.release_container(self._deps, container)
                    raise
        if item.state == "failed":
            discard_upload(job, item)

    @contextmanager
    def _exclusive_patiently(self, job: Job) -> Iterator[None]:
        """Hold the index exclusively, waiting a little for other processes. Raises IndexBusyError."""
        until = time.monotonic() + self._max_wait
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._exclusive())
                    break
                except IndexBusyError:
                    if time.monotonic() >= until or job.stop.wait(_RETRY_SECONDS):
                        raise
            yield

    def _step(self, job: Job, item: Item) -> None:
        if job.stop.is_set():
            item.state = "cancelled"
        else:
            item.moved = time.monotonic()
            item.state = "working"
            self._run_step(job, item)
        discard_upload(job, item)

    def _run_step(self, job: Job, item: Item) -> None:
        """Run one step and record how it ended."""

        def embedding(done: int, total: int) -> None:
            now = time.monotonic()
            if total:
                self._throughput.note(item.size * (done - item.done) / total, now - item.moved)
            item.done, item.total, item.moved = done, total, now
            if job.stop.is_set():
                raise CancelledError

        with recording_failure(item):
            match job.kind:
                case "add":
                    steps.add(self._deps, item, job.collection, embedding)
                case "reindex":
                    steps.reindex(self._deps, item, embedding)
                case "remove":
                    steps.remove(self._deps, item)
                case "restore":
                    steps.restore(self._deps, item, embedding)
            if item.state != "same":
                item.state = "done"

    def _clean_up(self) -> None:
        """Remove what an ended process left waiting, and what was long enough in the trash."""
        try:
            with self._exclusive():
                self._deps.folder.clear_incoming()
                self._deps.trash.purge(_TRASH_AGE)
        except OnrecordError:
            return  # another process uses the library, and the waiting files may be its own
