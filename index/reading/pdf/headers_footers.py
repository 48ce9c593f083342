"""Heads and feet that stand on page after page: they are no part of what is read."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.reading.pdf.lines import Line, Page

MIN_PAGES = 3
SHARE = 0.4  # of the pages; heads of left and right pages differ
EDGE = 2  # lines at the top and at the bottom that may be heads and feet
LONGEST = 90  # characters; what is longer is prose
NEAR = 4.0  # points; a head stands at one height

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")


def drop_headers_footers(pages: Sequence[Page]) -> list[Page]:
    """The pages without lines that recur at their edges: the same words, numbers aside, at the same height.

    Only in files of three pages or more, and no page loses all it has.
    """
    if len(pages) < MIN_PAGES:
        return list(pages)
    counted = Counter(key for page in pages for key in {key for key, _ in _edges(page)})
    recurring = {key for key, count in counted.items() if count >= max(MIN_PAGES, SHARE * len(pages))}
    return [_without(page, recurring) for page in pages]


def _without(page: Page, recurring: set[tuple[str, int]]) -> Page:
    heads = {place for key, place in _edges(page) if key in recurring}
    kept = tuple(line for place, line in enumerate(page.lines) if place not in heads)
    return replace(page, lines=kept) if kept else page


def _edges(page: Page) -> Iterator[tuple[tuple[str, int], int]]:
    """What identifies each line near the page's edges, and its place among the page's lines."""
    by_height = sorted(range(len(page.lines)), key=lambda n: page.lines[n].box[1])
    for n in dict.fromkeys([*by_height[:EDGE], *by_height[-EDGE:]]):
        line = page.lines[n]
        if len(line.text) > LONGEST:
            continue
        yield (_NUMBER.sub("#", line.text.casefold()), _height(line)), n


def _height(line: Line) -> int:
    return round(line.box[3] / NEAR)
