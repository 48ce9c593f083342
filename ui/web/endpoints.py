"""The named endpoints of the page: the same answers, documents and sources for programs, as JSON."""

import threading
from typing import Any

from index.errors import OnrecordError
from index.schema import Document
from rag.question.scope import parse_scope
from rag.schema import Answer, Turn
from ui.core.app_state import AppState
from ui.core.ask import QuestionRequest, ask_queued, queue_slot
from ui.core.client import gradio_visitor
from ui.core.document_records import document_header, document_record
from ui.core.protocols import Answerer, Groups, Library
from ui.core.scope import within
from ui.web.chat.state import CitedPlace
from ui.web.document.source import source_html, view_of


def add_endpoints(pipeline: Answerer, library: Library, app_state: AppState, groups: Groups | None = None) -> None:
    """Add ``/ask``, ``/source`` and ``/documents`` to the Blocks being built, in the queues of ``app_state``."""
    import gradio as gr
    from gradio.events import api  # gr.api, which its types do not export

    def ask(  # noqa: PLR0917  # an endpoint takes its values in order
        question: str,
        history: list[dict[str, str]] | None = None,
        since: str = "",
        until: str = "",
        as_of: str = "",
        outlets: list[str] | None = None,
        documents: list[str] | None = None,
        collections: list[str] | None = None,
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """Answer a question. `history` lists earlier turns, {"question": …, "answer": …}, oldest first.

        Only documents published from `since` to `until` (YYYY, YYYY-MM or YYYY-MM-DD) by `outlets`, with ids among
        `documents` and in one of `collections`, are searched. `as_of` is the day the reader stands at: nothing
        later is searched, and "last week" counts from it.

        Returns the answer with its claims, citations, offsets and closest passages; `refused` is true when
        the documents do not say.
        """
        from rag.serialize import to_dict, without_folders

        try:
            scope = within(parse_scope(since, until, as_of, outlets or (), documents or ()), collections or (), groups)
            earlier = [_parse_turn(turn) for turn in history or []]
            # A program may ask several questions at once; all are cancelled when its session ends.
            with app_state.cancels.additional(request.session_hash if request else None) as stop:
                asked = QuestionRequest(question, earlier, scope, gradio_visitor(request))
                return dict(without_folders(to_dict(_ask(pipeline, app_state, asked, stop))))
        except OnrecordError as error:
            raise _gradio_error(error) from None

    def source(document: str, start: int = 0, end: int = 0, request: gr.Request | None = None) -> dict[str, Any]:
        """The text of a document around `start` to `end`, in characters, as text and as marked HTML.

        `text` begins at character `text_start` of the document; `size` is the length of the whole.
        """
        try:
            with queue_slot(app_state.read_queue, gradio_visitor(request)):
                return source_record(library.document(document), start, end)
        except OnrecordError as error:
            raise _gradio_error(error) from None

    def documents(request: gr.Request | None = None) -> list[dict[str, Any]]:
        """Every indexed document: id, title, source (its path), outlet, date, characters, passages."""
        try:
            with queue_slot(app_state.read_queue, gradio_visitor(request)):
                return [document_record(info) for info in library.documents()]
        except OnrecordError as error:
            raise _gradio_error(error) from None

    api(ask, api_name="ask", concurrency_limit=None)
    api(source, api_name="source", concurrency_limit=None)
    api(documents, api_name="documents", concurrency_limit=None)


def source_record(document: Document, start: int, end: int) -> dict[str, Any]:
    """Return the window of ``document`` around ``start`` to ``end``, both clamped to the text."""
    size = len(document.text)
    start = min(max(0, start), size)
    end = min(max(start, end), size)
    active = CitedPlace("cited", document.id, start, end, "")
    view = view_of(document, active, (active,))
    return {
        **document_header(document),
        "size": size,
        "start": start,
        "end": end,
        "text_start": view.first,
        "text_end": view.last,
        "text": document.text[view.first : view.last],
        "html": source_html(document, view),
    }


def _ask(pipeline: Answerer, app_state: AppState, asked: QuestionRequest, stop: threading.Event) -> Answer:
    answer = None
    for item in ask_queued(pipeline, app_state, asked, stop):
        answer = answer if isinstance(item, int) else item
    if answer is None:
        raise OnrecordError("The question got no answer at all. Ask it again.")
    return answer


def _parse_turn(turn: object) -> Turn:
    if not (isinstance(turn, dict) and isinstance(turn.get("question"), str)):
        raise OnrecordError('A turn of the history is not {"question": "…", "answer": "…"}. Send it like that.')
    return Turn(turn["question"], str(turn.get("answer", "")))


def _gradio_error(error: OnrecordError | str) -> Exception:
    from gradio import Error

    return Error(str(error), print_exception=False)
