"""The state that everything in one chat server shares: the queues, the cancel registry and the log."""

from dataclasses import dataclass, field

from ui.core.cancel import CancelRegistry
from ui.core.queue import FairQueue
from ui.core.roles import Action
from ui.logs.question_log import QuestionLog, unlogged


def _read_queue() -> FairQueue:
    return FairQueue(what="requests")


@dataclass(frozen=True, slots=True)
class AppState:
    """The shared state of one chat server. All work for a visitor passes one of its two queues.

    ``queue`` is for work that runs a model: questions, searches, follow-up questions, evaluations. ``read_queue`` is
    for work that only reads documents and conversations, so that nobody waits for another's answer to see a source;
    exporting a file is background work there, which never takes all the places. ``needs`` maps the number of a page's
    function to the action it needs, where that is more than asking.
    """

    queue: FairQueue = field(default_factory=FairQueue)
    cancels: CancelRegistry = field(default_factory=CancelRegistry)
    log: QuestionLog = unlogged
    needs: dict[int, Action] = field(default_factory=dict)
    read_queue: FairQueue = field(default_factory=_read_queue)

    @property
    def capacity(self) -> int:
        """The number of pieces of work that can be running or waiting at the same time."""
        return self.queue.capacity + self.read_queue.capacity
