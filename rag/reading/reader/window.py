"""Cut the text around a sentence into what the reader reads at once, in use and in training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.schema import Passage
from index.text.headings import context_lines

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_TOKENS = 96
"""Of question, headings and text together."""
MAX_QUESTION_TOKENS = 40
_CLS, _SEP = 101, 102  # in BERT's vocabulary
_MAX_HEADING_TOKENS = 24
_BEFORE = 0.6  # share of the room around the sentence that goes to the words before it, which name its subject


@dataclass(frozen=True, slots=True)
class SentenceWindow:
    """Token ids of ``[CLS] question [SEP] headings and text [SEP]``, of at most ``MAX_TOKENS``.

    ``text_from`` is the place of the first token after the question, ``passage_from`` that of the first of the
    passage's own; ``first`` and ``last`` are those of the sentence. ``places`` are the document offsets of each token
    of the passage.
    """

    ids: tuple[int, ...]
    text_from: int
    passage_from: int
    first: int
    last: int
    places: tuple[tuple[int, int], ...]

    def place(self, token: int) -> tuple[int, int]:
        """Return the document offsets of a token of the passage."""
        return self.places[token - self.passage_from]

    def tokens_between(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the first and the last token of the document's ``start`` to ``end``; None where it is not whole."""
        if not self.places or start < self.places[0][0] or end > self.places[-1][1] or start >= end:
            return None
        first, last = _tokens_between(self.places, start, end)
        return first + self.passage_from, last + self.passage_from


def question_ids(tokenizer: "Tokenizer", question: str) -> list[int]:
    """Return the token ids of a question, as many as the reader reads."""
    return _ids(tokenizer, question)[:MAX_QUESTION_TOKENS]


def cut_window(tokenizer: "Tokenizer", asked: Sequence[int], passage: Passage, start: int, end: int) -> SentenceWindow:
    """Cut the window of the sentence at ``start`` to ``end`` of its document, with the headings that it stands under.

    ``asked`` are the ids of the question; ``tokenizer`` neither truncates nor pads.
    """
    above = [_ids(tokenizer, f"{line}.") for line in context_lines(passage, start)]
    heading = [token for line in above for token in line][:_MAX_HEADING_TOKENS]
    text = tokenizer.encode(passage.text, add_special_tokens=False)
    first, last = _tokens_between(text.offsets, start - passage.start, end - passage.start)
    room = MAX_TOKENS - len(asked) - len(heading) - 3
    begin, stop = _around(first, last, len(text.ids), room)
    text_from = len(asked) + 2
    passage_from = text_from + len(heading)
    return SentenceWindow(
        (_CLS, *asked, _SEP, *heading, *text.ids[begin:stop], _SEP),
        text_from,
        passage_from,
        first - begin + passage_from,
        min(last, stop - 1) - begin + passage_from,
        tuple((a + passage.start, b + passage.start) for a, b in text.offsets[begin:stop]),
    )


def _ids(tokenizer: "Tokenizer", text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


def _tokens_between(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """Return the first and the last token of the characters from ``start`` to ``end``."""
    first = next((n for n, (_, b) in enumerate(offsets) if b > start), 0)
    last = max((n for n, (a, _) in enumerate(offsets) if a < end), default=0)
    return first, max(first, last)


def _around(first: int, last: int, length: int, room: int) -> tuple[int, int]:
    """Return where a window of ``room`` tokens around those from ``first`` to ``last`` begins and stops."""
    spare = room - (last + 1 - first)
    if spare <= 0:
        return first, first + room
    begin = max(0, first - int(spare * _BEFORE))
    stop = min(length, begin + room)
    return max(0, stop - room), stop
