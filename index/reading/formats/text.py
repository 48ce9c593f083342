"""Plain text, kept as it stands."""

import re
from collections.abc import Iterable
from pathlib import Path

from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading
from index.reading.metadata import fields, is_metadata_field
from index.reading.title import title_of
from index.text.dates import iso_date
from index.text.normalize import normalise

HEAD = 4000  # characters in which a header may stand
MAX_HEADER_LINE = 200

_FIELD = re.compile(r"(?P<name>[A-Za-z][A-Za-z _-]{0,20}):[ \t]+(?P<value>\S.*)")
# "By Ann Lee and Bo de Vries": names only, so that "By Friday the talks had failed" is none.
_NAME = r"(?:[^\W\d_a-z][\w.'’-]*|de|da|di|del|van|von|der|den|la|le|al|bin|el)"
_NAMES = rf"{_NAME}(?: {_NAME}){{1,4}}"
_BYLINE = re.compile(rf"By:? (?P<value>{_NAMES}(?:(?:, | and |, and ){_NAMES}){{0,4}})")
# "BRUSSELS, Feb. 12, 2025 (AP) —"
_DATELINE = re.compile(
    r"[^\W\d_a-z][^\n\d:;!?]{1,60}?, "
    r"(?P<date>[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|\d{1,2} [A-Z][a-z]{2,8} \d{4})"
    r"(?: \([^()\n]{2,30}\))? ?[—–-]"
)
MAX_DATE_LINE = 40
MAX_WORDS_IN_DATE = 2  # a weekday and a month


def read(data: bytes, path: Path) -> Reading:
    """Reads plain text. Fields of a header and of a dateline are noted and stay in the text.

    Raises:
        UnreadableFileError: empty, binary, or in an unknown encoding.
    """
    text = normalise(decode(data, path))
    stated = _header(text[:HEAD])
    title = stated.pop("title", "")
    return Reading((Block(text),), title, stated)


def read_header_lines(lines: Iterable[str]) -> dict[str, str]:
    """The author, date and outlet that the first lines of a text state, each in a line of its own, as far as the
    first that looks like prose.
    """
    pairs: list[tuple[str, str]] = []
    for line in lines:
        if len(line) > MAX_HEADER_LINE or (len(line) > MAX_DATE_LINE and line.endswith((".", "!", "?", "”"))):
            break
        pair = _pair(line)
        pairs += [pair] if pair else []
    stated = fields(pairs)
    return {name: value for name, value in stated.items() if name != "title"}


def _header(head: str) -> dict[str, str]:
    """Fields of the lines before the prose: ``Name: value``, a byline, a date. One line, the headline, may
    come before them.
    """
    pairs: list[tuple[str, str]] = []
    first = ""
    lines = [line for line in head.split("\n") if line]
    number = 0
    for number, line in enumerate(lines):
        pair = _pair(line)
        if pair:
            pairs.append(pair)
        elif number == 0 and len(lines) > 1 and _pair(lines[1]) and len(line) <= MAX_HEADER_LINE:
            first = line
        else:
            dateline = _DATELINE.match(line)
            pairs += [("date", dateline["date"])] if dateline else []
            break
    stated = fields(pairs)
    # Without a headline, the title is that of the prose, not of the header.
    return {"title": first or title_of("\n".join(lines[number:])), **stated} if stated else {}


def _pair(line: str) -> tuple[str, str] | None:
    if len(line) > MAX_HEADER_LINE:
        return None
    field = _FIELD.fullmatch(line)
    if field and is_metadata_field(field["name"]):
        return field["name"], field["value"]
    byline = _BYLINE.fullmatch(line)
    if byline:
        return "author", byline["value"]
    return ("date", line) if len(line) <= MAX_DATE_LINE and _only_a_date(line) else None


def _only_a_date(line: str) -> bool:
    return iso_date(line) is not None and len(re.findall(r"[^\W\d_]{3,}", line)) <= MAX_WORDS_IN_DATE
