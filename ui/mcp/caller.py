"""Who calls a tool, for a line to tell people apart. The protocol's own sessions are the client's word."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CALLER: ContextVar[str] = ContextVar("onrecord_mcp_caller", default="")


def caller() -> str:
    """The visitor on whose behalf the present task runs; empty over standard input, where there is only one."""
    return _CALLER.get()


@contextmanager
def called_by(visitor: str) -> Iterator[None]:
    """Have every task that is begun inside run on behalf of the ``visitor``."""
    token = _CALLER.set(visitor)
    try:
        yield
    finally:
        _CALLER.reset(token)
