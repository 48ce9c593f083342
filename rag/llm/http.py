"""HTTP to a model's server: one connection a request, cancelled from outside, limited in size, never redirected.

The clients of the libraries (httpx, and httpx2 in Anthropic's) are made with ``client_options``. Proxies named by the
environment are left to them.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag.llm.address import display_host
from rag.llm.backend import CancellableRequest, Piece, ServerUnavailableError
from rag.llm.protocol import Message

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage, ChatResponse

_BASE_REPLY_BYTES = 1_000_000
_BYTES_PER_TOKEN = 4_000  # a token takes some 300 bytes of a stream of events
_INFO_TIMEOUT = 5.0  # seconds
_MAX_INFO_BYTES = 4_000_000  # a hub lists all its models
_MIN_CONTEXT, _MAX_CONTEXT = 128, 100_000_000  # tokens


class InvalidReplyError(Exception):
    """What the server sends cannot be a reply: it is a web page, compressed, or far too long."""


class HttpModel:
    """What all models behind a server share. ``seconds`` is how long one read may wait.

    ``key`` may be empty, and is then not sent.
    """

    def __init__(self, name: str, url: str, key: str, seconds: float) -> None:
        self._name = name
        self._url = url
        self._key = key
        self._seconds = seconds

    @property
    def where(self) -> str:
        """Host and port of the server."""
        return display_host(self._url)

    def _client_options(self, httpx: Any, call: CancellableRequest, max_tokens: int) -> dict[str, Any]:
        """Return the options of a client for one request to this model."""
        limit = _BASE_REPLY_BYTES + _BYTES_PER_TOKEN * max_tokens
        return client_options(httpx, call, self._seconds, limit, keyless=not self._key)

    def _key_headers(self) -> dict[str, str]:
        """Return the header that carries the key; none without a key."""
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}


def chat_messages(messages: Sequence[Message]) -> "list[ChatMessage]":
    """Convert ``messages`` to LlamaIndex's, one for one."""
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role=message.role, content=message.text) for message in messages]


def chunk_pieces(chunk: "ChatResponse") -> Iterator[Piece]:
    """Yield what one chunk of LlamaIndex's stream adds: thinking first, then text."""
    if thought := chunk.additional_kwargs.get("thinking_delta"):
        yield Piece(thought, hidden=True)
    if chunk.delta:
        yield Piece(chunk.delta)


def client_options(
    httpx: Any, call: CancellableRequest, seconds: float, limit: int, *, keyless: bool = False
) -> dict[str, Any]:
    """Return the options of an httpx client that makes one request.

    Redirects are not followed, because they would send the documents' words to a host that nobody configured. A
    connection serves one request, so that cancelling the request can close it even while a read waits. ``seconds`` is
    the library's read time-out, the last resort for a thread that nobody waits for. ``limit`` bounds the reply in
    bytes. ``keyless`` drops the placeholder key that some libraries insist on.
    """

    def before_request(request: Any) -> None:
        for name in [name for name in request.headers if name.lower().startswith("x-stainless-")]:
            del request.headers[name]  # the libraries would tell the server about this computer
        request.headers["user-agent"] = "onrecord"
        request.headers["accept-encoding"] = "identity"
        if keyless and request.headers.get("authorization", "").startswith("Bearer "):
            del request.headers["authorization"]
        request.extensions = {**request.extensions, "trace": on_connected}

    def on_connected(event: str, info: Any) -> None:
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            made = info["return_value"].get_extra_info("socket")
            call.on_cancel(lambda: _shut_down(made))

    def on_response(response: Any) -> None:
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
        "event_hooks": {"request": [before_request], "response": [on_response]},
    }


def _shut_down(made: Any) -> None:
    """Shut the socket below whatever wraps it, which wakes a thread that reads from it."""
    with contextlib.suppress(OSError, TypeError):
        socket.socket.shutdown(made, socket.SHUT_RDWR)


def _limit_bytes(httpx: Any, inner: Any, limit: int) -> Any:
    class Limited(httpx.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            left = limit
            for part in inner:
                left -= len(part)
                if left < 0:
                    raise InvalidReplyError(f"more than {limit / 1e6:.0f} MB came")
                yield part

        def close(self) -> None:
            inner.close()

    return Limited()


def fetch_json(method: str, url: str, headers: dict[str, str], body: object = None) -> Any:
    """Return the JSON that a server replies, None where it replies with an error or with something else.

    Raises ServerUnavailableError when the server is not reached within five seconds.
    """
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
        except Exception:  # whatever nonsense a server sends, it has not answered
            return None
        try:
            return reply.json() if reply.is_success else None
        except ValueError:
            return None


@contextmanager
def _cancel_after(call: CancellableRequest, seconds: float) -> Iterator[None]:
    """Cancel ``call`` after ``seconds``: a time-out of each read lets a server send a byte at a time for ever."""
    timer = threading.Timer(seconds, call.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def valid_token_count(value: Any) -> int:
    """Return ``value`` where it can be a number of tokens, else 0: servers send strings, nulls and worse."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and _MIN_CONTEXT <= value <= _MAX_CONTEXT else 0


def get_path(value: Any, *path: str) -> Any:
    """Return what lies at ``path`` in parsed JSON, None where nothing does."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
