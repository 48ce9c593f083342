"""Judge an answer, or make a case of it. What the page sends may be anything."""

import logging
from collections.abc import Mapping

from index.errors import OnrecordError
from ui.core.protocols import Feedback, Library
from ui.logs.setup import SEE_LOG, WENT_WRONG
from ui.web.chat.state import ChatState, Exchange, history, is_waiting, with_opinion
from ui.web.feedback import opinion as opinions
from ui.web.feedback import words
from ui.web.feedback.opinion import Opinion

_log = logging.getLogger(__name__)
_WRONG = f"{WENT_WRONG}, and {words.NOTHING_KEPT}. {SEE_LOG}."


def rate(chat: ChatState, sent: Mapping[str, object]) -> ChatState:
    """Set whether the answer that ``sent`` names by ``turn`` is ``good``."""
    exchange, good = _exchange(chat, sent), sent.get("good")
    if exchange is None or not isinstance(good, bool):
        return chat
    return _judged(chat, sent, opinions.rated(exchange.opinion, good))


def open_form(chat: ChatState, sent: Mapping[str, object]) -> ChatState:
    """Open the form of the case for the answer that ``sent`` names, or close it when it is open."""
    exchange = _exchange(chat, sent)
    if exchange is None:
        return chat
    change = opinions.closed if exchange.opinion.editing else opinions.opened
    return _judged(chat, sent, change(exchange.opinion))


def keep(chat: ChatState, sent: Mapping[str, object], feedback: Feedback, library: Library) -> ChatState:
    """Keep the case as the form has it (``edits``). Never raises: errors are shown in the form."""
    exchange, edits = _exchange(chat, sent), sent.get("edits")
    if exchange is None or exchange.answer is None or not isinstance(edits, Mapping):
        return chat
    opinion = exchange.opinion
    if opinion.good is None or not opinion.editing:
        return chat
    before = history(chat[: _turn(sent)])
    try:
        path = feedback(exchange.answer, opinion.good, edits, history=before, read=library.document)
        opinion = opinions.kept(opinion, f"{words.KEPT_IN} {path}")
    except OnrecordError as error:
        opinion = opinions.refused(opinion, str(error))
    except Exception:
        _log.exception("A case could not be kept")
        opinion = opinions.refused(opinion, _WRONG)
    return _judged(chat, sent, opinion)


def _exchange(chat: ChatState, sent: Mapping[str, object]) -> Exchange | None:
    """Return the finished exchange that the page means; None while an answer is still coming."""
    turn = _turn(sent)
    if is_waiting(chat) or not 0 <= turn < len(chat) or not chat[turn].finished:
        return None
    return chat[turn]


def _judged(chat: ChatState, sent: Mapping[str, object], opinion: Opinion) -> ChatState:
    return with_opinion(chat, _turn(sent), opinion)


def _turn(sent: Mapping[str, object]) -> int:
    turn = sent.get("turn")
    return turn if isinstance(turn, int) and not isinstance(turn, bool) else -1
