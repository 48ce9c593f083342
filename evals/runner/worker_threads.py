"""Work on many tasks at once, in threads, with a time limit for each."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

Task = TypeVar("Task")
Value = TypeVar("Value")
Done = TypeVar("Done")

QueueTurn = Callable[[], AbstractContextManager[object]]
"""What work is done within, so that it gives way to other work; entering it may take long, and may fail."""

_log = logging.getLogger(__name__)
_POLL = 0.2  # seconds between looks at whether to stop


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Task, Value]):
    """The outcome of one task. ``value`` is None when it failed or timed out; ``error`` then says why."""

    task: Task
    seconds: float
    value: Value | None = None
    error: BaseException | None = None
    timed_out: bool = False


def run_in_threads(
    tasks: Iterable[Task],
    work: Callable[[Task], Value],
    finish: Callable[[Outcome[Task, Value]], Done],
    *,
    workers: int = 1,
    timeout: float | None = None,
    stop: threading.Event | None = None,
    queue_turn: QueueTurn = nullcontext,
) -> Iterator[Done]:
    """Do ``work`` on each task, ``workers`` at a time, and yield ``finish`` of each outcome as it comes.

    ``work`` is done within a ``queue_turn`` of its own, and timed from when it has it; ``finish`` is not timed. Work
    that takes longer than ``timeout`` seconds is given up on: a thread cannot be killed, so it goes on unseen until it
    ends or the process does. Once ``stop`` is set nothing more is begun and what is under way is dropped. What
    ``finish`` and ``queue_turn`` raise is raised here.
    """
    waiting = iter(tasks)
    running: dict[int, _Job[Task]] = {}
    done: queue.Queue[tuple[int, Done | None, BaseException | None]] = queue.Queue()
    number = 0
    while not (stop and stop.is_set()):
        for task in _next(waiting, workers - len(running)):
            number += 1
            running[number] = _Job(task)
            # A daemon, so that one that never ends does not keep the process.
            threading.Thread(
                target=_do, args=(number, running[number], work, finish, done, queue_turn), daemon=True
            ).start()
        if not running:
            return
        try:
            returned, finished, error = done.get(timeout=_patience(running, timeout, stop))
        except queue.Empty:
            for late in [n for n, job in running.items() if job.is_late(timeout)]:
                job = running.pop(late)
                yield finish(Outcome(job.task, job.taken(), timed_out=True))
            continue
        # One that was given up on comes back too late to count.
        if running.pop(returned, None) is None:
            continue
        if error is not None:
            if stop and stop.is_set():
                _log.info("What was under way when it was stopped is dropped: %s", error)
                return
            raise error
        yield finished  # type: ignore[misc]  # without an error there is a value


@dataclass
class _Job(Generic[Task]):
    task: Task
    began: float | None = None  # once it has its queue_turn
    worked: bool = False

    def taken(self) -> float:
        return 0.0 if self.began is None else time.perf_counter() - self.began

    def is_late(self, timeout: float | None) -> bool:
        return timeout is not None and not self.worked and self.taken() >= timeout


def _next(waiting: Iterator[Task], count: int) -> Iterator[Task]:
    for _ in range(count):
        try:
            yield next(waiting)
        except StopIteration:
            return


def _do(  # noqa: PLR0917  # as a thread is given them
    number: int,
    job: _Job[Task],
    work: Callable[[Task], Value],
    finish: Callable[[Outcome[Task, Value]], Done],
    done: "queue.Queue[tuple[int, Done | None, BaseException | None]]",
    queue_turn: QueueTurn,
) -> None:
    try:
        with queue_turn():
            job.began = time.perf_counter()
            outcome = _outcome(job, work)
        job.worked = True
        done.put((number, finish(outcome), None))
    except BaseException as error:  # raised again where it can be seen
        done.put((number, None, error))


def _outcome(job: _Job[Task], work: Callable[[Task], Value]) -> Outcome[Task, Value]:
    try:
        value = work(job.task)
        return Outcome(job.task, job.taken(), value)
    except BaseException as error:  # sys.exit() in a task, too, is a task that failed
        return Outcome(job.task, job.taken(), error=error)


def _patience(running: dict[int, _Job[Task]], timeout: float | None, stop: threading.Event | None) -> float | None:
    """Return the seconds to wait before looking at the clock or at ``stop``; None to wait without limit."""
    waits = [_POLL] if stop else []
    if timeout is not None:
        waits += [max(0.0, timeout - job.taken()) for job in running.values() if not job.worked]
        # A job may finish its work and then take long to finish altogether: look again.
        waits = waits or [_POLL]
    return min(waits, default=None)
