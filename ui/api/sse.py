"""Server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_QUIET = 15.0  # seconds without a word after which proxies begin to give up
_STILL_HERE = ": still working\n\n"


class EventStream(StreamingResponse):
    """Sends events as they come, and closes their source when the client leaves."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[str, None]) -> None:
        self._events = events
        self._sent = _kept_alive(events)
        super().__init__(self._sent, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the events end or the client is gone."""
        async with aclosing(self._events), aclosing(self._sent):
            await super().__call__(scope, receive, send)


def event(data: Any, name: str = "") -> str:
    """One event with JSON as its data."""
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # A half of a character cannot be sent; JSON's own line ends are escaped, so the data is one line.
    line = f"data: {told.encode('utf-8', 'replace').decode()}\n\n"
    return f"event: {name}\n{line}" if name else line


def event_schema(*names: str) -> dict[str, Any]:
    """What the OpenAPI says of one event."""
    fields = {"event": {"type": "string", "enum": list(names)}, "data": {"type": "string"}}
    return {"type": "object", "properties": fields, "required": ["data"]}


async def _kept_alive(events: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_QUIET)
            if not done:
                yield _STILL_HERE
                continue
            one = coming.result()
            if one is None:
                return
            yield one
            coming = asyncio.ensure_future(anext(events, None))
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
