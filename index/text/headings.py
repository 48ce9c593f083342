"""Find the headings that words stand under: "Paisley", and below it "How long it takes"."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from index.schema import Passage, Section

PATH_MARK = " › "  # between the headings of a path that is shown
_MAX_LABEL_CHARACTERS = 160  # what is longer is a paragraph set large, which names nothing
_NUMBERING = re.compile(r"(?:\d+(?:\.\d+)*[.)]?|(?:[IVXivx]+|[A-Za-z])[.)])\s+(?=\w)")
_MAX_LOOK_BACK = 1_000  # headings, so that a text of headings alone takes no longer than linear time


def heading_sections(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return the sections that are headings and short enough to name what stands under them."""
    return tuple(s for s in sections if s.kind == "heading" and 0 < len(s.label) <= _MAX_LABEL_CHARACTERS)


def open_headings(headings: Sequence[Section], offset: int) -> tuple[Section, ...]:
    """Return those of ``headings``, in order, that ``offset`` stands under, the outermost first.

    A heading is closed by the next one of its level or of a higher one; one whose level is not known counts as of the
    highest.
    """
    found: list[Section] = []
    before = 1
    last = bisect_right(headings, offset, key=_start_of)
    for heading in reversed(headings[max(0, last - _MAX_LOOK_BACK) : last]):
        if not found or heading.level < before:
            found.append(heading)
            before = heading.level
        if before <= 1:
            break
    return tuple(reversed(found))


def headings_in_span(headings: Sequence[Section], start: int, end: int) -> tuple[Section, ...]:
    """Return the headings that ``start`` stands under and those that begin before ``end``."""
    first, last = (cut(headings, at, key=_start_of) for cut, at in ((bisect_right, start), (bisect_left, end)))
    return (*open_headings(headings, start), *headings[first:last])


def heading_path(sections: Sequence[Section], offset: int, title: str = "") -> tuple[str, ...]:
    """Return the labels of the headings that ``offset`` stands under, the outermost first, without the ``title``.

    >>> sections = (Section(0, "heading", "Paisley", 1), Section(9, "heading", "How long it takes", 2))
    >>> heading_path(sections, 30)
    ('Paisley', 'How long it takes')
    """
    above = open_headings(heading_sections(sections), offset)
    return tuple(heading.label for heading in above if heading.label != title.strip())


def without_numbering(label: str) -> str:
    """Return a heading without the number or letter that it begins with.

    >>> without_numbering("4.2 Fees"), without_numbering("iv) Fees"), without_numbering("7 days")
    ('Fees', 'Fees', 'days')
    """
    numbering = _NUMBERING.match(label)
    return label[numbering.end() :] if numbering else label


def context_lines(passage: Passage, start: int | None = None) -> tuple[str, ...]:
    """Return what is read before the words at ``start`` of the document: the title, and the path of headings.

    Without ``start`` these are the words of the whole passage. What these words hold themselves is left out.
    """
    at = passage.start if start is None else start
    title = passage.title.strip()
    own = passage.text[at - passage.start :]
    path = PATH_MARK.join(context_headings(passage, at))
    return tuple(line for line in (title if title and not own.startswith(title) else "", path) if line)


def context_headings(passage: Passage, start: int | None = None) -> tuple[str, ...]:
    """Return the headings above the words at ``start``, or above the whole passage, that these do not hold."""
    at = passage.start if start is None else start
    title = passage.title.strip()
    return tuple(h.label for h in open_headings(passage.headings, at) if h.start < at and h.label != title)


def format_heading(passage: Passage, start: int) -> str:
    """Write the path of the words at ``start`` to be shown: ``"Paisley › How long it takes"``; empty without one."""
    return PATH_MARK.join(heading_path(passage.headings, start, passage.title))


def _start_of(section: Section) -> int:
    return section.start
