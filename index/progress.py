"""Progress: a bar on a terminal, events for programs, silence elsewhere."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath

Progress = Callable[[int, int, str], None]

_APART = 0.5  # seconds between two events of one piece of work, the last excepted


def silent(done: int, total: int, name: str) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class Pace:
    """How fast work goes, its ``before`` left out, which an earlier run had done. Times in seconds."""

    total: int
    clock: Callable[[], float] = time.monotonic
    before: int = 0
    since: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.clock()

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return self.clock() - self.since

    def rate(self, done: int) -> float:
        """Pieces a second; 0 before the first."""
        return max(done - self.before, 0) / max(self.seconds, 1e-9)

    def left(self, done: int) -> float | None:
        """Seconds until all is done at this rate; None while there is no rate."""
        rate = self.rate(done)
        return (self.total - done) / rate if rate else None


def tell(event: str, **said: object) -> None:
    """One event as a line of JSON on standard error, ``{"event": …}``."""
    print(json.dumps({"event": event, **said}, ensure_ascii=False), file=sys.stderr, flush=True)


@contextmanager
def progress_bar(total: int | None, unit: str, *, events: bool = False) -> Iterator[Progress]:
    """A callable told ``(done, total, name)``: a bar with rate and time left, where standard error is a terminal.

    With ``events`` they are lines of JSON instead, wherever they go: ``start``, ``progress`` twice a second at most,
    ``end``. Told an empty name, ``done`` is the work of an earlier run, which is not part of this one's speed.
    ``total`` may be None where only the work itself finds out.
    """
    if events:
        with _events(total, unit) as progress:
            yield progress
        return
    if not sys.stderr.isatty() or total == 0:
        yield silent
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
    pace = Pace(total or 0)
    told, last = float("-inf"), 0
    tell("start", total=total, unit=unit)

    def show(done: int, of: int, name: str) -> None:
        nonlocal told, last
        last, pace.total = done, of
        if not name:
            pace.before = done
            return
        if pace.seconds - told < _APART and done < of:
            return
        told = pace.seconds
        rate, left = round(pace.rate(done), 2), pace.left(done)
        seconds_left = None if left is None else round(left, 1)
        tell("progress", done=done, total=of, unit=unit, name=name, rate=rate, seconds_left=seconds_left)

    try:
        yield show
    finally:
        tell("end", done=last, total=pace.total, unit=unit, seconds=round(pace.seconds, 1))
