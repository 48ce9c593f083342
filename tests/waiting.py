"""Wait for what has to come true, however busy the machine is, instead of for some seconds."""

import time
from collections.abc import Callable

PATIENCE = 120.0  # seconds; only what never comes true takes them


def until(true: Callable[[], object]) -> None:
    """Return once ``true()`` is; fail where it never is."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.005)
