"""What happens when a reader judges an answer, or makes a case of it. What the page sends may be anything."""

import logging
from collections.abc import Mapping

from index.errors import OnrecordError
from ui.core.protocols import Feedback, Library
from ui.web.chat.state import Exchange, Talk, history, is_waiting, judged
from ui.web.feedback import opinion as opinions
from ui.web.feedback.opinion import Opinion

_log = logging.getLogger(__name__)
_WRONG = "Something went wrong, and nothing was kept. The server's log says what."


def rate(talk: Talk, sent: Mapping[str, object]) -> Talk:
    """``sent`` names the answer (``turn``) and says whether it is ``good``."""
    exchange, good = _exchange(talk, sent), sent.get("good")
    if exchange is None or not isinstance(good, bool):
        return talk
    return _judged(talk, sent, opinions.rated(exchange.opinion, good))


def open_form(talk: Talk, sent: Mapping[str, object]) -> Talk:
    """Open the form of the case made of the answer ``sent`` names, or close it when it is open."""
    exchange = _exchange(talk, sent)
    if exchange is None:
        return talk
    change = opinions.closed if exchange.opinion.editing else opinions.opened
    return _judged(talk, sent, change(exchange.opinion))


def keep(talk: Talk, sent: Mapping[str, object], feedback: Feedback, library: Library) -> Talk:
    """Keep the case as the form has it (``edits``); never raises, what goes wrong is told in the form."""
    exchange, edits = _exchange(talk, sent), sent.get("edits")
    if exchange is None or exchange.answer is None or not isinstance(edits, Mapping):
        return talk
    opinion = exchange.opinion
    if opinion.good is None or not opinion.editing:
        return talk
    before = history(talk[: _turn(sent)])
    try:
        path = feedback(exchange.answer, opinion.good, edits, history=before, read=library.document)
        opinion = opinions.kept(opinion, f"Kept as a case in {path}")
    except OnrecordError as error:
        opinion = opinions.refused(opinion, str(error))
    except Exception:
        _log.exception("A case could not be kept")
        opinion = opinions.refused(opinion, _WRONG)
    return _judged(talk, sent, opinion)


def _exchange(talk: Talk, sent: Mapping[str, object]) -> Exchange | None:
    """The finished exchange that the page means; none while an answer is still coming."""
    turn = _turn(sent)
    if is_waiting(talk) or not 0 <= turn < len(talk) or not talk[turn].finished:
        return None
    return talk[turn]


def _judged(talk: Talk, sent: Mapping[str, object], opinion: Opinion) -> Talk:
    return judged(talk, _turn(sent), opinion)


def _turn(sent: Mapping[str, object]) -> int:
    turn = sent.get("turn")
    return turn if isinstance(turn, int) and not isinstance(turn, bool) else -1
