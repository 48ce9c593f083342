"""Tell files and documents of the library how the step about them ended."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import OnrecordError
from ui.library.models import OVER, Item, Job
from ui.library.steps import CancelledError

_log = logging.getLogger(__name__)
BROKE = "Something went wrong. The server's log says what; try again."


@contextmanager
def told_of(item: Item) -> Iterator[None]:
    """Tell an item what goes wrong with it; the others go on."""
    try:
        yield
    except CancelledError:
        item.state = "cancelled"
    except OnrecordError as error:
        item.state, item.said = "failed", str(error)
    except OSError as error:
        item.state = "failed"
        item.said = f"It could not be read or kept ({error.strerror}). Check the disk's free space and permissions."
    except Exception:
        _log.exception("A step of the library failed")
        item.state, item.said = "failed", BROKE


def all_failed(job: Job, said: str) -> None:
    """Tell the items of a job that are not over that they failed, and why."""
    for item in job.items:
        if item.state not in OVER:
            item.state, item.said = "failed", said
            clear(job, item)


def clear(job: Job, item: Item) -> None:
    """Remove what waits of an added file that is over."""
    if job.kind == "add" and item.held is None:
        try:
            Path(item.key).unlink(missing_ok=True)
        except OSError:
            _log.exception("A file that waited in the library could not be removed")
