"""What everybody who asks shares: the line, what ends answers, and the log."""

from dataclasses import dataclass, field

from ui.core.cancel import Stops
from ui.core.queue import Line
from ui.core.roles import Action
from ui.logs.question_log import Log, unlogged


@dataclass(frozen=True, slots=True)
class Floor:
    """One for a chat. Each door into the pipeline goes through it, by ``in_turn``.

    ``needs`` says what functions of the page are, by number, where they are more than asking.
    """

    line: Line = field(default_factory=Line)
    stops: Stops = field(default_factory=Stops)
    log: Log = unlogged
    needs: dict[int, Action] = field(default_factory=dict)
