"""Ask one question from the page: what the conversation and the source pane show, step by step."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from index.errors import OnrecordError
from index.schema import Document
from ui.core.app_state import AppState
from ui.core.ask import QuestionRequest, ask_queued, queue_slot
from ui.core.protocols import Answerer, KeepTurn, Library
from ui.core.queue import FairQueue
from ui.logs.setup import log_incident
from ui.web.chat.source_filter import SourceFilter
from ui.web.chat.state import (
    ChatState,
    CitedPlace,
    as_interrupted,
    as_kept,
    begins_conversation,
    cited_places,
    conversation_of,
    find_place,
    history,
    same_document,
    with_answer,
    with_conversation,
    with_error,
    with_position,
    with_question,
    with_retry,
)
from ui.web.document.page_picture import picture_html
from ui.web.document.source import SourceView, earlier, empty_source_html, later, source_html, view_of

_log = logging.getLogger(__name__)
_ALL_SOURCES = SourceFilter()
_BACK_TO_ANSWER = "Back to the answer"


@dataclass(frozen=True, slots=True)
class SourcePane:
    """What the source pane shows: its HTML, and the view it was drawn from, if a document is open."""

    html: str
    view: SourceView | None = None


@dataclass(frozen=True, slots=True)
class TurnStep:
    """The state of the page. ``pane`` is None where the source pane stays as it is."""

    chat: ChatState
    pane: SourcePane | None = None


def run_turn(
    pipeline: Answerer,
    library: Library,
    question: str,
    chat: ChatState,
    chosen: SourceFilter = _ALL_SOURCES,
    *,
    stop: threading.Event | None = None,
    keep: KeepTurn | None = None,
    conversation: str = "",
    app_state: AppState | None = None,
    visitor: str = "",
    anew: bool = False,
) -> Iterator[TurnStep]:
    """Ask ``question`` of the ``chosen`` sources after ``chat`` and yield each step to show, until ``stop`` is set.

    While the ``visitor`` waits in the queue of ``app_state``, their position is shown. The first citation opens by
    itself. A finished exchange is kept where ``keep`` is given, under the id ``conversation`` where it is the first
    one. With ``anew`` it replaces the last exchange, which comes back if there can be no answer. Never raises: errors
    are shown in the conversation.
    """
    replaced = chat[-1:] if anew else ()
    conversation_id = conversation_of(chat) or conversation
    chat = with_retry(chat, question) if replaced else with_question(chat, question)
    chat = with_conversation(chat, conversation_id)
    before = history(chat)
    yield TurnStep(chat)
    opened = False
    try:
        request = QuestionRequest(question, before, chosen.scope(), visitor)
        for item in ask_queued(pipeline, app_state or AppState(), request, stop):
            if isinstance(item, int):
                chat = with_position(chat, item)
                yield TurnStep(chat)
                continue
            answer = item
            chat = with_answer(chat, answer)
            pane = None
            if answer.refused:
                pane = SourcePane(empty_source_html("Nothing is cited. The closest passages can be opened here."))
            elif answer.citations and not opened:
                places = cited_places(chat, len(chat) - 1)
                pane = open_place(library, places[0], same_document(places[0], places))
                opened = True
            yield TurnStep(chat, pane)
    except OnrecordError as error:
        chat = with_error(chat, str(error))
    except Exception as error:
        chat = with_error(chat, log_incident(_log, "A question could not be answered", error))
    if chat[-1].waiting or (stop is not None and stop.is_set()):
        chat = as_interrupted(chat)
    if chat[-1].error and replaced and replaced[0].finished:
        chat = (*chat[:-1], *replaced, chat[-1])
    yield TurnStep(_keep(chat, keep) if keep else chat)


def _keep(chat: ChatState, keep: KeepTurn) -> ChatState:
    last = chat[-1]
    if not last.finished or last.answer is None:
        return chat
    try:
        location = keep(
            conversation_of(chat), last.question, last.answer, replaces=last.replaces, begins=begins_conversation(chat)
        )
    except OnrecordError:
        # The answer stays on the page; only the log says that it was not kept.
        _log.exception("An answer could not be kept")
        return with_conversation(chat, "")
    return as_kept(chat, location.conversation, location.number)


def open_citation(library: Library, chat: ChatState, key: object) -> SourcePane:
    """Open the citation that the page names ``key``; errors are shown in the pane."""
    try:
        active, places = find_place(chat, key)
    except OnrecordError as error:
        return SourcePane(empty_source_html(str(error)))
    return open_place(library, active, places)


def show_more(library: Library, view: SourceView | None, location: object, back: str = _BACK_TO_ANSWER) -> SourcePane:
    """Show the open document with more of its text, ``"earlier"`` or ``"later"``; ``back`` as in ``source_html``."""
    if view is None:
        return SourcePane(empty_source_html())
    try:
        document = library.document(view.active.document_id)
    except OnrecordError as error:
        return SourcePane(empty_source_html(str(error)))
    wider = earlier(view, document) if location == "earlier" else later(view, document)
    return SourcePane(source_html(document, wider, back, _picture(document, wider)), wider)


def open_place(
    library: Library, active: CitedPlace, places: tuple[CitedPlace, ...], back: str = _BACK_TO_ANSWER
) -> SourcePane:
    """Open the document of ``active`` around it, ``back`` as in ``source_html``; errors are shown in the pane."""
    try:
        document = library.document(active.document_id)
    except OnrecordError as error:
        return SourcePane(empty_source_html(str(error)))
    view = view_of(document, active, places)
    return SourcePane(source_html(document, view, back, _picture(document, view)), view)


def open_queued(reading: FairQueue, visitor: str, draw: Callable[[], SourcePane]) -> SourcePane:
    """Return what ``draw`` opens in the ``visitor``'s turn among readers; errors are shown in the pane."""
    try:
        with queue_slot(reading, visitor):
            return draw()
    except OnrecordError as error:
        return SourcePane(empty_source_html(str(error)))


def _picture(document: Document, view: SourceView) -> Markup:
    return picture_html(document, view.active.start, view.active.end)
