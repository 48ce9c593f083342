"""A passage in a line or two: its title, where it comes from, and how it begins."""

from html import escape

from index.schema import Passage
from ui.web.document.caption import caption

_LONGEST_EXCERPT = 220  # characters of a passage that are shown


def title(passage: Passage) -> str:
    """What the passage's document is called."""
    return passage.title or passage.source or "Untitled"


def described(passage: Passage, page: str = "") -> str:
    """Title, outlet, date and, of a file that has them, ``page`` as HTML."""
    from_where = ", ".join(filter(None, (caption(passage.metadata), page)))
    return f'<span class="title">{escape(title(passage))}</span>' + (
        f' <span class="from">— {escape(from_where)}</span>' if from_where else ""
    )


def excerpt(passage: Passage) -> str:
    """How the passage begins, on one line; plain text."""
    return shortened(" ".join(passage.text.split()), _LONGEST_EXCERPT)


def shortened(text: str, longest: int) -> str:
    """``text`` in at most ``longest`` characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
