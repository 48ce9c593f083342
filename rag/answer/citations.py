"""Number citations, check them against the stored documents, and describe their speakers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from index.schema import Document
from rag.reading.sentence_ranker import Quote
from rag.schema import Citation, Claim
from rag.speech.reported_speech import Speech


def cite_quotes(quotes: Sequence[Quote], said: Callable[[Quote], Speech | None] = lambda _: None) -> tuple[Claim, ...]:
    """Return a claim for each quote, citing its own words; markers count from 1, the same words sharing one.

    ``said`` returns whose words a quote reports, for its label.
    """
    numbering = MarkerAssigner()
    claims: list[Claim] = []
    for quote in quotes:
        by = said(quote)
        citation = Citation(0, quote.passage, quote.start, quote.end, answer=quote.answer)
        if by is not None:
            citation = replace(citation, speaker=by.speaker, manner=by.kind)
        claims.append(Claim(_shown_words(quote), numbering.assign([citation]), "unsupported", "not checked yet"))
    return tuple(claims)


def _shown_words(quote: Quote) -> str:
    """Return the words of a quote on one line, or those of a list with a line for each item."""
    lines = quote.text.split("\n") if quote.is_list else [quote.text]
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def with_speakers(claim: Claim, said: Callable[[str, int, int], Speech | None]) -> Claim:
    """Return the claim with its citations naming whose words they report.

    ``said`` returns what the words of a document, by its id, report from one offset to another.
    """
    found = [(c, said(c.passage.document_id, c.start, c.end)) for c in claim.citations]
    named = tuple(replace(c, speaker=by.speaker, manner=by.kind) if by else c for c, by in found)
    return replace(claim, citations=named)


def matches_document(citation: Citation, read: Callable[[str], Document]) -> bool:
    """Tell whether the stored document has the cited words at those offsets, inside the cited passage."""
    passage = citation.passage
    if not passage.start <= citation.start < citation.end <= passage.end:
        return False
    return read(passage.document_id).text[citation.start : citation.end] == citation.text


def describe_speaker(citation: Citation) -> str:
    """Describe whose words they are and how they are given: ``"Pete Hegseth, reported"``; empty for nobody's words."""
    if not citation.manner:
        return ""
    how = "quoted directly" if citation.manner == "direct" else "reported"
    return f"{citation.speaker}, {how}" if citation.speaker else how


class MarkerAssigner:
    """Numbers the citations of one answer from 1 by first use; the same words keep their number."""

    def __init__(self) -> None:
        self._markers: dict[tuple[str, int, int], int] = {}

    def assign(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """Return ``citations`` with their markers, each place once."""
        found: dict[int, Citation] = {}
        for citation in citations:
            place = (citation.passage.document_id, citation.start, citation.end)
            marker = self._markers.setdefault(place, len(self._markers) + 1)
            found.setdefault(marker, replace(citation, marker=marker))
        return tuple(found.values())
