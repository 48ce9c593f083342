"""The footnote of a citation in an exported answer."""

from dataclasses import dataclass

from index.reading.stored_path import shown_path
from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.schema import Citation
from ui.conversations.titles import printable_line


@dataclass(frozen=True, slots=True)
class Footnote:
    """The parts of a footnote, each one line of plain text, not escaped for any format.

    ``quote`` are the cited words, ``origin`` title, outlet and author, ``place`` the file and offsets; ``more`` says
    whose words they are and who else carries them, and has no empty parts.
    """

    quote: str
    origin: str
    place: str
    more: tuple[str, ...]


def footnote(citation: Citation) -> Footnote:
    """Return the footnote of ``citation``; its place counts characters of the document as it was read."""
    passage = citation.passage
    said = (passage.metadata.get(key, "") for key in ("outlet", "author", "date"))
    parts = (passage.title or shown_path(passage.source), *said, citation.heading, citation.page)
    origin = ", ".join(printable_line(part) for part in parts if part)
    place = f"{printable_line(shown_path(passage.source))}, characters {citation.start}–{citation.end}"
    more = tuple(printable_line(part) for part in (describe_speaker(citation), carried_by(citation)) if part)
    return Footnote(printable_line(citation.text), origin, place, more)
