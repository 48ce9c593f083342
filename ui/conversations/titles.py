"""The titles of conversations."""

import textwrap

_MAX_MADE_TITLE = 80  # characters of a title made from a question
MAX_TITLE = 200  # characters of a title given by a user
_UNTITLED = "Untitled"


def title_of(question: str) -> str:
    """Return a title from the first question: its beginning, at most 80 characters, without a question mark."""
    line = printable_line(question)
    if len(line) > _MAX_MADE_TITLE:
        line = (
            textwrap.shorten(line, _MAX_MADE_TITLE, placeholder=" …")
            if " " in line[:_MAX_MADE_TITLE]
            else f"{line[:79]}…"
        )
    return line.rstrip("?¿ ") or _UNTITLED


def printable_line(text: str) -> str:
    """Return the text on one line, with a space in place of every character that cannot be shown."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
