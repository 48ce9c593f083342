"""Calls into the page: each in a session of one's own, and only what one's role may do.

Gradio takes the session from the caller's word, and calls any function of the page by its number. Where there are
users, a session belongs to who used it first, and functions that need more than a reader are kept from readers,
whether their buttons can be seen or not.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from ui.users.roles import ACCOUNT_KEY, ROLE_KEY, Action, Role, may
from ui.web.gate import Asgi, Receive, Scope, Send
from ui.web.replies import reply

_API = "/gradio_api/"
_NAMED = re.compile(r"/gradio_api/(?:run|api|call|call/v2)/([^/]+)/?")
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([^/]+)")
_MOST = 100_000  # sessions whose owners are known; the oldest go first
_THEIRS = "This session is somebody else's. Reload the page."
_NOT_YOURS = "Your role may not do that. Ask an admin."

Functions = Callable[[], Iterable[tuple[int, str]]]  # each function's number and name


class Calls:
    """Checks calls before they reach Gradio. ``needs`` are the actions that functions are, by number."""

    def __init__(self, app: Asgi, needs: Mapping[int, Action], functions: Functions) -> None:
        self._app = app
        self._needs = needs
        self._functions = functions
        self._owners: dict[str, str] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not scope["path"].startswith(_API) or not scope.get(ACCOUNT_KEY):
            await self._app(scope, receive, send)
            return
        sessions = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [])
        if beat := _HEARTBEAT.match(scope["path"]):
            sessions.append(beat[1])
        if scope["method"] == "POST" and not scope["path"].startswith(f"{_API}upload"):
            body = await _whole(receive)
            said = _read(body)
            if isinstance(said.get("session_hash"), str):
                sessions.append(said["session_hash"])
            if not self._allowed(scope, said):
                await reply(scope, send, 403, _NOT_YOURS)
                return
            receive = _again(body, receive)
        if not all(self._owns(scope[ACCOUNT_KEY], session) for session in sessions):
            await reply(scope, send, 403, _THEIRS)
            return
        await self._app(scope, receive, send)

    def _owns(self, account: str, session: str) -> bool:
        with self._lock:
            owner = self._owners.setdefault(session, account)
            while len(self._owners) > _MOST:
                del self._owners[next(iter(self._owners))]
        return owner == account

    def _allowed(self, scope: Scope, said: Mapping[str, Any]) -> bool:
        called = {_number(said.get("fn_index"))}
        if named := _NAMED.fullmatch(scope["path"]):
            called |= {number for number, name in self._functions() if name == named[1]}
        role = Role(scope[ROLE_KEY])
        return all(may(role, self._needs[number]) for number in called if number is not None and number in self._needs)


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives ``body`` once more, then what else comes."""
    given = False

    async def again() -> Scope:
        nonlocal given
        if given:
            return dict(await receive())
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _number(value: object) -> int | None:
    """The number that Gradio will read: it takes ``5``, ``5.0`` and ``"5"`` for one."""
    try:
        return int(float(value)) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
