"""Tell headings, titles and by-lines from sentences: they are never quoted as an answer by themselves."""

import re

from rag.reading.features import is_fragment

_MAX_HEADING_WORDS = 14
_MARK = re.compile(r"\s*(?:[-*•‣–—]|\d{1,3}[.)]|\|)\s")
_RUN_IN = re.compile(r"(?:\d{1,3}(?:\.\d{1,3})*[.)]|\([a-z]\)) [A-Z][\w’'-]*(?: [\w’'-]+){0,3}\.")  # "3. Deposit."
_FRONT_MATTER = re.compile(
    r"\W*(?:by [A-Z]|(?:by|source|date|outlet|author|from|to|cc|sent|subject|published|updated|url)\s*:)", re.IGNORECASE
)


def is_heading(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` is a heading or a by-line: alone on its line, with no end, above other text.

    So is a numbered one that begins the line of its text: "3. Deposit. The tenant pays …".

    A line of a list or a table is none, and neither is one that holds a figure, since it may be all there is to quote.
    """
    line = text[start:end]
    if _RUN_IN.fullmatch(line) and text[end : end + 1] == " ":
        return True
    if _FRONT_MATTER.match(line) and len(line.split()) <= _MAX_HEADING_WORDS:
        return True
    if (
        not is_fragment(line)
        or len(line.split()) > _MAX_HEADING_WORDS
        or "|" in line
        or ":" in line
        or _MARK.match(line)
    ):
        return False
    begins = start == 0 or text[:start].rstrip(" \t#*_").endswith("\n") or not text[:start].strip()
    below = text[end:]
    alone = below[: len(below) - len(below.lstrip())].count("\n") > 0
    return begins and alone and not any(c.isdigit() for c in line) and not _is_list_like(below)


def _is_list_like(below: str) -> bool:
    """Tell whether the next line is a fragment too, as in a list of names without marks."""
    following = below.strip().partition("\n")[0]
    if _FRONT_MATTER.match(following):
        return False
    return is_fragment(following) and _MARK.match(following) is None and "|" not in following and ":" not in following
