"""Gold offsets of a raw text, moved to the normalised one."""

from evals.schema import Evidence
from index.schema import Document
from index.text.normalize import normalise


def place(document: Document, raw: str, quote: str, start: int | None = None) -> Evidence | None:
    """The evidence ``quote`` is in ``document``, whose text ``raw`` became by normalising.

    ``start`` is where the set says the quote begins in ``raw``; of several places of the words the nearest to
    it is taken. Without it the words must stand exactly once. None if they cannot be placed.
    """
    words = normalise(quote).strip()
    if not words:
        return None
    places = _places(words, document.text)
    if not places or (start is None and len(places) > 1):
        return None
    begin = places[0] if start is None or len(places) == 1 else _nearest(places, _moved(raw, quote, start))
    return Evidence(document.id, words, begin, begin + len(words))


def _moved(raw: str, quote: str, start: int) -> int:
    """Roughly where ``raw[start]`` lies once normalised; the end of the text before it may lose blanks."""
    lead = len(quote) - len(quote.lstrip())
    return len(normalise(raw[: start + lead] + "|")) - 1


def _nearest(places: list[int], expected: int) -> int:
    return min(places, key=lambda found: abs(found - expected))


def _places(words: str, text: str) -> list[int]:
    places = []
    found = text.find(words)
    while found >= 0:
        places.append(found)
        found = text.find(words, found + 1)
    return places
