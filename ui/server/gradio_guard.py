"""Close every route of Gradio that the page does not need, and limit the size of requests."""

import re
from collections.abc import Callable

from ui.auth.error_response import error_response
from ui.auth.middleware import AsgiApp, Receive, Scope, Send, header

_MEGABYTE = 1_000_000
_MAX_PLAIN_BYTES = 4 * _MEGABYTE  # bytes of a request other than an upload
_UPLOAD_PATH = "/gradio_api/upload"

_READ_METHODS = frozenset({"GET", "HEAD"})
_POST_METHODS = frozenset({"POST"})
# Gradio serves more: fetching other addresses, files, live code, recordings, counters of use, functions that
# components add. What an upgrade of Gradio adds is closed until it is listed here.
_ALLOWED_ROUTES: tuple[tuple[frozenset[str], "re.Pattern[str]"], ...] = (
    (_READ_METHODS, re.compile(r"/|/config/?|/theme\.css|/manifest\.json|/favicon\.ico|/robots\.txt")),
    (_READ_METHODS, re.compile(r"/(?:assets|static|svelte)/.+")),
    (
        _READ_METHODS,
        re.compile(r"/gradio_api/(?:info/?|openapi\.json|app_id/?|theme\.css|startup-events|upload_progress)"),
    ),
    (_READ_METHODS, re.compile(r"/gradio_api/(?:heartbeat/[^/]+|queue/data|queue/status)")),
    (_READ_METHODS, re.compile(r"/gradio_api/call/(?:v2/)?[^/]+/[^/]+")),
    (_POST_METHODS, re.compile(r"/gradio_api/(?:queue/join|cancel|reset/?|upload)")),
    (_POST_METHODS, re.compile(r"/gradio_api/(?:run|api|call|call/v2)/[^/]+/?")),
)


def is_open(method: str, path: str) -> bool:
    """Return whether the page needs ``path`` of Gradio."""
    return any(method in methods and pattern.fullmatch(path) for methods, pattern in _ALLOWED_ROUTES)


class TooLargeError(Exception):
    """The body is larger than accepted."""


class GradioGuard:
    """Answers 404 for closed routes, and 413 for bodies larger than accepted: ``upload`` bytes for an upload.

    ``ours`` tells whether a route of our own answers a request; these are open.
    """

    def __init__(
        self, app: AsgiApp, upload: int, plain: int = _MAX_PLAIN_BYTES, ours: Callable[[Scope], bool] | None = None
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
            await error_response(scope, send, 404, "There is nothing here.")
            return
        limit = self._upload if scope["path"].startswith(_UPLOAD_PATH) else self._plain
        too_large = f"That is more than the {max(1, limit // _MEGABYTE)} MB that are taken at once. Send less."
        if _content_length(scope) > limit:
            await error_response(scope, send, 413, too_large)
            return
        await _limit_body(self._app, scope, receive, send, limit=limit, too_large=too_large)


async def _limit_body(app: AsgiApp, scope: Scope, receive: Receive, send: Send, *, limit: int, too_large: str) -> None:
    """Pass the body on until it is too large; the app's own answer to a body that breaks off is replaced by ours."""
    received = 0
    answered = False

    async def counted() -> Scope:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLargeError
        return dict(message)

    async def watched(message: Scope) -> None:
        nonlocal answered
        if received <= limit:
            await send(message)
        elif not answered:
            answered = True
            await error_response(scope, send, 413, too_large)

    try:
        await app(scope, counted, watched)
    except TooLargeError:
        await watched({})


def _content_length(scope: Scope) -> int:
    length = header(scope, "content-length")
    return int(length) if length.isdecimal() else 0
