"""A process that reads an index, and writes it now and then, with others beside it; run by test_locks.py.

Given a folder, how often it is to write, and a number of its own. Whoever writes leaves a mark for as long as that
takes, so that anybody who reads or writes at the same time sees it. Says what it saw that must not be.
"""

import random
import sys
import time
from contextlib import closing
from pathlib import Path

from index.errors import IndexBusyError
from index.storage.shared_handle import SharedHandle

_LONGEST = 120.0  # seconds in which all of it must be done


def main(folder: Path, turns: int, number: int) -> int:
    mark, wrong = folder / "mark", []
    chance = random.Random(number)
    until = time.monotonic() + _LONGEST
    with closing(SharedHandle(folder)) as share:
        while turns and time.monotonic() < until:
            with share.use():
                if mark.exists():
                    wrong.append(f"{number} read while another one wrote")
                time.sleep(0.01)
            try:
                with share.exclusive():
                    try:
                        mark.touch(exist_ok=False)
                    except FileExistsError:
                        wrong.append(f"{number} wrote while another one wrote")
                    time.sleep(0.02)
                    mark.unlink(missing_ok=True)
                turns -= 1
            except IndexBusyError:
                time.sleep(chance.uniform(0.05, 0.4))
    print("; ".join(wrong) or ("done" if not turns else f"{number} never got {turns} of its turns"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
