"""Where a passage comes from, on one line of the terminal."""

from index.schema import Passage
from index.text.pages import format_pages


def origin(passage: Passage, page: str = "") -> str:
    """Title, outlet, author, date and page, as far as there are any: ``"Bridge to close, Reuters, p. 3"``."""
    said = (passage.metadata.get(key, "") for key in ("outlet", "author", "date"))
    return ", ".join(part for part in (passage.title, *said, page) if part)


def found_at(passage: Passage) -> str:
    """The same with the pages of the whole passage."""
    return origin(passage, format_pages(passage.pages, passage.start, passage.end))
