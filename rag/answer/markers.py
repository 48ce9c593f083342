"""Find, read and remove the citation markers in a text that a model wrote.

A citation is written ``[3]``, ``[3, 4]``, ``[3-5]``, ``[[3]]``, ``【3】``, ``[^3]``, ``[source 3]`` or ``【3†…】``.
"""

import re
from dataclasses import dataclass

_MAX_MARKER_CHARACTERS = 80  # from the opening to the closing bracket
_MAX_RANGE = 12  # numbers in a range such as [3-5]
_WORD = r"(?:sources?|sentences?|passages?|refs?|citations?|ids?|nos?|s)\b\.?:?"
_NUMBER = rf"(?:(?:\^|\#|§|{_WORD})[ \t]{{0,3}})?\^?\d{{1,4}}(?!\d)"
_BETWEEN = r"[ \t]{0,3}(?:[,;&/+]|[-–—]|\band\b|\bto\b)[ \t]{0,3}"
_INSIDE = rf"[ \t]{{0,3}}{_NUMBER}(?:{_BETWEEN}{_NUMBER}){{0,30}}[ \t]{{0,3}}(?:†[^\]】］\n]{{0,40}})?"
_MARKER = re.compile(rf"\[\[{_INSIDE}\]\]|\[{_INSIDE}\]|【{_INSIDE}】|［{_INSIDE}］", re.IGNORECASE)
_OPENERS = "[【［"
_CLOSER = re.compile(r"[\]】］\n]")
_NUMBERS = re.compile(r"(\d{1,4})[ \t]*(?:[-–—]|\bto\b)[ \t]*\^?(\d{1,4})|(\d{1,4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marker:
    """Numbers cited at ``at``, an offset in the text without markers; ``footnote`` where they are written ``[^3]``."""

    at: int
    numbers: tuple[int, ...]
    footnote: bool = False


def split_markers(raw: str) -> tuple[str, list[Marker]]:
    """Return the text without its markers, and the markers.

    >>> split_markers("It opened [2, 3] in May.")
    ('It opened  in May.', [Marker(at=10, numbers=(2, 3), footnote=False)])
    """
    parts: list[str] = []
    marks: list[Marker] = []
    length = at = 0
    for match in _MARKER.finditer(raw):
        if len(match.group()) > _MAX_MARKER_CHARACTERS:
            continue
        parts.append(raw[at : match.start()])
        length += match.start() - at
        at = match.end()
        marks.append(Marker(length, _parse_numbers(match.group()), "^" in match.group()))
    return "".join([*parts, raw[at:]]), marks


def escape_markers(text: str) -> str:
    """Return ``text`` with everything that could be read as a marker in round brackets."""
    return _MARKER.sub(lambda match: f"({match.group().strip('[]【】［］')})", text)


def find_open_bracket(raw: str) -> int:
    """Return where the first bracket opens that further text may close, or the end of ``raw``."""
    # The second bracket of a double one, alone, may not be too long.
    for at in range(max(0, len(raw) - _MAX_MARKER_CHARACTERS - 2), len(raw)):
        if raw[at] in _OPENERS and not _is_decided(raw, at):
            return at
    return len(raw)


def _is_decided(raw: str, at: int) -> bool:
    """Tell whether further text cannot change that the bracket at ``at`` is a marker, or is none."""
    closer = _CLOSER.search(raw, at + 1)
    if closer is None:
        return False
    doubled = raw.startswith("[[", at)
    return not (doubled and closer.group() == "]" and closer.end() == len(raw))


def _parse_numbers(marker: str) -> tuple[int, ...]:
    found: list[int] = []
    for match in _NUMBERS.finditer(marker.partition("†")[0]):
        first, last = (int(match[1]), int(match[2])) if match[1] else (int(match[3]), int(match[3]))
        found.extend(range(first, last + 1) if first <= last < first + _MAX_RANGE else (first, last))
    return tuple(dict.fromkeys(found))
