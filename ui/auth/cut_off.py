"""Break off a reply that goes on, such as a stream of events, once who asked for it may not read it any more."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ui.logs.setup import log_event

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


class BrokenOffError(Exception):
    """The reader may not read on."""


async def pass_while(stands: Callable[[], bool], app: _App, scope: _Message, receive: _Receive, send: _Send) -> None:
    """Let ``app`` answer, and end its reply at the first part that it sends after ``stands()`` became false.

    A reply whose length was told goes on to its end, which is near.
    """
    streams = over = False

    async def checked(message: _Message) -> None:
        nonlocal streams, over
        if message["type"] == "http.response.start":
            streams = all(name.lower() != b"content-length" for name, _ in message["headers"])
        elif streams and not over and message.get("more_body", False) and not stands():
            over = True
            await send({"type": "http.response.body", "body": b""})
            log_event("stream ended", reason="the session that it was sent to has ended")
        if over:
            raise BrokenOffError
        await send(message)

    try:
        await app(scope, receive, checked)
    except Exception:
        # Whatever the app made of being broken off.
        if not over:
            raise
