"""Read plain text as it stands."""

import re
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading
from index.reading.formats.text_headings import text_blocks
from index.reading.metadata import is_metadata_field, read_fields
from index.reading.title import guess_title
from index.text.dates import iso_date
from index.text.normalize import normalise

HEADER_CHARACTERS = 4000  # characters in which a header may stand
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
_MAIL_FIELD = re.compile(r"(?P<name>From|To|Cc|Bcc|Sent|Date|Reply-To|Subject):[ \t]*(?P<value>.*)", re.IGNORECASE)
_ANSWERED = re.compile(r"^(?:(?:re|fwd?|aw|wg|sv|tr|rv)\s*:\s*)+", re.IGNORECASE)
# "Minutes of the meeting held on Tuesday 14 January 2025"
_OF_A_DAY = re.compile(r"\b(?:minutes|meeting|dated|published|issued|updated|effective|newsletter)\b", re.IGNORECASE)
_DAY = re.compile(r"\b(?:\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? \d{4}|[A-Z][a-z]{2,8} \d{1,2}, \d{4})\b")
_LINES_OF_HEADING = 5
MAX_DATE_LINE = 40
MAX_WORDS_IN_DATE = 2  # a weekday and a month


def read(data: bytes, path: Path) -> Reading:
    """Read plain text. The fields of a header and of a dateline become metadata and stay in the text.

    Raises:
        UnreadableFileError: empty, binary, or in an unknown encoding.
    """
    text = normalise(decode(data, path))
    stated = _header(text[:HEADER_CHARACTERS])
    title = stated.pop("title", "")
    subject = mail_subject(text[:HEADER_CHARACTERS])
    if "date" not in stated and (said := _date_in_heading(text[:HEADER_CHARACTERS])):
        stated["date"] = said
    return Reading((Block(text),) if subject else text_blocks(text), subject or title, stated)


def mail_subject(head: str) -> str:
    """Return the subject of a mail that was saved as text, without "Re:"; empty where ``head`` begins no mail."""
    said = list(takewhile(None.__ne__, map(_MAIL_FIELD.fullmatch, head.lstrip().split("\n"))))
    fields = {field["name"].casefold(): field["value"] for field in said if field}
    return _ANSWERED.sub("", fields.get("subject", "")).strip() if len(fields) > 1 else ""


def _date_in_heading(head: str) -> str:
    """Return the day that one of the first lines says the text to be of; empty where none names just one."""
    for line in [line for line in head.split("\n") if line.strip()][:_LINES_OF_HEADING]:
        days = _DAY.findall(line) if len(line) <= MAX_HEADER_LINE and _OF_A_DAY.search(line) else []
        if len(days) == 1:
            return iso_date(days[0]) or ""
    return ""


def read_header_lines(lines: Iterable[str]) -> dict[str, str]:
    """Read the author, date and outlet from the first lines of a text, each in a line of its own.

    Reading stops at the first line that looks like prose.
    """
    pairs: list[tuple[str, str]] = []
    for line in lines:
        if len(line) > MAX_HEADER_LINE or (len(line) > MAX_DATE_LINE and line.endswith((".", "!", "?", "”"))):
            break
        pair = _read_field(line)
        pairs += [pair] if pair else []
    stated = read_fields(pairs)
    return {name: value for name, value in stated.items() if name != "title"}


def _header(head: str) -> dict[str, str]:
    """Read the fields before the prose: ``Name: value``, a byline, a date. A headline may come before them."""
    pairs: list[tuple[str, str]] = []
    first = ""
    lines = [line for line in head.split("\n") if line]
    number = 0
    for number, line in enumerate(lines):
        pair = _read_field(line)
        if pair:
            pairs.append(pair)
        elif number == 0 and len(lines) > 1 and _read_field(lines[1]) and len(line) <= MAX_HEADER_LINE:
            first = line
        else:
            dateline = _DATELINE.match(line)
            pairs += [("date", dateline["date"])] if dateline else []
            break
    stated = read_fields(pairs)
    # Without a headline, the title is that of the prose, not of the header.
    return {"title": first or guess_title("\n".join(lines[number:])), **stated} if stated else {}


def _read_field(line: str) -> tuple[str, str] | None:
    if len(line) > MAX_HEADER_LINE:
        return None
    field = _FIELD.fullmatch(line)
    if field and is_metadata_field(field["name"]):
        return field["name"], field["value"]
    byline = _BYLINE.fullmatch(line)
    if byline:
        return "author", byline["value"]
    return ("date", line) if len(line) <= MAX_DATE_LINE and _is_date_line(line) else None


def _is_date_line(line: str) -> bool:
    return iso_date(line) is not None and len(re.findall(r"[^\W\d_]{3,}", line)) <= MAX_WORDS_IN_DATE
