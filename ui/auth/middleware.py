"""The gate before every door: who comes in, by a session or by name and password, and as what."""

import base64
import binascii
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from ui.auth.access import has_key
from ui.auth.cut_off import pass_while
from ui.auth.replies import reply
from ui.auth.sessions import NotNowError, SignedIn
from ui.auth.users_file import User
from ui.core.roles import ACCOUNT_KEY, ROLE_KEY, USER_KEY, Action, Role, may

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "onrecord"
OPEN = frozenset({"/alive", "/health", "/api/v1/health", "/login", "/favicon.ico", "/robots.txt"})
_UPLOAD = "/gradio_api/upload"


class Gate:
    """Lets in who is signed in, and says who they are in the request's scope; the others are sent to sign in.

    Where there are no users everybody comes in as an admin, for whom alone the machine is then meant. A program may
    send its name and password as ``Authorization: Basic`` (RFC 7617), or ``Bearer NAME:PASSWORD`` where it knows
    nothing but keys; the server's ``key`` is never taken for these. Paths that begin with one of ``keyed`` check that
    key and pass. A reply that still goes on when the session has ended is broken off.
    """

    def __init__(
        self,
        app: Asgi,
        signed_in: SignedIn | None,
        root_path: str = "",
        keyed: tuple[str, ...] = (),
        key: str = "",
    ) -> None:
        self._app = app
        self._signed_in = signed_in
        self._root = root_path.rstrip("/")
        self._keyed = keyed
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if self._signed_in is None:
            await self._app({**scope, USER_KEY: "", ACCOUNT_KEY: "", ROLE_KEY: str(Role.ADMIN)}, receive, send)
            return
        try:
            user, stands = await self._who(self._signed_in, scope)
        except NotNowError as wait:
            await reply(scope, send, wait.status, str(wait), {"retry-after": str(wait.seconds)})
            return
        path = scope["path"]
        if user is not None and path.startswith(_UPLOAD) and not may(user.role, Action.LIBRARY):
            await reply(scope, send, 403, "Only editors and admins may upload files.")
        elif user is not None:
            who = {USER_KEY: user.name, ACCOUNT_KEY: user.id, ROLE_KEY: str(user.role)}
            await pass_while(stands, self._app, {**scope, **who}, receive, send)
        elif path in OPEN or any(path == start or path.startswith(f"{start}/") for start in self._keyed):
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] in {"GET", "HEAD"} and "text/html" in header(scope, "accept"):
            await reply(scope, send, 303, "Sign in first.", {"location": f"{self._root}/login"})
        else:
            await reply(scope, send, 401, "Sign in first, or send a name and a password as Basic authorization.")

    async def _who(self, signed_in: SignedIn, scope: Scope) -> tuple[User | None, Callable[[], bool]]:
        """Who sent the request, and what tells whether they still may. Raises NotNowError."""
        token = token_of(scope)
        user = signed_in.user(token) if token else None
        if user is not None:
            return user, lambda: signed_in.user(token) is not None
        # Where everybody comes in no password is asked for, and none is hashed.
        sent = None if scope["path"] in OPEN or has_key(self._key, scope) else _sent(header(scope, "authorization"))
        if sent is not None:
            user = await signed_in.with_password(*sent, address_of(scope))
        return user, lambda: user is not None and signed_in.stands(user)


def token_of(scope: Scope) -> str:
    """The session that the request's cookie names; empty where there is none."""
    try:
        held = SimpleCookie(header(scope, "cookie")).get(COOKIE)
    except CookieError:
        return ""
    return held.value if held else ""


def header(scope: Scope, name: str) -> str:
    """A header of the request; empty where it was not sent."""
    wanted = name.encode()
    return "; ".join(value.decode("latin-1") for key, value in scope["headers"] if key == wanted)


def address_of(scope: Scope) -> str:
    """Where the request comes from. Uvicorn has read the proxy's headers, of proxies it trusts."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _sent(authorization: str) -> tuple[str, str] | None:
    """The name and the password in an ``Authorization`` header."""
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
