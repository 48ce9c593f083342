"""Cancel the work for a client that disconnects."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")


async def cancel_on_disconnect(request: "Request", work: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``work``; when the client leaves before, cancel it and raise ClientDisconnect."""
    from starlette.requests import ClientDisconnect

    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def run_until_disconnect(app: "ASGIApp", scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Run ``app`` for one request and cancel it when the client leaves, for an app that does not check itself."""
    messages: asyncio.Queue[Message] = asyncio.Queue(1)
    running = asyncio.ensure_future(app(scope, messages.get, send))

    async def watch() -> None:
        while (message := await receive())["type"] != "http.disconnect":
            await messages.put(message)
        running.cancel()

    watching = asyncio.ensure_future(watch())
    try:
        await asyncio.wait({running})
    finally:
        running.cancel()
        watching.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)
    if not running.cancelled():
        running.result()


async def _disconnected(request: "Request") -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
