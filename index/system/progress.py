"""Show progress: a bar on a terminal, events for programs, silence elsewhere."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath

Progress = Callable[[int, int, str], None]

_MIN_EVENT_INTERVAL = 0.5  # seconds between two events, except for the last


def no_progress(done: int, total: int, name: str) -> None:
    """Show nothing."""


@dataclass(slots=True)
class Throughput:
    """The speed of some work, in seconds; ``done_before`` is what an earlier run had done and does not count."""

    total: int
    clock: Callable[[], float] = time.monotonic
    done_before: int = 0
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return self.clock() - self.started

    def rate(self, done: int) -> float:
        """Return the pieces done a second; 0 before the first."""
        return max(done - self.done_before, 0) / max(self.seconds, 1e-9)

    def seconds_left(self, done: int) -> float | None:
        """Estimate the seconds until all is done; None while there is no rate."""
        rate = self.rate(done)
        return (self.total - done) / rate if rate else None


def write_event(event: str, **said: object) -> None:
    """Write one event as a line of JSON to standard error, ``{"event": …}``."""
    print(json.dumps({"event": event, **said}, ensure_ascii=False), file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int | None, unit: str, *, events: bool = False) -> Iterator[Progress]:
    """Yield a function to call with ``(done, total, name)``: it draws a bar if standard error is a terminal.

    With ``events``, lines of JSON are written instead, wherever they go: ``start``, ``progress`` twice a second at
    most, ``end``. With an empty name, ``done`` is the work of an earlier run, which does not count for the speed.
    ``total`` may be None if only the work itself finds out.
    """
    if events:
        with _events(total, unit) as progress:
            yield progress
        return
    if not sys.stderr.isatty() or total == 0:
        yield no_progress
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=f" {unit}", dynamic_ncols=True, leave=False) as bar:

        def show(done: int, of: int, name: str) -> None:
            if not name:
                bar.initial = bar.n = bar.last_print_n = done
                return
            bar.total = of
            bar.set_postfix_str(PurePath(name).name[:40], refresh=False)
            bar.update(done - bar.n)

        yield show


@contextmanager
def _events(total: int | None, unit: str) -> Iterator[Progress]:
    pace = Throughput(total or 0)
    told, last = float("-inf"), 0
    write_event("start", total=total, unit=unit)

    def show(done: int, of: int, name: str) -> None:
        nonlocal told, last
        last, pace.total = done, of
        if not name:
            pace.done_before = done
            return
        if pace.seconds - told < _MIN_EVENT_INTERVAL and done < of:
            return
        told = pace.seconds
        rate, left = round(pace.rate(done), 2), pace.seconds_left(done)
        seconds_left = None if left is None else round(left, 1)
        write_event("progress", done=done, total=of, unit=unit, name=name, rate=rate, seconds_left=seconds_left)

    try:
        yield show
    finally:
        write_event("end", done=last, total=pace.total, unit=unit, seconds=round(pace.seconds, 1))
