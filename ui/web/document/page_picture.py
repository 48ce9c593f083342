"""The page of a PDF that holds cited words, as it is printed, with boxes drawn over the words."""

from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from index.errors import OnrecordError
from index.reading.pdf.locate import Box, locate_text, render_page
from index.reading.stored_path import shown_path
from index.schema import Document
from index.text.pages import page_sections
from ui.web.document.captions import shortened

_SCALE = 1.5  # pixels per point: sharp at the width of the pane
_MAX_TITLE = 80  # characters
_FIGURE = Markup(
    '<figure class="printed" style="aspect-ratio:{width:.2f}/{height:.2f}">'
    '<img src="data:image/png;base64,{data}" '
    'alt="Page {page} of {name}, the cited words boxed; the text follows">{boxes}</figure>'
)
_BOX = Markup(
    '<span class="box" aria-hidden="true" '
    'style="left:{left:.3f}%;top:{top:.3f}%;width:{width:.3f}%;height:{height:.3f}%"></span>'
)


def picture_html(document: Document, start: int, end: int) -> Markup:
    """Return a figure of the page on which ``document.text[start:end]`` begins, its words boxed.

    Empty for a document without pages, and where its file is gone or no longer holds these words: the text can still
    be read. Takes a few tenths of a second.
    """
    nothing = Markup("")
    if not document.source.lower().endswith(".pdf") or not page_sections(document.sections):
        return nothing
    path = Path(document.source)
    try:
        found = locate_text(path, document, start, end)
        picture = render_page(path, found[0].page, _SCALE) if found else b""
    except (OnrecordError, OSError):
        return nothing
    return _figure(document, picture, [box for box in found if box.page == found[0].page]) if picture else nothing


def _figure(document: Document, picture: bytes, found: Sequence[Box]) -> Markup:
    page = found[0]
    return _FIGURE.format(
        width=page.width,
        height=page.height,
        data=b64encode(picture).decode(),
        page=page.page,
        name=shortened(document.title or shown_path(document.source), _MAX_TITLE),
        boxes=Markup("").join(map(_box, found)),
    )


def _box(box: Box) -> Markup:
    across, down = 100 / box.width, 100 / box.height
    return _BOX.format(
        left=box.x0 * across, top=box.y0 * down, width=(box.x1 - box.x0) * across, height=(box.y1 - box.y0) * down
    )
