"""What a conversation is called."""

import textwrap

_LONGEST = 80  # characters of a title that is made
LONGEST = 200  # characters of one that is given
_UNTITLED = "Untitled"


def title_of(question: str) -> str:
    """A title from the first question: its beginning, at most 80 characters, without a question mark."""
    line = one_line(question)
    if len(line) > _LONGEST:
        line = textwrap.shorten(line, _LONGEST, placeholder=" …") if " " in line[:_LONGEST] else f"{line[:79]}…"
    return line.rstrip("?¿ ") or _UNTITLED


def one_line(text: str) -> str:
    """The text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
