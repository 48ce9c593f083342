"""Read a reply in a thread of its own, since a read that waits cannot be asked to stop."""

import queue
import threading
from collections.abc import Callable, Iterator

from rag.llm.backend import Piece
from rag.llm.cancellable_request import Call
from rag.llm.errors import Failure, failure

End = Failure | None
_AHEAD = 64  # pieces read before the reader of the answer takes them
_NAP = 0.1


def read_aside(start: Callable[[], Iterator[Piece]], call: Call) -> "queue.Queue[Piece | End]":
    """Pieces as they come, then None or the Failure that ended them. The thread goes once ``call`` is ended."""
    coming: queue.Queue[Piece | End] = queue.Queue(_AHEAD)

    def put(what: Piece | End) -> bool:
        while not call.ended:
            try:
                coming.put(what, timeout=_NAP)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        end: End = None
        try:
            for piece in start():
                if not put(piece):
                    break
        except Exception as error:  # whatever a library makes of a server's nonsense, it ends this request alone
            end = failure(error, call)
        put(end)

    threading.Thread(target=read, name="onrecord-model", daemon=True).start()
    return coming
