"""Check the host name and the origin of every request before anything else reads it.

The interfaces for programs make the same check themselves, to answer in their own format; everything else, Gradio's
routes and whatever is added later, is checked here.
"""

from ui.auth.access import Access, page_denial
from ui.auth.error_response import error_response
from ui.auth.middleware import AsgiApp, Receive, Scope, Send

_HEALTH_PATHS = frozenset({"/alive", "/health", "/api/v1/health"})  # asked by load balancers, under any name


class OriginMiddleware:
    """Refuses requests under unknown host names and from pages of other sites.

    ``accounts`` is true where visitors have to sign in. Paths that begin with one of ``own`` make the check themselves.
    """

    def __init__(self, app: AsgiApp, access: Access, *, accounts: bool, own: tuple[str, ...] = ()) -> None:
        self._app = app
        self._access = access
        self._accounts = accounts
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or answer why not."""
        if scope["type"] not in {"http", "websocket"} or self._checks_itself(scope["path"]):
            await self._app(scope, receive, send)
            return
        failure = page_denial(self._access, scope, accounts=self._accounts)
        if failure is None:
            await self._app(scope, receive, send)
        else:
            await error_response(scope, send, failure.status, failure.message)

    def _checks_itself(self, path: str) -> bool:
        return path in _HEALTH_PATHS or any(path == start or path.startswith(f"{start}/") for start in self._own)
