"""A document as HTML, with the cited words marked. Offsets count characters in Python; browsers count UTF-16 units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup, escape

from index.reading.stored_path import shown_path
from index.schema import Document
from index.text.headings import PATH_MARK, heading_path
from index.text.pages import format_pages
from rag.answer.caption import spoken_date
from ui.web.chat.state import CitedPlace

WINDOW = 20_000  # characters shown either side of the cited words, and added by each "show more"
# Filled and shown by steps.js, which knows what else the answer cites.
_STEPS = Markup(
    '<div class="steps" role="group" aria-label="Citations"><button type="button" data-step="-1">‹ Previous</button> '
    '<span class="at"></span> <button type="button" data-step="1">Next ›</button></div>'
)
_LINE_BREAK_REACH = 400  # characters within which a window's edge looks for a line break
_NOTHING = Markup("")
_PANE = Markup(
    '<article class="source" data-shown="{key}">{header}'
    '<div class="page" tabindex="0" role="region" aria-label="Document text">{picture}{earlier}'
    '<div class="text" dir="auto">{text}</div>{later}</div></article>'
)
_HEADER = Markup(
    '<header class="about"><button type="button" class="back">↑ {back}</button>{kicker}'
    '<h2 dir="auto">{title}</h2>{author}<p class="path">{file}</p>{steps}</header>'
)
_MORE = Markup(
    '<p class="more">{hidden:,} {where} characters are not shown. '
    '<button type="button" data-more="{where}">Show more</button></p>'
)


@dataclass(frozen=True, slots=True)
class SourceView:
    """What the source pane shows: the place opened, the other places of the same answer, and the window.

    The window is the text from character ``first`` to ``last``.
    """

    active: CitedPlace
    places: tuple[CitedPlace, ...]
    first: int
    last: int


def view_of(document: Document, active: CitedPlace, places: Sequence[CitedPlace] = ()) -> SourceView:
    """Return a view of ``document`` around ``active``. Places outside its text are left out."""
    size = len(document.text)
    inside = tuple(p for p in places if 0 <= p.start < p.end <= size)
    first = _line_start(document.text, max(0, min(active.start, size) - WINDOW))
    last = _line_end(document.text, min(size, active.end + WINDOW))
    return SourceView(active, inside, first, last)


def earlier(view: SourceView, document: Document) -> SourceView:
    """Return the view with more of the text before it."""
    return replace(view, first=_line_start(document.text, max(0, view.first - WINDOW)))


def later(view: SourceView, document: Document) -> SourceView:
    """Return the view with more of the text after it."""
    return replace(view, last=_line_end(document.text, min(len(document.text), view.last + WINDOW)))


def source_html(
    document: Document, view: SourceView, back: str = "Back to the answer", picture: Markup = _NOTHING
) -> Markup:
    """Return the source pane: where the document comes from, and its text with the cited words marked.

    ``back`` is the label of the button that leads back to where the document was opened; ``picture`` shows the page as
    it is printed.
    """
    return _PANE.format(
        key=view.active.key,
        header=_header(document, view.active, back),
        picture=picture,
        earlier=_more("earlier", view.first),
        text=marked_text(document.text, view),
        later=_more("later", len(document.text) - view.last),
    )


def empty_source_html(message: str = "The words an answer rests on appear here, in their document.") -> Markup:
    """Return the source pane while no document is open."""
    return Markup('<div class="source nothing"><p>{}</p></div>').format(message)


def marked_text(text: str, view: SourceView) -> Markup:
    """Return ``text[first:last]`` escaped, every cited stretch in a ``<mark>``; no character is added or lost."""
    pieces: list[Markup] = []
    named: set[str] = set()
    for start, end in _pieces(view):
        covering = [p for p in view.places if p.start <= start and end <= p.end]
        words = escape(text[start:end])
        pieces.append(_mark(words, covering, view.active, named) if covering else words)
    return Markup("").join(pieces)


def _pieces(view: SourceView) -> Iterator[tuple[int, int]]:
    """Cut the window at every edge of a cited stretch, so that stretches may overlap."""
    edges = {view.first, view.last}
    for place in view.places:
        edges.update(edge for edge in (place.start, place.end) if view.first < edge < view.last)
    ordered = sorted(edges)
    return pairwise(ordered)


def _mark(words: Markup, covering: Sequence[CitedPlace], active: CitedPlace, named: set[str]) -> Markup:
    here = next((p for p in covering if p.key == active.key), covering[0])
    kind = "active" if here.key == active.key else "other"
    # Only the first piece of a stretch carries its id and its number.
    first = here.key not in named
    named.add(here.key)
    name = Markup(' id="cited-{}" data-label="{}"').format(here.key, here.label) if first else ""
    return Markup('<mark class="{}"{}>{}</mark>').format(kind, name, words)


def _header(document: Document, active: CitedPlace, back: str) -> Markup:
    page = format_pages(document.sections, active.start, active.end)
    heading = PATH_MARK.join(heading_path(document.sections, active.start, document.title))
    day, file_day = (spoken_date(document.metadata.get(key, "")) for key in ("date", "file_date"))
    said = day or (f"file date {file_day}" if file_day else "")
    origin = (document.metadata.get("outlet", ""), said, heading, page)
    kicker, author = " · ".join(filter(None, origin)), document.metadata.get("author", "")
    return _HEADER.format(
        back=back,
        kicker=Markup('<p class="kicker">{}</p>').format(kicker) if kicker else "",
        title=document.title or shown_path(document.source) or "Untitled",
        author=Markup('<p class="author">{}</p>').format(author) if author else "",
        file=shown_path(document.source),
        steps=_STEPS,
    )


def _more(where: str, hidden: int) -> Markup:
    return _MORE.format(hidden=hidden, where=where) if hidden else _NOTHING


def _line_start(text: str, offset: int) -> int:
    """Return ``offset`` moved back to the start of its line, if that is near."""
    if offset == 0:
        return 0
    found = text.rfind("\n", max(0, offset - _LINE_BREAK_REACH), offset)
    return offset if found < 0 else found + 1


def _line_end(text: str, offset: int) -> int:
    """Return ``offset`` moved on to the end of its line, if that is near."""
    found = text.find("\n", offset, offset + _LINE_BREAK_REACH)
    return offset if found < 0 else found
