"""A passage in a line or two: its title, its outlet and date, and how it begins."""

from markupsafe import Markup

from index.reading.stored_path import shown_path
from index.schema import Passage
from rag.answer.caption import caption

_MAX_EXCERPT = 220  # characters of a passage that are shown


def passage_title(passage: Passage) -> str:
    """Return the title of the passage's document, else its path, else ``"Untitled"``."""
    return passage.title or shown_path(passage.source) or "Untitled"


def passage_html(passage: Passage, place: str = "") -> Markup:
    """Return title, outlet, date and ``place``, which names headings and pages where there are any, as HTML."""
    origin = ", ".join(filter(None, (caption(passage.metadata), place)))
    title = Markup('<span class="title">{}</span>').format(passage_title(passage))
    return title + (Markup(' <span class="from">— {}</span>').format(origin) if origin else Markup(""))


def excerpt(passage: Passage) -> str:
    """Return the beginning of the passage on one line, as plain text."""
    return shortened(" ".join(passage.text.split()), _MAX_EXCERPT)


def shortened(text: str, longest: int) -> str:
    """Return ``text`` cut to at most ``longest`` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
