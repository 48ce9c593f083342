"""The library's service: jobs that change the index, one after another, in a thread of its own."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta

from index.errors import IndexBusyError, OnrecordError, UnreadableFileError
from ui.library import steps as carry_out
from ui.library.containers import held_in
from ui.library.job_queue import JobQueue
from ui.library.models import OVER, Check, Item, Job, Kind, LibraryClosedError, Upload
from ui.library.outcome import BROKE, all_failed, clear, told_of
from ui.library.steps import CancelledError, Hands, named
from ui.library.throughput import Pace

_log = logging.getLogger(__name__)
_PATIENCE = 10.0  # seconds to wait for other processes to close the index
_LOOK = 0.2  # seconds between tries
_URGENT: tuple[Kind, ...] = ("remove", "restore")
_KEPT = timedelta(days=30)  # in the trash


class Shelf:
    """Adds, reads again, removes and puts back documents while others read them. Safe to call from several threads.

    Jobs are carried out one step at a time; removing and putting back go before waiting files. ``alone`` keeps other
    processes out while a job runs. ``check`` says which files are taken. ``refreshed`` is called after each job, to
    make ready what is derived from the index. ``closed`` says why nothing can be changed; it is empty where it can,
    and every change raises LibraryClosedError otherwise.
    """

    def __init__(
        self,
        hands: Hands,
        alone: Callable[[], AbstractContextManager[None]],
        check: Check,
        *,
        closed: str = "",
        refreshed: Callable[[], object] = lambda: None,
        patience: float = _PATIENCE,
    ) -> None:
        self.closed = closed
        self.collections = hands.collections
        self._hands = hands
        self._alone = alone
        self._check = check
        self._refreshed = refreshed
        self._patience = patience
        self._pace = Pace()
        self._queue = JobQueue(self._carry_out)
        if not closed:
            self._tidy()

    # What there is

    @property
    def hands(self) -> Hands:
        """The store and what else belongs to it."""
        return self._hands

    def jobs(self) -> tuple[Job, ...]:
        """The jobs under way, waiting and lately over, the last begun first."""
        return self._queue.listed()

    def job(self, id_: str) -> Job | None:
        """The job of this id, while it is remembered."""
        return next((job for job in self.jobs() if job.id == id_), None)

    def busy(self) -> bool:
        """Whether anything is under way."""
        return any(not job.over.is_set() for job in self.jobs())

    def under_way(self) -> dict[str, Kind]:
        """The documents that are about to be read again or removed, by id."""
        return {
            item.key: job.kind
            for job in self.jobs()
            if job.kind in ("reindex", "remove") and not job.over.is_set()
            for item in job.items
            if item.state not in OVER
        }

    def seconds_left(self, items: Iterable[Item]) -> float | None:
        """How long the rest of ``items`` will take at the pace of late; None while that is not known."""
        held = list(items)
        seconds = self._pace.seconds(sum(item.size * (1 - item.share) for item in held))
        if seconds is None:
            return None
        # Between two measurements time goes on.
        since = max((time.monotonic() - item.moved for item in held if item.state == "working"), default=0.0)
        return max(0.0, seconds - since)

    # What can be done

    def add(self, uploads: Sequence[Upload], collection: str = "") -> Job:
        """Add files, and what they hold to ``collection`` where one is named. A bad file never stops the rest."""
        self._check_open()
        if collection:
            collection = self.collections.add(collection, ())
        return self._begin(Job("add", tuple(map(self._received, uploads)), collection))

    def reindex(self, ids: Iterable[str] | None = None) -> Job:
        """Read the files of documents again, of all of them where no ids are given."""
        self._check_open()
        held = self._hands.store.documents()
        chosen = held if ids is None else named(held, ids)
        return self._begin(Job("reindex", tuple(Item(d.id, d.title, d.size) for d in chosen)))

    def remove(self, ids: Iterable[str]) -> Job:
        """Remove documents; ``undo`` puts them back."""
        self._check_open()
        chosen = named(self._hands.store.documents(), ids)
        return self._begin(Job("remove", tuple(Item(d.id, d.title) for d in chosen)), urgent=True)

    def undo(self, job: Job) -> Job:
        """Put back what ``job`` removed, and leave what it has not removed yet."""
        self._check_open()
        job.stop.set()
        return self._begin(Job("restore", tuple(Item("", item.name, undoes=item) for item in job.items)), urgent=True)

    def put_back(self, trashed: Iterable[str]) -> Job:
        """Put documents back by their ids in the trash."""
        self._check_open()
        wanted = set(trashed)
        held = [one for one in self._hands.trash.entries() if one.id in wanted]
        return self._begin(Job("restore", tuple(Item(one.id, one.title) for one in held)), urgent=True)

    def empty_trash(self) -> int:
        """Remove for good what was removed; returns how many documents that were."""
        self._check_open()
        return self._hands.trash.purge()

    def cancel(self, job: Job) -> None:
        """End a job after the step under way. What it has finished stays."""
        job.stop.set()

    def dismiss(self, job: Job) -> None:
        """Forget a job that is over. What it removed stays in the trash."""
        self._queue.dismiss(job)

    def close(self) -> None:
        """End every job and wait for that; no further one is begun."""
        self._queue.close()

    # Inside

    def _check_open(self) -> None:
        if self.closed:
            raise LibraryClosedError(self.closed)

    def _received(self, upload: Upload) -> Item:
        item = Item("", upload.name)
        try:
            self._check(upload.path, upload.name)
            item.key = str(self._hands.folder.receive(upload))
            item.size = upload.path.stat().st_size
        except OnrecordError as error:
            item.state, item.said = "failed", str(error)
        except OSError as error:
            item.state, item.said = "failed", f"It could not be kept ({error.strerror}). Check the disk's free space."
        return item

    def _begin(self, job: Job, *, urgent: bool = False) -> Job:
        if all(item.state in OVER for item in job.items):
            job.over.set()
        try:
            self._queue.add(job, urgent=urgent)
        except BaseException:
            all_failed(job, BROKE)
            raise
        return job

    def _carry_out(self, job: Job) -> None:
        try:
            with self._patiently(job):
                self._go_through(job)
        except OnrecordError as error:
            all_failed(job, str(error))
        except BaseException:
            _log.exception("A job of the library ended early")
            all_failed(job, BROKE)
        finally:
            job.over.set()
        try:
            self._refreshed()
        except Exception:
            _log.exception("What is derived from the index could not be made ready")

    def _go_through(self, job: Job) -> None:
        at = 0
        while at < len(job.items):  # which grows when a file turns out to hold others
            if job.kind not in _URGENT:
                self._queue.carry_out_urgent()
            if job.kind == "add" and not job.stop.is_set():
                self._unfold(job, at)
            item = job.items[at]
            if item.state not in OVER:
                self._step(job, item)
            at += 1
        for held in {item.held for item in job.items if item.held is not None}:
            carry_out.let_go(self._hands, held)

    def _unfold(self, job: Job, at: int) -> None:
        """Put the documents that a waiting file holds in its place."""
        item = job.items[at]
        if item.state in OVER or item.held is not None:
            return
        with told_of(item):
            held = held_in(self._hands.folder, item)
            if held is not None:
                try:
                    job.items = (*job.items[:at], *held.items(), *job.items[at + 1 :])
                except UnreadableFileError:
                    carry_out.let_go(self._hands, held)
                    raise
        if item.state == "failed":
            clear(job, item)

    @contextmanager
    def _patiently(self, job: Job) -> Iterator[None]:
        """Have the index alone, waiting a little for other processes to close it. Raises IndexBusyError."""
        until = time.monotonic() + self._patience
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._alone())
                    break
                except IndexBusyError:
                    if time.monotonic() >= until or job.stop.wait(_LOOK):
                        raise
            yield

    def _step(self, job: Job, item: Item) -> None:
        if job.stop.is_set():
            item.state = "cancelled"
        else:
            item.moved = time.monotonic()
            item.state = "working"
            self._do(job, item)
        clear(job, item)

    def _do(self, job: Job, item: Item) -> None:
        """Carry out one step and note how it ended."""

        def embedding(done: int, total: int) -> None:
            now = time.monotonic()
            if total:
                self._pace.note(item.size * (done - item.done) / total, now - item.moved)
            item.done, item.total, item.moved = done, total, now
            if job.stop.is_set():
                raise CancelledError

        with told_of(item):
            match job.kind:
                case "add":
                    carry_out.add(self._hands, item, job.collection, embedding)
                case "reindex":
                    carry_out.reindex(self._hands, item, embedding)
                case "remove":
                    carry_out.remove(self._hands, item)
                case "restore":
                    carry_out.restore(self._hands, item, embedding)
            if item.state != "same":
                item.state = "done"

    def _tidy(self) -> None:
        """Remove what an ended process left waiting, and what lay long enough in the trash."""
        try:
            with self._alone():
                self._hands.folder.clear_incoming()
                self._hands.trash.purge(_KEPT)
        except OnrecordError:
            return  # another process is at work here, and what waits may be its own
