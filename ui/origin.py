"""Where a passage comes from, on one line of the terminal."""

from index.schema import Passage


def origin(passage: Passage) -> str:
    """Title, outlet, author and date, as far as the document says: ``"Bridge to close, Reuters, 2025-02-12"``."""
    said = (passage.metadata.get(key, "") for key in ("outlet", "author", "date"))
    return ", ".join(part for part in (passage.title, *said) if part)
