"""Questions to go on with, under the last answer. They are worked out after it, so that they never delay it."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from html import escape

from index.errors import OnrecordError
from ui.web.ports import Suggest
from ui.web.sources import Wanted
from ui.web.talk import Talk, history

_log = logging.getLogger(__name__)


def followups_html(questions: Sequence[str]) -> str:
    """A chip a question; nothing where there are none."""
    if not questions:
        return ""
    chips = "".join(
        f'<li><button type="button" class="chip" dir="auto" data-followup="{escape(q)}">{escape(q)}</button></li>'
        for q in questions
    )
    return f'<nav class="followups" aria-label="Questions to go on with"><ul class="chips">{chips}</ul></nav>'


def followups(
    suggest: Suggest,
    talk: Talk,
    chosen: Wanted,
    stop: threading.Event,
    turn: Callable[[], AbstractContextManager[None]],
) -> Sequence[str]:
    """What can be asked after ``talk``, worked out within a ``turn``; nothing once ``stop`` is set.

    Never raises: they are an extra.
    """
    last = talk[-1] if talk else None
    if last is None or not last.finished or last.answer is None or last.answer.refused:
        return ()
    try:
        with turn():
            found = suggest(last.answer, history(talk), chosen.scope(), stop)
    except OnrecordError as error:
        _log.info("No questions to go on with are made: %s", error)
        return ()
    except Exception:
        _log.exception("No questions to go on with could be made")
        return ()
    return () if stop.is_set() else found
