"""What a footnote of an exported answer says: the cited words, where they stand, whose they are, who carries them."""

from dataclasses import dataclass

from rag.answer.citations import describe_speaker
from rag.answer.syndication import carried_by
from rag.schema import Citation
from ui.conversations.titles import one_line


@dataclass(frozen=True, slots=True)
class Footnote:
    """Each part is on one line of plain text, not escaped for any format; parts of ``more`` are never empty."""

    quote: str
    origin: str
    place: str
    more: tuple[str, ...]


def footnote(citation: Citation) -> Footnote:
    """The footnote of ``citation``; its place in characters of the document as it was read."""
    passage = citation.passage
    said = (passage.metadata.get(key, "") for key in ("outlet", "author", "date"))
    origin = ", ".join(one_line(part) for part in (passage.title or passage.source, *said, citation.page) if part)
    place = f"{one_line(passage.source)}, characters {citation.start}–{citation.end}"
    more = tuple(one_line(part) for part in (describe_speaker(citation), carried_by(citation)) if part)
    return Footnote(one_line(citation.text), origin, place, more)
