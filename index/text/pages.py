"""Find the page that words stand on, as the document's file counts its pages."""

from bisect import bisect_right
from collections.abc import Sequence

from index.schema import Document, Section


def page_of_document(document: Document, offset: int) -> str:
    """Return the label of the page that holds the character at ``offset``; empty in documents without pages."""
    return page_at(document.sections, offset)


def page_at(sections: Sequence[Section], offset: int) -> str:
    """Return the label of the page that holds ``offset``, from the sections of a document or passage, in order."""
    pages = page_sections(sections)
    found = bisect_right([page.start for page in pages], offset)
    return pages[found - 1].label if found else ""


def page_sections(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return the sections that are pages."""
    return tuple(section for section in sections if section.kind == "page")


def pages_in_span(pages: Sequence[Section], start: int, end: int) -> tuple[Section, ...]:
    """Return the page that holds ``start`` and those that begin before ``end``."""
    first = max(bisect_right([page.start for page in pages], start) - 1, 0)
    return tuple(page for page in pages[first:] if page.start < end)


def format_pages(sections: Sequence[Section], start: int, end: int) -> str:
    """Write the pages of a span to be shown: ``"p. 3"``, ``"pp. 3–4"``, ``"slide 2"``; empty without pages."""
    first, last = page_at(sections, start), page_at(sections, max(start, end - 1))
    if first == last:
        return f"p. {first}" if first.isdigit() else first
    return f"pp. {first}–{last}" if first.isdigit() and last.isdigit() else f"{first}–{last}".strip("–")
