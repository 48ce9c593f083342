"""Drop headers and footers that stand on page after page."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.reading.pdf.page import Line, Page

MIN_PAGES = 3
MIN_SHARE_OF_PAGES = 0.4  # of the pages; heads of left and right pages differ
EDGE_LINES = 2  # lines at the top and at the bottom that may be heads and feet
MAX_CHARACTERS = 90  # characters; what is longer is prose
HEIGHT_STEP = 4.0  # points; a head stands at one height

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_SPACES, _MANY = re.compile(r"\s+"), re.compile("#+")


def drop_headers_footers(pages: Sequence[Page]) -> list[Page]:
    """Drop lines that recur at the edges of pages: the same words at the same height.

    Numbers and spaces do not count: the letters of a head are set a little apart on some pages.
    Only in files of three pages or more, and no page loses all it has.
    """
    if len(pages) < MIN_PAGES:
        return list(pages)
    counted = Counter(key for page in pages for key in {key for key, _ in _edge_lines(page)})
    recurring = {key for key, count in counted.items() if count >= max(MIN_PAGES, MIN_SHARE_OF_PAGES * len(pages))}
    return [_drop_from_page(page, recurring) for page in pages]


def _drop_from_page(page: Page, recurring: set[tuple[str, int]]) -> Page:
    heads = {place for key, place in _edge_lines(page) if key in recurring}
    kept = tuple(line for place, line in enumerate(page.lines) if place not in heads)
    return replace(page, lines=kept) if kept else page


def _edge_lines(page: Page) -> Iterator[tuple[tuple[str, int], int]]:
    """Yield a key for each line near the page's edges, and its place among the page's lines."""
    by_height = sorted(range(len(page.lines)), key=lambda n: page.lines[n].box[1])
    for n in dict.fromkeys([*by_height[:EDGE_LINES], *by_height[-EDGE_LINES:]]):
        line = page.lines[n]
        if len(line.text) > MAX_CHARACTERS:
            continue
        numbered = _NUMBER.sub("#", line.text.casefold())
        yield (_MANY.sub("#", _SPACES.sub("", numbered)), _height(line)), n


def _height(line: Line) -> int:
    return round(line.box[3] / HEIGHT_STEP)
