"""How requests go over HTTP: one connection each, ended from outside, bounded, and to no other address.

The clients of the libraries (httpx, and httpx2 in Anthropic's) are given these options. Proxies named by the
environment are left to them.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.llm.backend import CancellableRequest, ServerUnavailableError
from rag.llm.protocol import Message

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

_BASE_REPLY_BYTES = 1_000_000
_BYTES_PER_TOKEN = 4_000  # a token takes some 300 bytes of a stream of events


class InvalidReplyError(Exception):
    """What the server sends cannot be a reply: it is a web page, compressed, or far too much."""


def max_reply_bytes(max_tokens: int) -> int:
    """How many bytes the reply of an honest server stays below."""
    return _BASE_REPLY_BYTES + _BYTES_PER_TOKEN * max_tokens


def client_options(
    httpx: Any, call: CancellableRequest, seconds: float, limit: int, *, keyless: bool = False
) -> dict[str, Any]:
    """The options of an httpx client for one request.

    Redirects are not followed: they would send the documents' words where nobody configured. A connection serves
    one request, so that ending the request can end the connection, also while a read waits. ``seconds`` is the
    library's own read time-out, the last resort for a thread nobody waits for. With ``keyless`` the stand-in for a
    key that some libraries insist on is not sent.
    """

    def going(request: Any) -> None:
        for name in [name for name in request.headers if name.lower().startswith("x-stainless-")]:
            del request.headers[name]  # the libraries would tell the server about this computer
        request.headers["user-agent"] = "onrecord"
        request.headers["accept-encoding"] = "identity"
        if keyless and request.headers.get("authorization", "").startswith("Bearer "):
            del request.headers["authorization"]
        request.extensions = {**request.extensions, "trace": connected}

    def connected(event: str, info: Any) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            made = info["return_value"].get_extra_info("socket")
            call.on_cancel(lambda: _shut_down(made))

    def coming(response: Any) -> None:
        call.status = response.status_code
        call.retry_after = response.headers.get("retry-after", "")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise InvalidReplyError("it is compressed, which was not asked for")
        if response.is_success and response.headers.get("content-type", "").startswith("text/html"):
            raise InvalidReplyError("it is a web page")
        response.stream = _limit_bytes(httpx, response.stream, limit)

    return {
        "follow_redirects": False,
        "timeout": seconds,
        "limits": httpx.Limits(max_keepalive_connections=0),
        "event_hooks": {"request": [going], "response": [coming]},
    }


def _shut_down(made: Any) -> None:
    """Shut the socket below whatever wraps it, which wakes a thread that reads from it."""
    with contextlib.suppress(OSError, TypeError):
        socket.socket.shutdown(made, socket.SHUT_RDWR)


def _limit_bytes(httpx: Any, inner: Any, limit: int) -> Any:
    class Bounded(httpx.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            left = limit
            for part in inner:
                left -= len(part)
                if left < 0:
                    raise InvalidReplyError(f"more than {limit / 1e6:.0f} MB came")
                yield part

        def close(self) -> None:
            inner.close()

    return Bounded()


_INFO_TIMEOUT = 5.0
_MAX_INFO_BYTES = 4_000_000  # a hub of models lists them all
_MIN_CONTEXT, _MAX_CONTEXT = 128, 100_000_000


def fetch_json(method: str, url: str, headers: dict[str, str], body: object = None) -> Any:
    """What the server replies, or None where that is an error or no JSON. Raises Unsaid when not reached in time."""
    import httpx

    call = CancellableRequest()
    with (
        _cancel_after(call, _INFO_TIMEOUT),
        httpx.Client(**client_options(httpx, call, _INFO_TIMEOUT, _MAX_INFO_BYTES)) as client,
    ):
        try:
            reply = client.request(method, url, headers=headers, json=body)
        except httpx.TransportError as error:
            raise ServerUnavailableError from error
        except Exception:  # whatever a server's nonsense leads to, it has not said
            return None
        try:
            return reply.json() if reply.is_success else None
        except ValueError:
            return None


@contextmanager
def _cancel_after(call: CancellableRequest, seconds: float) -> Iterator[None]:
    """A time-out of each read alone lets a server go on for ever, a byte at a time."""
    timer = threading.Timer(seconds, call.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def valid_token_count(value: Any) -> int:
    """``value`` where it can be a number of tokens, else 0: servers send strings, nulls, and worse."""
    return (
        value if isinstance(value, int) and not isinstance(value, bool) and _MIN_CONTEXT <= value <= _MAX_CONTEXT else 0
    )


def get_path(said: Any, *path: str) -> Any:
    """What lies at ``path`` in JSON, None where nothing does."""
    for key in path:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def chat_messages(messages: Sequence[Message]) -> "list[ChatMessage]":
    """One for one, in order."""
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role=message.role, content=message.text) for message in messages]
