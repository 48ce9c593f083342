"""Progress on a terminal, silence elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from evals.run import Progress


@contextmanager
def progress_bar(total: int, unit: str = "cases") -> Iterator[Progress]:
    """A callable told ``(done, total, name)`` that draws a bar with rate and time left on standard error."""
    if not sys.stderr.isatty() or total == 0:
        yield lambda *_: None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=f" {unit}", dynamic_ncols=True, leave=False) as bar:

        def show(done: int, _: int, name: str) -> None:
            if not name:
                # What an earlier run had done is not part of this one's speed.
                bar.initial = bar.n = bar.last_print_n = done
                return
            bar.set_postfix_str(PurePath(name).name[:40], refresh=False)
            bar.update(done - bar.n)

        yield show
