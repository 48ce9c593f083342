"""A document as HTML, with the cited words marked. Offsets are counted in Python, never in the browser, which
counts UTF-16 units and not characters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from pathlib import PurePath

from index.schema import Document
from index.text.pages import format_pages
from ui.web.chat.state import Cited
from ui.web.document.caption import spoken_date

REACH = 20_000  # characters shown either side of the cited words, and added by each "show more"
# Filled and shown by steps.js, which knows what else the answer cites.
_STEPS = (
    '<div class="steps" role="group" aria-label="Citations"><button type="button" data-step="-1">‹ Previous</button> '
    '<span class="at"></span> <button type="button" data-step="1">Next ›</button></div>'
)
_SNAP = 400  # characters within which a window's edge looks for a line break


@dataclass(frozen=True, slots=True)
class View:
    """What the source pane shows: the place opened, the other places of the same answer, and the window."""

    active: Cited
    places: tuple[Cited, ...]
    first: int
    last: int


def view_of(document: Document, active: Cited, places: Sequence[Cited] = ()) -> View:
    """A view of ``document`` around ``active``. Places that do not lie in the text are left out."""
    size = len(document.text)
    inside = tuple(p for p in places if 0 <= p.start < p.end <= size)
    first = _line_start(document.text, max(0, min(active.start, size) - REACH))
    last = _line_end(document.text, min(size, active.end + REACH))
    return View(active, inside, first, last)


def earlier(view: View, document: Document) -> View:
    """The view with more of what comes before."""
    return replace(view, first=_line_start(document.text, max(0, view.first - REACH)))


def later(view: View, document: Document) -> View:
    """The view with more of what comes after."""
    return replace(view, last=_line_end(document.text, min(len(document.text), view.last + REACH)))


def source_html(document: Document, view: View, back: str = "Back to the answer", picture: str = "") -> str:
    """The source pane: where the document comes from, and its text with the cited words marked.

    ``back`` is what the button says that leads back to where the document was opened. ``picture`` is HTML of our own
    that shows the page as it is printed.
    """
    before, after = view.first, len(document.text) - view.last
    return (
        f'<article class="source" data-shown="{escape(view.active.key)}">{_header(document, view.active, back)}'
        '<div class="page" tabindex="0" role="region" aria-label="Document text">'
        f"{picture}{_more('earlier', before)}"
        f'<div class="text" dir="auto">{marked_text(document.text, view)}</div>'
        f"{_more('later', after)}</div></article>"
    )


def empty_html(said: str = "The words an answer rests on appear here, in their document.") -> str:
    """The source pane while nothing is open."""
    return f'<div class="source nothing"><p>{escape(said)}</p></div>'


def marked_text(text: str, view: View) -> str:
    """``text[first:last]`` escaped, every cited stretch in a ``<mark>``; no character is added or lost."""
    pieces: list[str] = []
    named: set[str] = set()
    for start, end in _stretches(view):
        covering = [p for p in view.places if p.start <= start and end <= p.end]
        words = escape(text[start:end])
        pieces.append(_mark(words, covering, view.active, named) if covering else words)
    return "".join(pieces)


def _stretches(view: View) -> Iterator[tuple[int, int]]:
    """The window cut at every edge of a cited stretch, so that stretches may overlap."""
    edges = {view.first, view.last}
    for place in view.places:
        edges.update(edge for edge in (place.start, place.end) if view.first < edge < view.last)
    ordered = sorted(edges)
    return pairwise(ordered)


def _mark(words: str, covering: Sequence[Cited], active: Cited, named: set[str]) -> str:
    here = next((p for p in covering if p.key == active.key), covering[0])
    kind = "active" if here.key == active.key else "other"
    # Only the first piece of a stretch carries its id and its number.
    first = here.key not in named
    named.add(here.key)
    name = f' id="cited-{escape(here.key)}" data-label="{escape(here.label)}"' if first else ""
    return f'<mark class="{kind}"{name}>{words}</mark>'


def _header(document: Document, active: Cited, back: str) -> str:
    page = format_pages(document.sections, active.start, active.end)
    told = [document.metadata.get("outlet", ""), spoken_date(document.metadata.get("date", "")), page]
    kicker = " · ".join(escape(part) for part in told if part)
    author = document.metadata.get("author", "")
    return (
        '<header class="about">'
        f'<button type="button" class="back">↑ {escape(back)}</button>'
        + (f'<p class="kicker">{kicker}</p>' if kicker else "")
        + f'<h2 dir="auto">{escape(document.title or document.source or "Untitled")}</h2>'
        + (f'<p class="author">{escape(author)}</p>' if author else "")
        + f'<p class="path">{escape(PurePath(document.source).name)}</p>{_STEPS}</header>'
    )


def _more(where: str, hidden: int) -> str:
    if not hidden:
        return ""
    return (
        f'<p class="more">{hidden:,} {where} characters are not shown. '
        f'<button type="button" data-more="{where}">Show more</button></p>'
    )


def _line_start(text: str, offset: int) -> int:
    """``offset`` moved back to the start of its line, if that is near."""
    if offset == 0:
        return 0
    found = text.rfind("\n", max(0, offset - _SNAP), offset)
    return offset if found < 0 else found + 1


def _line_end(text: str, offset: int) -> int:
    """``offset`` moved on to the end of its line, if that is near."""
    found = text.find("\n", offset, offset + _SNAP)
    return offset if found < 0 else found
