"""Find a title for a text that states none."""

import re

from index.text.normalize import one_line

MAX_TITLE_LINE = 120
MAX_EXCERPT = 80
_SENTENCE = re.compile(r".{20,}?[.!?](?=\s|$)|.*?[。！？]")
_ENDS_LIKE_PROSE = (".", ",", ";", ":", "。", "、", "…", "-")


def guess_title(text: str) -> str:
    """Return the first line if it looks like a title, else the beginning of the first sentence; empty only for no text.

    A title is short, does not end like a sentence, and has more text after it that does not carry on in the middle of a
    sentence.
    """
    line, _, rest = text.partition("\n")
    line = one_line(line[: MAX_TITLE_LINE + 1])
    if rest and len(line) <= MAX_TITLE_LINE and not line.endswith(_ENDS_LIKE_PROSE) and not rest[0].islower():
        return line
    return _excerpt(one_line(text[:1000]))


def _excerpt(text: str) -> str:
    sentence = _SENTENCE.match(text)
    text = sentence[0] if sentence else text
    if len(text) <= MAX_EXCERPT:
        return text
    cut = text[:MAX_EXCERPT].rpartition(" ")[0] or text[: MAX_EXCERPT - 1]
    return cut.rstrip(" ,;:—–-") + "…"
