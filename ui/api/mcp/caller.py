"""Who calls a tool, for the queue to be fair. The protocol's own sessions are chosen by the client."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CALLER: ContextVar[str] = ContextVar("onrecord_mcp_caller", default="")


def caller() -> str:
    """Return the visitor for whom the present task runs; empty over standard input, where there is only one."""
    return _CALLER.get()


@contextmanager
def calling_as(visitor: str) -> Iterator[None]:
    """Make every task that begins inside run for the ``visitor``."""
    token = _CALLER.set(visitor)
    try:
        yield
    finally:
        _CALLER.reset(token)
