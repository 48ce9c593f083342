"""Remember which files were uploaded, by whom and for which session, so that a call can name no others.

Gradio lets a call name any file of its upload folder, and downloads a path that is an address.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator

from ui.auth.middleware import Scope, Send

_MAX_UPLOADS = 100_000  # uploads that are remembered; the oldest are dropped first
_MAX_DEPTH = 50  # levels of a call's values that are searched


class SessionUploads:
    """The uploads by their owner, an account or an address. The first session that names one keeps it."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def noted(self, owner: str, send: Send) -> Send:
        """Wrap ``send`` for the response to an upload, which lists the paths of the files, to remember them."""
        body = b""

        async def sending(message: Scope) -> None:
            nonlocal body
            if message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    self._note(owner, body)
            await send(message)

        return sending

    def owns(self, owner: str, session: str, path: str) -> bool:
        """Return whether ``path`` is an upload of this owner that no other session has named."""
        with self._lock:
            owner_session = self._sessions.get((owner, path))
            if owner_session == "":
                self._sessions[owner, path] = owner_session = session
        return owner_session is not None and owner_session == session

    def _note(self, owner: str, body: bytes) -> None:
        try:
            payload = json.loads(body)
        except ValueError:
            return
        with self._lock:
            for path in payload if isinstance(payload, list) else ():
                # The same bytes uploaded again have the same path, so they belong to whoever names them next.
                self._sessions[owner, str(path)] = ""
                self._sessions.move_to_end((owner, str(path)))
            while len(self._sessions) > _MAX_UPLOADS:
                self._sessions.popitem(last=False)


def file_paths(payload: object, depth: int = 0) -> Iterator[str]:
    """Yield every path that a call's values name as a file: that of any object with a ``path``, at any depth.

    A value nested too deeply is yielded as an empty path, which nobody uploaded.
    """
    if depth > _MAX_DEPTH:
        yield ""
    elif isinstance(payload, dict):
        if "path" in payload:
            yield str(payload["path"])
        for value in payload.values():
            yield from file_paths(value, depth + 1)
    elif isinstance(payload, list):
        for value in payload:
            yield from file_paths(value, depth + 1)
