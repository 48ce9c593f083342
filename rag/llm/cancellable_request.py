"""One request under way, which another thread can end."""

import threading
from collections.abc import Callable


class Call:
    """What is known of a request while it runs. Ending it twice does nothing.

    ``status`` is the HTTP status once there is one, else 0; ``retry_after`` what the server asked to wait.
    """

    def __init__(self) -> None:
        self.status = 0
        self.retry_after = ""
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._undo: list[Callable[[], None]] = []

    @property
    def ended(self) -> bool:
        """Whether nobody waits for the reply any more."""
        return self._ended.is_set()

    def when_ended(self, undo: Callable[[], None]) -> None:
        """Have ``undo`` called when the request is ended, at once if it is."""
        with self._lock:
            if not self.ended:
                self._undo.append(undo)
                return
        undo()

    def end(self) -> None:
        """Stop the request, wherever it is."""
        with self._lock:
            self._ended.set()
            undo, self._undo = self._undo, []
        for one in undo:
            one()
