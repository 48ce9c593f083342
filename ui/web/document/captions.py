"""A passage in a line or two: its title, its outlet and date, and how it begins."""

from collections.abc import Mapping

from markupsafe import Markup

from index.schema import Passage
from index.text.dates import format_date, parse_date_range

_MAX_EXCERPT = 220  # characters of a passage that are shown


def caption(metadata: Mapping[str, str]) -> str:
    """Return outlet and date as far as the file states them: ``"Reuters, 12 February 2025"``; may be empty."""
    parts = (metadata.get("outlet", ""), spoken_date(metadata.get("date", "")))
    return ", ".join(part for part in parts if part)


def spoken_date(iso: str) -> str:
    """Return an ISO date, month or year as people write it; anything else unchanged."""
    days = parse_date_range(iso)
    if days is None:
        return iso
    first, last = days
    if first == last:
        return format_date(first)
    return f"{first:%B} {first.year}" if first.month == last.month else f"{first.year}"


def passage_title(passage: Passage) -> str:
    """Return the title of the passage's document, else its path, else ``"Untitled"``."""
    return passage.title or passage.source or "Untitled"


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
