"""What of Gradio is open, which is what the page needs and no more, and how large a request may be."""

import re
from collections.abc import Callable

from ui.auth.middleware import Asgi, Receive, Scope, Send, header
from ui.auth.replies import reply

_MEGABYTE = 1_000_000
_PLAIN = 4 * _MEGABYTE  # bytes of a request that is no upload
_UPLOAD = "/gradio_api/upload"

_READ = frozenset({"GET", "HEAD"})
_POST = frozenset({"POST"})
# Gradio serves more: fetching other addresses, files, live code, recordings, counters of use, functions that
# components bring along. What an upgrade adds is closed until it stands here.
_OPEN: tuple[tuple[frozenset[str], "re.Pattern[str]"], ...] = (
    (_READ, re.compile(r"/|/config/?|/theme\.css|/manifest\.json|/favicon\.ico|/robots\.txt")),
    (_READ, re.compile(r"/(?:assets|static|svelte)/.+")),
    (_READ, re.compile(r"/gradio_api/(?:info/?|openapi\.json|app_id/?|theme\.css|startup-events|upload_progress)")),
    (_READ, re.compile(r"/gradio_api/(?:heartbeat/[^/]+|queue/data|queue/status)")),
    (_READ, re.compile(r"/gradio_api/call/(?:v2/)?[^/]+/[^/]+")),
    (_POST, re.compile(r"/gradio_api/(?:queue/join|cancel|reset/?|upload)")),
    (_POST, re.compile(r"/gradio_api/(?:run|api|call|call/v2)/[^/]+/?")),
)


def is_open(method: str, path: str) -> bool:
    """Say whether the page needs ``path`` of Gradio."""
    return any(method in methods and pattern.fullmatch(path) for methods, pattern in _OPEN)


class TooLargeError(Exception):
    """The body goes on after the most that is taken."""


class Closed:
    """Answers 404 for what is not open, and 413 for bodies larger than is taken: ``upload`` bytes for an upload.

    ``ours`` says whether a route of our own answers a request; these are open.
    """

    def __init__(
        self, app: Asgi, upload: int, plain: int = _PLAIN, ours: Callable[[Scope], bool] | None = None
    ) -> None:
        self._app = app
        self._upload = upload
        self._plain = plain
        self._ours = ours or (lambda scope: False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http" or not (is_open(scope["method"], scope["path"]) or self._ours(scope)):
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
            raise TooLargeError
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
    except TooLargeError:
        await watched({})


def _length(scope: Scope) -> int:
    said = header(scope, "content-length")
    return int(said) if said.isdecimal() else 0
