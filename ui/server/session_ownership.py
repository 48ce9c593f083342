"""Check every call of a page's function: its session, its files, and what the caller's role may do.

Gradio believes the caller about the session and the paths of files, and calls any function of the page by its number.
Where there are users, a session belongs to who used it first, and functions that need more than a reader are refused to
readers, whether their buttons can be seen or not. Where there is a key, functions meant for programs need it however
they are called. A file is accepted only where the caller uploaded it: Gradio would fetch one that is an address.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from ui.auth.access import NO_KEY, sends_key
from ui.auth.error_response import error_response
from ui.auth.middleware import AsgiApp, Receive, Scope, Send, address_of
from ui.core.gradio_behaviours import PageFunction
from ui.core.roles import ACCOUNT_KEY, ROLE_KEY, Action, Role, may
from ui.server.session_uploads import SessionUploads, file_paths

_API_PREFIX = "/gradio_api/"
_NAMED_CALL = re.compile(r"/gradio_api/(?:run|api|call|call/v2)/([^/]+)/?")
_PROGRAM_PATHS = re.compile(r"/gradio_api/(?:(?:run|api|call)/.*|info/?|openapi\.json)")
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([^/]+)")
_MAX_SESSIONS = 100_000  # sessions whose owners are remembered; the oldest are dropped first
_FOREIGN_SESSION = "This session is somebody else's. Reload the page."
_ROLE_TOO_LOW = "Your role may not do that. Ask an admin."
_NOT_UPLOADED = "A file has to be uploaded first, by who sends it. Addresses are not fetched."


PageFunctions = Callable[[], Iterable[PageFunction]]


class SessionOwnership:
    """Checks calls before they reach Gradio. ``needs`` maps the numbers of functions to the actions they are."""

    def __init__(self, app: AsgiApp, needs: Mapping[int, Action], functions: PageFunctions, key: str = "") -> None:
        self._app = app
        self._needs = needs
        self._functions = functions
        self._key = key
        self._uploads = SessionUploads()
        self._owners: dict[str, str] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not scope["path"].startswith(_API_PREFIX):
            await self._app(scope, receive, send)
            return
        account = scope.get(ACCOUNT_KEY, "")
        if _PROGRAM_PATHS.fullmatch(scope["path"]) and self._lacks_key(scope):
            await error_response(scope, send, NO_KEY.status, NO_KEY.message)
            return
        sessions = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [])
        if beat := _HEARTBEAT.match(scope["path"]):
            sessions.append(beat[1])
        if scope["path"].startswith(f"{_API_PREFIX}upload"):
            send = self._uploads.noted(account or address_of(scope), send)
        elif scope["method"] == "POST":
            body = await _read_body(receive)
            payload = _parse_body(body)
            session = str(payload.get("session_hash", ""))
            sessions += [session] if session else []
            if denied := self._denied(scope, payload, session):
                await error_response(scope, send, *denied)
                return
            receive = _replay(body, receive)
        if account and not all(self._owns(account, session) for session in sessions):
            await error_response(scope, send, 403, _FOREIGN_SESSION)
            return
        await self._app(scope, receive, send)

    def _denied(self, scope: Scope, payload: Mapping[str, Any], session: str) -> tuple[int, str] | None:
        """Return the status and the reason why the call is refused; None where it is not."""
        account = scope.get(ACCOUNT_KEY, "")
        called = self._called(scope, payload)
        role = Role(scope.get(ROLE_KEY, Role.READER))
        if not all(may(role, self._needs[f.number]) for f in called if f.number in self._needs):
            return 403, _ROLE_TOO_LOW
        if any(f.named for f in called) and self._lacks_key(scope):
            return NO_KEY.status, NO_KEY.message
        owner = account or address_of(scope)
        if not all(self._uploads.owns(owner, session, path) for path in file_paths(payload)):
            return 403, _NOT_UPLOADED
        return None

    def _lacks_key(self, scope: Scope) -> bool:
        return bool(self._key) and not scope.get(ACCOUNT_KEY, "") and not sends_key(self._key, scope)

    def _owns(self, account: str, session: str) -> bool:
        with self._lock:
            owner = self._owners.setdefault(session, account)
            while len(self._owners) > _MAX_SESSIONS:
                del self._owners[next(iter(self._owners))]
        return owner == account

    def _called(self, scope: Scope, payload: Mapping[str, Any]) -> list[PageFunction]:
        number, named = _function_number(payload.get("fn_index")), _NAMED_CALL.fullmatch(scope["path"])
        return [f for f in self._functions() if f.number == number or (named and f.name == named[1])]


async def _read_body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives ``body`` once more, then what comes after it."""
    given = False

    async def again() -> Scope:
        nonlocal given
        if given:
            return dict(await receive())
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _parse_body(body: bytes) -> Mapping[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _function_number(value: object) -> int | None:
    """Return the number as Gradio will read it: it accepts ``5``, ``5.0`` and ``"5"``."""
    try:
        return int(float(value)) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
