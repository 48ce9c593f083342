"""Remember which files were uploaded, by whom and for which session, so that a call names no others.

Gradio lets a call name any file of its upload folder, and downloads a path that is an address.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator

from ui.auth.middleware import Scope, Send

_MOST = 100_000  # uploads that are remembered; the oldest go first
_DEEP = 50  # levels of a call's values that are looked through


class SessionUploads:
    """The uploads by their owner, an account or an address. The first session that names one keeps it."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._lock = threading.Lock()

    def noted(self, owner: str, send: Send) -> Send:
        """Wrap the sending of a reply to an upload, which lists the paths of the files, to remember them."""
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
        """Say whether ``path`` is an upload of this owner that no other session has named."""
        with self._lock:
            held = self._sessions.get((owner, path))
            if held == "":
                self._sessions[owner, path] = held = session
        return held is not None and held == session

    def _note(self, owner: str, body: bytes) -> None:
        try:
            said = json.loads(body)
        except ValueError:
            return
        with self._lock:
            for path in said if isinstance(said, list) else ():
                # Uploaded again, the same bytes have the same path and belong to whoever names them next.
                self._sessions[owner, str(path)] = ""
                self._sessions.move_to_end((owner, str(path)))
            while len(self._sessions) > _MOST:
                self._sessions.popitem(last=False)


def file_paths(said: object, depth: int = 0) -> Iterator[str]:
    """Yield every path that a call's values name as a file: that of any object with a ``path``, at any depth.

    One that lies too deep to be looked at is yielded as an empty path, which nobody uploaded.
    """
    if depth > _DEEP:
        yield ""
    elif isinstance(said, dict):
        if "path" in said:
            yield str(said["path"])
        for value in said.values():
            yield from file_paths(value, depth + 1)
    elif isinstance(said, list):
        for value in said:
            yield from file_paths(value, depth + 1)
