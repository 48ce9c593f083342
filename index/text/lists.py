"""Find lists with what leads into them: "Bring with you:" and its items are one statement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.text.sentences import Span

MARKER_PATTERN = r"[-*•‣–—]|\d{1,3}[.)]|\(?[a-z]\)"  # a letter with a point may also be an initial
_ITEM = re.compile(rf"(?:{MARKER_PATTERN}|[a-z]\.|[ivx]{{1,5}}[.)]|\(\w{{1,3}}\))\s")
_MIN_ITEMS = 2
_MAX_CHARACTERS = 2_000  # of a list that is read as one statement


@dataclass(frozen=True, slots=True)
class ListSpan:
    """A list in a text: ``lead`` is the sentence before it that ends with a colon, or None; ``items`` its sentences."""

    lead: Span | None
    items: tuple[Span, ...]

    @property
    def span(self) -> Span:
        """The lead-in with all items."""
        return (self.lead or self.items[0])[0], self.items[-1][1]


def list_spans(text: str, sentences: Sequence[Span]) -> tuple[ListSpan, ...]:
    """Return the lists among the ``sentences`` of ``text``, of two items or more.

    >>> from index.text.sentences import sentence_spans
    >>> text = "Bring with you:\\n\\n- a photo\\n- the fee"
    >>> [text[start:end] for start, end in list_spans(text, sentence_spans(text))[0].items]
    ['- a photo', '- the fee']
    """
    found: list[ListSpan] = []
    at = 0
    while at < len(sentences):
        last = _end_of_list(text, sentences, at)
        begun = sentences[at:last]
        if sum(_is_item(text, span) for span in begun) >= _MIN_ITEMS:
            lead = sentences[at - 1] if at and text[sentences[at - 1][1] - 1] in ":：" else None
            whole = ListSpan(lead, tuple(begun))
            if whole.span[1] - whole.span[0] <= _MAX_CHARACTERS:
                found.append(whole)
        at = max(last, at + 1)
    return tuple(found)


def _end_of_list(text: str, sentences: Sequence[Span], at: int) -> int:
    """Return the number after the last sentence of the list that begins with sentence ``at``; ``at`` where none does.

    The further sentences of an item, which stand on its line, belong to it.
    """
    if not _is_item(text, sentences[at]):
        return at
    last = at + 1
    for before, span in pairwise(sentences[at:]):
        if not _is_item(text, span) and "\n" in text[before[1] : span[0]]:
            break
        last += 1
    return last


def _is_item(text: str, span: Span) -> bool:
    begins = text[: span[0]].rstrip(" \t")[-1:] in ("", "\n")
    return begins and _ITEM.match(text, *span) is not None
