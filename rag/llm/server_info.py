"""Small questions to a server, for what it says of a model."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rag.llm.backend import UnsaidError
from rag.llm.cancellable_request import Call
from rag.llm.http import options

_SECONDS = 5.0
_MOST_BYTES = 4_000_000  # a hub of models lists them all
_FEWEST, _MOST = 128, 100_000_000


def ask_json(method: str, url: str, headers: dict[str, str], body: object = None) -> Any:
    """What the server replies, or None where that is an error or no JSON. Raises Unsaid when not reached in time."""
    import httpx

    call = Call()
    with _ended_after(call, _SECONDS), httpx.Client(**options(httpx, call, _SECONDS, _MOST_BYTES)) as client:
        try:
            reply = client.request(method, url, headers=headers, json=body)
        except httpx.TransportError as error:
            raise UnsaidError from error
        except Exception:  # whatever a server's nonsense leads to, it has not said
            return None
        try:
            return reply.json() if reply.is_success else None
        except ValueError:
            return None


@contextmanager
def _ended_after(call: Call, seconds: float) -> Iterator[None]:
    """A time-out of each read alone lets a server go on for ever, a byte at a time."""
    timer = threading.Timer(seconds, call.end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def tokens(value: Any) -> int:
    """``value`` where it can be a number of tokens, else 0: servers send strings, nulls, and worse."""
    return value if isinstance(value, int) and not isinstance(value, bool) and _FEWEST <= value <= _MOST else 0


def under(said: Any, *path: str) -> Any:
    """What lies at ``path`` in JSON, None where nothing does."""
    for key in path:
        said = said.get(key) if isinstance(said, dict) else None
    return said
