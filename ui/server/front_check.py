"""Check the host name and the origin of every request before anything else reads it.

The interfaces for programs make the same check themselves, to tell of it in their own form; everything else, Gradio's
routes and whatever is added later, is checked here.
"""

import re

from ui.auth.access import Access, page_denial
from ui.auth.middleware import Asgi, Receive, Scope, Send
from ui.auth.replies import reply

_ALWAYS = frozenset({"/alive", "/health", "/api/v1/health"})  # asked by load balancers, under any name
PROGRAMS = re.compile(r"/gradio_api/(?:(?:run|api|call)/.*|info/?|openapi\.json)")


class FrontCheck:
    """Refuses requests under unknown host names and from pages of other sites.

    ``accounts`` says that whoever comes has to sign in. Paths that begin with one of ``own`` make the check themselves.
    """

    def __init__(self, app: Asgi, access: Access, *, accounts: bool, own: tuple[str, ...] = ()) -> None:
        self._app = app
        self._access = access
        self._accounts = accounts
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or say why not."""
        if scope["type"] not in {"http", "websocket"} or self._checks_itself(scope["path"]):
            await self._app(scope, receive, send)
            return
        program = PROGRAMS.fullmatch(scope["path"]) is not None
        failure = page_denial(self._access, scope, accounts=self._accounts, program=program)
        if failure is None:
            await self._app(scope, receive, send)
        else:
            await reply(scope, send, failure.status, failure.message)

    def _checks_itself(self, path: str) -> bool:
        return path in _ALWAYS or any(path == start or path.startswith(f"{start}/") for start in self._own)
