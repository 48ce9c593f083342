"""What Gradio serves and Onrecord does not need, closed; and no request larger than it has to be."""

import re

from ui.web.gate import Asgi, Receive, Scope, Send, header
from ui.web.replies import reply

_MEGABYTE = 1_000_000
_PLAIN = 4 * _MEGABYTE  # bytes of a request that is no upload
_UPLOAD = "/gradio_api/upload"

# Fetching other addresses, pages saved as files, live code, recordings, counters of use, and
# functions that components bring along.
_CLOSED = re.compile(
    r"/(gradio_api/(proxy=|file=\s*https?:|file=\s*//|deep_link|vibe-|dev/|process_recording|stream/|run-history|runs|"
    r"custom_component/|profiling/|token|component_server)|monitoring|pwa_icon)",
    re.IGNORECASE,
)


class TooLarge(Exception):  # noqa: N818
    """The body goes on after the most that is taken."""


class Closed:
    """Answers 404 for closed paths, and 413 for bodies larger than is taken: ``upload`` bytes for an upload."""

    def __init__(self, app: Asgi, upload: int, plain: int = _PLAIN) -> None:
        self._app = app
        self._upload = upload
        self._plain = plain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _CLOSED.match(scope["path"]):
            await reply(scope, send, 404, "There is nothing here.")
            return
        most = self._upload if scope["path"].startswith(_UPLOAD) else self._plain
        large = f"That is more than the {max(1, most // _MEGABYTE)} MB that are taken at once. Send less."
        if _length(scope) > most:
            await reply(scope, send, 413, large)
            return
        await _counted(self._app, scope, receive, send, most=most, large=large)


async def _counted(app: Asgi, scope: Scope, receive: Receive, send: Send, *, most: int, large: str) -> None:
    """Hand the body on until it is too large. The app's own words for a body that breaks off are replaced by ours."""
    seen = 0
    told = False

    async def counted() -> Scope:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLarge
        return dict(message)

    async def watched(message: Scope) -> None:
        nonlocal told
        if seen <= most:
            await send(message)
        elif not told:
            told = True
            await reply(scope, send, 413, large)

    try:
        await app(scope, counted, watched)
    except TooLarge:
        await watched({})


def _length(scope: Scope) -> int:
    said = header(scope, "content-length")
    return int(said) if said.isdecimal() else 0
