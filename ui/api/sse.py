"""Server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_KEEP_ALIVE_SECONDS = 15.0  # seconds of silence after which proxies begin to give up
_KEEP_ALIVE = format_sse_event(comment="still working").decode()


class EventStream(StreamingResponse):
    """Sends events as they come, and closes their source when the client leaves."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[str, None]) -> None:
        self._events = events
        self._sent = _with_keep_alive(events)
        super().__init__(self._sent, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events end or the client is gone."""
        async with aclosing(self._events), aclosing(self._sent):
            await super().__call__(scope, receive, send)


def event(data: Any, name: str = "") -> str:
    """Return one event with JSON as its data."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # Lone surrogates cannot be sent; JSON escapes its own line ends, so the data is one line.
    return format_sse_event(data_str=text.encode("utf-8", "replace").decode(), event=name or None).decode()


def event_schema(*names: str) -> dict[str, Any]:
    """Return what the OpenAPI says of one event."""
    fields = {"event": {"type": "string", "enum": list(names)}, "data": {"type": "string"}}
    return {"type": "object", "properties": fields, "required": ["data"]}


async def _with_keep_alive(events: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_KEEP_ALIVE_SECONDS)
            if not done:
                yield _KEEP_ALIVE
                continue
            one = coming.result()
            if one is None:
                return
            yield one
            coming = asyncio.ensure_future(anext(events, None))
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
