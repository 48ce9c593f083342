"""How the items of a job end, and how fast the work goes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import OnrecordError
from ui.library.models import FINISHED, Item, Job
from ui.library.steps import CancelledError

_log = logging.getLogger(__name__)
UNEXPECTED_ERROR = "Something went wrong. The server's log says what; try again."


@contextmanager
def recording_failure(item: Item) -> Iterator[None]:
    """Record an error of the body on the item; the other items go on."""
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
        item.state, item.said = "failed", UNEXPECTED_ERROR


def fail_all(job: Job, said: str) -> None:
    """Mark the items of a job that are not over as failed, and record why."""
    for item in job.items:
        if item.state not in FINISHED:
            item.state, item.said = "failed", said
            discard_upload(job, item)


def discard_upload(job: Job, item: Item) -> None:
    """Remove the waiting copy of an added file that is over."""
    if job.kind == "add" and item.container is None:
        try:
            Path(item.key).unlink(missing_ok=True)
        except OSError:
            _log.exception("A file that waited in the library could not be removed")


_DECAY = 0.9  # the weight of the past at each new measurement, so that a changed speed shows soon


class Throughput:
    """The work done per second, in any unit, the latest counting most."""

    def __init__(self) -> None:
        self._work = 0.0
        self._seconds = 0.0

    def note(self, work: float, seconds: float) -> None:
        """Note that ``work`` was done in ``seconds``."""
        self._work = _DECAY * self._work + work
        self._seconds = _DECAY * self._seconds + seconds

    def seconds(self, work: float) -> float | None:
        """Return how many seconds ``work`` will take; None while nothing was measured."""
        return work * self._seconds / self._work if self._work > 0 else None
