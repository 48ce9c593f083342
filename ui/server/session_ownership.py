"""Check calls into the page: each in a session of the caller's, with the caller's files, and what their role may do.

Gradio takes the session and the paths of files from the caller's word, and calls any function of the page by its
number. Where there are users, a session belongs to who used it first, and functions that need more than a reader are
kept from readers, whether their buttons can be seen or not. Where there is a key, functions meant for programs need it
however they are called. A file is taken only where the caller uploaded it: Gradio would fetch one that is an address.
"""

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ui.auth.access import has_key
from ui.auth.middleware import Asgi, Receive, Scope, Send, address_of
from ui.auth.replies import reply
from ui.core.roles import ACCOUNT_KEY, ROLE_KEY, Action, Role, may
from ui.server.session_uploads import SessionUploads, file_paths

_API = "/gradio_api/"
_NAMED = re.compile(r"/gradio_api/(?:run|api|call|call/v2)/([^/]+)/?")
_HEARTBEAT = re.compile(r"/gradio_api/heartbeat/([^/]+)")
_MOST = 100_000  # sessions whose owners are known; the oldest go first
_THEIRS = "This session is somebody else's. Reload the page."
_NOT_YOURS = "Your role may not do that. Ask an admin."
_NO_KEY = "Send the server's key as `Authorization: Bearer …`."
_NO_UPLOAD = "A file has to be uploaded first, by who sends it. Addresses are not fetched."


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the page; ``named`` says that it is meant for programs."""

    number: int
    name: str
    named: bool = False


Functions = Callable[[], Iterable[Function]]


class Calls:
    """Checks calls before they reach Gradio. ``needs`` are the actions that functions are, by number."""

    def __init__(self, app: Asgi, needs: Mapping[int, Action], functions: Functions, key: str = "") -> None:
        self._app = app
        self._needs = needs
        self._functions = functions
        self._key = key
        self._uploads = SessionUploads()
        self._owners: dict[str, str] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        account = scope.get(ACCOUNT_KEY, "")
        sessions = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [])
        if beat := _HEARTBEAT.match(scope["path"]):
            sessions.append(beat[1])
        if scope["path"].startswith(f"{_API}upload"):
            send = self._uploads.noted(account or address_of(scope), send)
        elif scope["method"] == "POST":
            body = await _whole(receive)
            said = _read(body)
            session = str(said.get("session_hash", ""))
            sessions += [session] if session else []
            if denied := self._denied(scope, said, session):
                await reply(scope, send, *denied)
                return
            receive = _again(body, receive)
        if account and not all(self._owns(account, session) for session in sessions):
            await reply(scope, send, 403, _THEIRS)
            return
        await self._app(scope, receive, send)

    def _denied(self, scope: Scope, said: Mapping[str, Any], session: str) -> tuple[int, str] | None:
        """The status and the reason why the call may not be made; None where it may."""
        account = scope.get(ACCOUNT_KEY, "")
        called = self._called(scope, said)
        role = Role(scope.get(ROLE_KEY, Role.READER))
        if not all(may(role, self._needs[f.number]) for f in called if f.number in self._needs):
            return 403, _NOT_YOURS
        if self._key and not account and any(f.named for f in called) and not has_key(self._key, scope):
            return 401, _NO_KEY
        owner = account or address_of(scope)
        if not all(self._uploads.owns(owner, session, path) for path in file_paths(said)):
            return 403, _NO_UPLOAD
        return None

    def _owns(self, account: str, session: str) -> bool:
        with self._lock:
            owner = self._owners.setdefault(session, account)
            while len(self._owners) > _MOST:
                del self._owners[next(iter(self._owners))]
        return owner == account

    def _called(self, scope: Scope, said: Mapping[str, Any]) -> list[Function]:
        number, named = _number(said.get("fn_index")), _NAMED.fullmatch(scope["path"])
        return [f for f in self._functions() if f.number == number or (named and f.name == named[1])]


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
