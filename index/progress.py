"""Progress on a terminal, silence elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath

Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, name: str) -> None:
    """Progress that nobody watches."""


@contextmanager
def progress_bar(total: int, unit: str) -> Iterator[Progress]:
    """A callable told ``(done, total, name)`` that draws a bar with rate and time left on standard error.

    Told an empty name, it takes ``done`` as the work of an earlier run, which is not part of this one's speed.
    """
    if not sys.stderr.isatty() or total == 0:
        yield silent
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=f" {unit}", dynamic_ncols=True, leave=False) as bar:

        def show(done: int, _: int, name: str) -> None:
            if not name:
                bar.initial = bar.n = bar.last_print_n = done
                return
            bar.set_postfix_str(PurePath(name).name[:40], refresh=False)
            bar.update(done - bar.n)

        yield show
