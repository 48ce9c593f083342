"""Choose the sentences that a model is shown, each under a number that it can cite."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.schema import Hit, Passage
from index.text.sentences import sentence_spans
from rag.reading.sentence_ranker import Quote
from rag.schema import text_at

_Place = tuple[str, int, int]

_BYTES_PER_TOKEN = (
    3  # of UTF-8; tokenizers make fewer tokens of nearly all texts, so the estimate errs on the safe side
)
_TOKENS_PER_LINE = 6  # for a number, its brackets and the line break
_TOKENS_PER_SOURCE = 12  # for the line that names a source, beside its own words


@dataclass(frozen=True, slots=True)
class NumberedSentence:
    """A sentence at ``start`` to ``end`` of the passage's document, shown to a model as ``number``."""

    number: int
    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words, exactly as they stand in the document."""
        return text_at(self.passage, self.start, self.end)


def number_sentences(hits: Sequence[Hit], quotes: Sequence[Quote], budget: int) -> tuple[NumberedSentence, ...]:
    """Return the sentences of ``hits`` that fit ``budget`` tokens, numbered from 1, source by source in reading order.

    Where not all fit, the most probable of ``quotes`` come first, each with the sentences beside it.
    """
    order = list(dict.fromkeys(hit.passage.document_id for hit in hits))
    every = {place: passage for hit in hits for place, passage in _sentences(hit.passage)}
    chosen = _select_fitting(every, quotes, budget)
    reading = sorted(chosen, key=lambda place: (order.index(place[0]), place[1]))
    return tuple(NumberedSentence(n, every[place], place[1], place[2]) for n, place in enumerate(reading, 1))


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a model makes of ``text``, rather too many than too few.

    >>> estimate_tokens("The bridge opened.")
    6
    """
    return -(-len(text.encode()) // _BYTES_PER_TOKEN)


def _sentences(passage: Passage) -> list[tuple[_Place, Passage]]:
    at = passage.start
    return [((passage.document_id, at + a, at + b), passage) for a, b in sentence_spans(passage.text)]


def _select_fitting(every: dict[_Place, Passage], quotes: Sequence[Quote], budget: int) -> set[_Place]:
    chosen: set[_Place] = set()
    named: set[str] = set()
    for place in _order_by_value(every, quotes):
        passage = every[place]
        cost = estimate_tokens(text_at(passage, place[1], place[2])) + _TOKENS_PER_LINE
        cost += 0 if place[0] in named else estimate_tokens(passage.title) + _TOKENS_PER_SOURCE
        if cost > budget:
            # Stop at the first that does not fit: shorter and worse ones would stand without their context.
            break
        budget -= cost
        chosen.add(place)
        named.add(place[0])
    return chosen


def _order_by_value(every: dict[_Place, Passage], quotes: Sequence[Quote]) -> list[_Place]:
    places = list(every)
    at = {place: n for n, place in enumerate(places)}
    worth: dict[_Place, None] = {}
    for quote in quotes:
        here = at.get((quote.passage.document_id, quote.start, quote.end))
        if here is not None:
            beside = [n for n in (here, here - 1, here + 1) if 0 <= n < len(places)]
            worth.update(dict.fromkeys(places[n] for n in beside if places[n][0] == places[here][0]))
    return list(worth | dict.fromkeys(places))
