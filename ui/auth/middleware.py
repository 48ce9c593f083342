"""The middleware that lets in who is signed in, by a session or by name and password."""

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ui.auth.access import sends_key
from ui.auth.error_response import error_response
from ui.auth.sessions import SessionManager, SignInDelayedError
from ui.auth.users_file import User
from ui.core.roles import ACCOUNT_KEY, ROLE_KEY, USER_KEY, Action, Role, may
from ui.logs.setup import log_event

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "onrecord"
PUBLIC_PATHS = frozenset({"/alive", "/health", "/api/v1/health", "/login", "/favicon.ico", "/robots.txt"})
_UPLOAD = "/gradio_api/upload"


class AuthMiddleware:
    """Lets in who is signed in, and notes who they are in the request's scope; others are sent to sign in.

    Without users everybody comes in as an admin: the machine is then theirs alone. A program may send its name and
    password as ``Authorization: Basic`` (RFC 7617), or ``Bearer NAME:PASSWORD`` where it knows nothing but keys; the
    server's ``key`` is never taken for these. Paths that begin with one of ``keyed`` check that key themselves and
    pass. A response that is still being sent when the session ends is cut off.
    """

    def __init__(
        self,
        app: AsgiApp,
        sessions: SessionManager | None,
        root_path: str = "",
        keyed: tuple[str, ...] = (),
        key: str = "",
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._root = root_path.rstrip("/")
        self._keyed = keyed
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if self._sessions is None:
            await self._app({**scope, USER_KEY: "", ACCOUNT_KEY: "", ROLE_KEY: str(Role.ADMIN)}, receive, send)
            return
        try:
            user, is_current = await self._who(self._sessions, scope)
        except SignInDelayedError as wait:
            await error_response(scope, send, wait.status, str(wait), {"retry-after": str(wait.seconds)})
            return
        path = scope["path"]
        if user is not None and path.startswith(_UPLOAD) and not may(user.role, Action.LIBRARY):
            await error_response(scope, send, 403, "Only editors and admins may upload files.")
        elif user is not None:
            who = {USER_KEY: user.name, ACCOUNT_KEY: user.id, ROLE_KEY: str(user.role)}
            await stream_while(is_current, self._app, {**scope, **who}, receive, send)
        elif path in PUBLIC_PATHS or any(path == start or path.startswith(f"{start}/") for start in self._keyed):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and "text/html" in header(scope, "accept"):
            await error_response(scope, send, 303, "Sign in first.", {"location": f"{self._root}/login"})
        else:
            await error_response(
                scope, send, 401, "Sign in first, or send a name and a password as Basic authorization."
            )

    async def _who(self, sessions: SessionManager, scope: Scope) -> tuple[User | None, Callable[[], bool]]:
        """Return who sent the request, and a function that tells whether they still may. Raises SignInDelayedError."""
        token = token_of(scope)
        user = sessions.user(token) if token else None
        if user is not None:
            return user, lambda: sessions.user(token) is not None
        # Public paths need no password, so none is hashed.
        credentials = (
            None
            if scope["path"] in PUBLIC_PATHS or sends_key(self._key, scope)
            else _credentials(header(scope, "authorization"))
        )
        if credentials is not None:
            user = await sessions.authenticate(*credentials, address_of(scope))
        return user, lambda: user is not None and sessions.is_current(user)


def token_of(scope: Scope) -> str:
    """Return the session token in the request's cookie; empty where there is none."""
    try:
        morsel = SimpleCookie(header(scope, "cookie")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def header(scope: Scope, name: str) -> str:
    """Return a header of the request; empty where it was not sent."""
    wanted = name.encode()
    return "; ".join(value.decode("latin-1") for key, value in scope["headers"] if key == wanted)


def address_of(scope: Scope) -> str:
    """Return the address of the request. Uvicorn has already read the headers of trusted proxies."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _credentials(authorization: str) -> tuple[str, str] | None:
    """Return the name and the password in an ``Authorization`` header."""
    kind, _, value = authorization.partition(" ")
    value = value.strip()
    if kind.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            return None
    elif kind.lower() != "bearer":
        return None
    name, colon, password = value.partition(":")
    return (name, password) if colon else None


_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


class StreamEndedError(Exception):
    """The reader may not read the rest of the stream."""


async def stream_while(
    is_current: Callable[[], bool], app: _App, scope: _Message, receive: _Receive, send: _Send
) -> None:
    """Let ``app`` answer, and end its response at the first part sent after ``is_current()`` became false.

    A response of known length is sent to its end, which is near.
    """
    streams = ended = False

    async def checked(message: _Message) -> None:
        nonlocal streams, ended
        if message["type"] == "http.response.start":
            streams = all(name.lower() != b"content-length" for name, _ in message["headers"])
        elif streams and not ended and message.get("more_body", False) and not is_current():
            ended = True
            await send({"type": "http.response.body", "body": b""})
            log_event("stream ended", reason="the session that it was sent to has ended")
        if ended:
            raise StreamEndedError
        await send(message)

    try:
        await app(scope, receive, checked)
    except Exception:
        # Any error that the app raised because its stream was ended.
        if not ended:
            raise
