"""Answer "which digging tools are there" by what stands under the heading that the question names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.schema import Document, Hit, Section
from index.storage.store import Store
from index.text.headings import heading_path, heading_sections
from index.text.lists import list_spans
from index.text.sentences import Span, sentence_spans
from index.text.terms import terms
from rag.answer.kinds.listing import Overview, quotes_at, without_marker
from rag.question.asked_list import asked_list
from rag.reading.preferences.identified import is_row

_MAX_DOCUMENTS = 5  # whose headings are looked at, of those that are found
_MAX_ITEMS = 40
_MAX_SENTENCES = 8  # of a section of running text that is shown whole
_FEWEST_HEADINGS = 2  # that are a list of what they name
_SAYS_NOTHING = frozenset(
    terms("rule information info detail note step instruction point item tip all different section list thing")
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading, where what stands under it ends, and how well a question names it.

    ``named`` is how many words of the question the heading has, and how many it has in all, which count against it.
    """

    document: Document
    heading: Section
    end: int
    named: tuple[int, int]


def list_section(question: str, hits: Sequence[Hit], store: Store) -> Overview | None:
    """List what stands under the heading that ``question`` asks all of: its headings, list items, rows or sentences.

    A heading is meant where it, those above it and the title hold every telling word of the question. None where the
    question asks for something else, or where there is no such heading among the documents of ``hits``.
    """
    wanted = frozenset(terms(asked_list(question)))
    wanted = wanted - _SAYS_NOTHING or wanted
    if not wanted:
        return None
    ids = list(dict.fromkeys(hit.passage.document_id for hit in hits))[:_MAX_DOCUMENTS]
    parts = [part for id_ in ids for part in _parts_named(store.document(id_), wanted)]
    for part in sorted(parts, key=lambda part: part.named, reverse=True):
        if quotes := quotes_at(_items(part)[:_MAX_ITEMS], store.passages_of(part.document.id)):
            return Overview(f"{part.heading.label} (“{part.document.title}”):", tuple(quotes))
    return None


def _parts_named(document: Document, wanted: frozenset[str]) -> Iterator[_Part]:
    headings = [h for h in heading_sections(document.sections) if h.label != document.title]
    title = frozenset(terms(document.title))
    for n, heading in enumerate(headings):
        own = frozenset(terms(heading.label))
        path = heading_path(document.sections, heading.start, document.title)
        if own & wanted and wanted <= own.union(title, *map(terms, path)):
            ends = (h.start for h in headings[n + 1 :] if h.level <= heading.level)
            yield _Part(document, heading, next(ends, len(document.text)), (len(own & wanted), -len(own)))


def _items(part: _Part) -> list[Span]:
    text, start = part.document.text, part.heading.start
    below = [h for h in heading_sections(part.document.sections) if start < h.start < part.end]
    if len(below) >= _FEWEST_HEADINGS:
        highest = min(h.level for h in below)
        lines = [(h.start, h.start + len(h.label)) for h in below if h.level == highest]
        if all(text[a:b].casefold() == h.label.casefold() for (a, b), h in zip(lines, below, strict=False)):
            return lines
    first = start + len(part.heading.label)
    body = text[first : part.end]
    spans = [span for span in sentence_spans(body) if not any(h.start == first + span[0] for h in below)]
    listed = [item for found in list_spans(body, spans) for item in found.items]
    rows = [span for span in spans if is_row(body[slice(*span)]) and " | " not in body[slice(*span)]]
    chosen = listed or rows or spans
    if chosen is spans and len(spans) > _MAX_SENTENCES:
        return []
    found = [without_marker(body, span) for span in chosen]
    return [(first + a, first + b) for a, b in found]
