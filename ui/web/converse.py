"""One question asked from the page: what the conversation and the source pane show, step by step."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.errors import OnrecordError
from index.schema import Document
from ui.logs.incident import incident
from ui.web.floor import Floor
from ui.web.in_turn import in_turn, turn
from ui.web.line import Line
from ui.web.picture import picture_html
from ui.web.ports import Answerer, Keep, Library
from ui.web.source import View, earlier, empty_html, later, source_html, view_of
from ui.web.sources import Wanted
from ui.web.talk import (
    Cited,
    Talk,
    again,
    answered,
    asked,
    begins,
    cited_places,
    cut_short,
    failed,
    history,
    in_line,
    kept,
    kept_in,
    place,
    same_document,
    to_keep,
)

_log = logging.getLogger(__name__)
_ALL = Wanted()
_BACK = "Back to the answer"


@dataclass(frozen=True, slots=True)
class Pane:
    """What the source pane shows: its HTML, and the view it was drawn from, if a document is open."""

    html: str
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The page as it stands. ``pane`` is none where the source pane is to be left alone."""

    talk: Talk
    pane: Pane | None = None


def converse(
    pipeline: Answerer,
    library: Library,
    question: str,
    talk: Talk,
    chosen: Wanted = _ALL,
    *,
    stop: threading.Event | None = None,
    keep: Keep | None = None,
    conversation: str = "",
    floor: Floor | None = None,
    visitor: str = "",
    anew: bool = False,
) -> Iterator[Step]:
    """Ask ``question`` of the ``chosen`` sources after ``talk`` and yield each step to show, until ``stop`` is set.

    On a ``floor`` that is shared, the ``visitor``'s place in line is shown until it is their turn. The first citation
    opens by itself. A finished exchange is kept where ``keep`` is given, under the id ``conversation`` where it begins
    one. With ``anew`` it takes the place of the last one, which comes back if there can be no answer. Never raises:
    what goes wrong is told in the conversation.
    """
    replaced = talk[-1:] if anew else ()
    held = kept_in(talk) or conversation
    talk = again(talk, question) if replaced else asked(talk, question)
    talk = to_keep(talk, held)
    before = history(talk)
    yield Step(talk)
    opened = False
    try:
        for said in in_turn(pipeline, floor or Floor(), visitor, question, before, chosen.scope(), stop):
            if isinstance(said, int):
                talk = in_line(talk, said)
                yield Step(talk)
                continue
            answer = said
            talk = answered(talk, answer)
            pane = None
            if answer.refused:
                pane = Pane(empty_html("Nothing is cited. The closest passages can be opened here."))
            elif answer.citations and not opened:
                places = cited_places(talk, len(talk) - 1)
                pane = open_place(library, places[0], same_document(places[0], places))
                opened = True
            yield Step(talk, pane)
    except OnrecordError as error:
        talk = failed(talk, str(error))
    except Exception as error:
        talk = failed(talk, incident(_log, "A question could not be answered", error))
    if talk[-1].waiting or (stop is not None and stop.is_set()):
        talk = cut_short(talk)
    if talk[-1].error and replaced and replaced[0].finished:
        talk = (*talk[:-1], *replaced, talk[-1])
    yield Step(_kept(talk, keep) if keep else talk)


def _kept(talk: Talk, keep: Keep) -> Talk:
    last = talk[-1]
    if not last.finished or last.answer is None:
        return talk
    try:
        where = keep(kept_in(talk), last.question, last.answer, replaces=last.replaces, begins=begins(talk))
    except OnrecordError:
        # The answer is there and stays; only the log can say that it was not kept.
        _log.exception("An answer could not be kept")
        return to_keep(talk, "")
    return kept(talk, where.conversation, where.number)


def open_key(library: Library, talk: Talk, key: object) -> Pane:
    """Open what the page names ``key``; what goes wrong is told in the pane."""
    try:
        active, places = place(talk, key)
    except OnrecordError as error:
        return Pane(empty_html(str(error)))
    return open_place(library, active, places)


def show_more(library: Library, view: View | None, where: object, back: str = _BACK) -> Pane:
    """The open document with more of its text, ``"earlier"`` or ``"later"``; ``back`` as in ``source_html``."""
    if view is None:
        return Pane(empty_html())
    try:
        document = library.document(view.active.document_id)
    except OnrecordError as error:
        return Pane(empty_html(str(error)))
    wider = earlier(view, document) if where == "earlier" else later(view, document)
    return Pane(source_html(document, wider, back, _picture(document, wider)), wider)


def open_place(library: Library, active: Cited, places: tuple[Cited, ...], back: str = _BACK) -> Pane:
    """The document of ``active`` around it, ``back`` as in ``source_html``; what goes wrong is told in the pane."""
    try:
        document = library.document(active.document_id)
    except OnrecordError as error:
        return Pane(empty_html(str(error)))
    view = view_of(document, active, places)
    return Pane(source_html(document, view, back, _picture(document, view)), view)


def opened_in_turn(reading: Line, visitor: str, draw: Callable[[], Pane]) -> Pane:
    """What ``draw`` opens in the ``visitor``'s turn among those who read; what goes wrong is told in the pane."""
    try:
        with turn(reading, visitor):
            return draw()
    except OnrecordError as error:
        return Pane(empty_html(str(error)))


def _picture(document: Document, view: View) -> str:
    return picture_html(document, view.active.start, view.active.end)
