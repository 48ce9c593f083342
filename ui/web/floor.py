"""What everybody who wants something done shares: the lines, what ends answers, and the log."""

from dataclasses import dataclass, field

from ui.logs.asked import Log, unlogged
from ui.users.roles import Action
from ui.web.line import Line
from ui.web.stops import Stops


def _reading() -> Line:
    return Line(what="requests")


@dataclass(frozen=True, slots=True)
class Floor:
    """One for a chat. Whatever is done for a visitor is done in their turn, by ``in_turn`` or ``turn``.

    ``line`` stands before whatever runs a model: questions, searches, follow-ups, evaluations. ``reading`` stands
    before what only reads documents and conversations, so that nobody waits for an answer of somebody else to see a
    source; writing a file to take away is background work there, which never has all of its places. ``needs`` says
    what functions of the page are, by number, where they are more than asking.
    """

    line: Line = field(default_factory=Line)
    stops: Stops = field(default_factory=Stops)
    log: Log = unlogged
    needs: dict[int, Action] = field(default_factory=dict)
    reading: Line = field(default_factory=_reading)

    @property
    def most(self) -> int:
        """How much can be under way or wait at the same time."""
        return self.line.most + self.reading.most
