"""The page of a PDF that holds cited words, as it is printed, with boxes drawn over the words."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path

from index.errors import OnrecordError
from index.reading.pdf.locate import Box, locate_text, render_page
from index.schema import Document
from index.text.pages import page_sections
from ui.web.document.described import shortened

_SCALE = 1.5  # pixels a point: sharp at the width of the pane
_LONGEST_TITLE = 80  # characters


def picture_html(document: Document, start: int, end: int) -> str:
    """A figure of the page where ``document.text[start:end]`` begins, its words boxed.

    Empty for a document without pages, and where its file is gone or no longer says these words: the text is still
    there to be read. A few tenths of a second.
    """
    if not document.source.lower().endswith(".pdf") or not page_sections(document.sections):
        return ""
    path = Path(document.source)
    try:
        found = locate_text(path, document, start, end)
        picture = render_page(path, found[0].page, _SCALE) if found else b""
    except (OnrecordError, OSError):
        return ""
    return _figure(document, picture, [box for box in found if box.page == found[0].page]) if picture else ""


def _figure(document: Document, picture: bytes, found: Sequence[Box]) -> str:
    page, name = found[0], shortened(document.title or document.source, _LONGEST_TITLE)
    drawn = "".join(map(_box, found))
    return (
        f'<figure class="printed" style="aspect-ratio:{page.width:.2f}/{page.height:.2f}">'
        f'<img src="data:image/png;base64,{b64encode(picture).decode()}" '
        f'alt="Page {page.page} of {escape(name)}, the cited words boxed; the text follows">{drawn}</figure>'
    )


def _box(box: Box) -> str:
    across, down = 100 / box.width, 100 / box.height
    place = (
        f"left:{box.x0 * across:.3f}%;top:{box.y0 * down:.3f}%;"
        f"width:{(box.x1 - box.x0) * across:.3f}%;height:{(box.y1 - box.y0) * down:.3f}%"
    )
    return f'<span class="box" aria-hidden="true" style="{place}"></span>'
