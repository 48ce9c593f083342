"""Markers by first use: the same words have the same number all through an answer."""

from collections.abc import Sequence
from dataclasses import replace

from rag.schema import Citation


class Numbering:
    """Numbers the citations of one answer, from 1."""

    def __init__(self) -> None:
        self._markers: dict[tuple[str, int, int], int] = {}

    def numbered(self, citations: Sequence[Citation]) -> tuple[Citation, ...]:
        """``citations`` with their markers, each place once."""
        found: dict[int, Citation] = {}
        for citation in citations:
            place = (citation.passage.document_id, citation.start, citation.end)
            marker = self._markers.setdefault(place, len(self._markers) + 1)
            found.setdefault(marker, replace(citation, marker=marker))
        return tuple(found.values())
