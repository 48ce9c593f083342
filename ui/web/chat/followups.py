"""Follow-up questions under the last answer, worked out after it so that they never delay it."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from markupsafe import Markup

from index.errors import OnrecordError
from ui.core.protocols import SuggestQuestions
from ui.web.chat.source_filter import SourceFilter
from ui.web.chat.state import ChatState, history

_log = logging.getLogger(__name__)

_CHIPS = Markup('<nav class="followups" aria-label="Questions to go on with"><ul class="chips">{}</ul></nav>')
_CHIP = Markup('<li><button type="button" class="chip" dir="auto" data-followup="{0}">{0}</button></li>')


def followups_html(questions: Sequence[str]) -> Markup:
    """Return a chip for each question; nothing where there are none."""
    if not questions:
        return Markup("")
    return _CHIPS.format(Markup("").join(_CHIP.format(question) for question in questions))


def followups(
    suggest: SuggestQuestions,
    chat: ChatState,
    chosen: SourceFilter,
    stop: threading.Event,
    turn: Callable[[], AbstractContextManager[None]],
) -> Sequence[str]:
    """Return what can be asked after ``chat``, worked out within a ``turn``; nothing once ``stop`` is set.

    Never raises, since follow-up questions are optional.
    """
    last = chat[-1] if chat else None
    if last is None or not last.finished or last.answer is None or last.answer.refused:
        return ()
    try:
        with turn():
            found = suggest(last.answer, history(chat), chosen.scope(), stop)
    except OnrecordError as error:
        _log.info("No questions to go on with are made: %s", error)
        return ()
    except Exception:
        _log.exception("No questions to go on with could be made")
        return ()
    return () if stop.is_set() else found
