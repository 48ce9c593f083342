"""Prefer the sentences that report the words of whom a question asks about."""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

from index.errors import OnrecordError
from index.schema import Document
from index.sentences import sentence_spans
from rag.quote import Quote
from rag.speaker import asked_speaker, asks_who, same_person
from rag.speech import Speech, speech

# Added to the log odds that a sentence holds the answer; chosen on the tuning half by `python -m evals.speakers`.
ASKED = 1.5  # the asked person's words
OTHERS = -2.0  # somebody else's
UNCLEAR = -0.5  # somebody's, and it is not safe to say whose
SOMEBODYS = 1.0  # "Who said …?", and it is known who did

_LOOKED_AT = 20  # quotes whose documents are read
_REMEMBERED = 200  # documents
_LONGEST = 200_000  # characters; a longer document is a book, and is left alone
_CERTAIN = 1e-9


class Speeches:
    """What the sentences of documents report, read once a document and remembered. Safe for several threads."""

    def __init__(self, read: Callable[[str], Document]) -> None:
        self._read = read
        self._kept: OrderedDict[str, tuple[Speech, ...]] = OrderedDict()
        self._lock = Lock()

    def of_document(self, document_id: str) -> tuple[Speech, ...]:
        """The sentences that report words, in order; none of a document that is gone or longer than a report."""
        with self._lock:
            if document_id in self._kept:
                self._kept.move_to_end(document_id)
                return self._kept[document_id]
        try:
            text = self._read(document_id).text
        except OnrecordError:
            return ()
        spans = sentence_spans(text) if len(text) <= _LONGEST else []
        found = tuple(s for s in speech(text, spans) if s is not None)
        with self._lock:
            self._kept[document_id] = found
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return found

    def of_quote(self, quote: Quote) -> Speech | None:
        """What the quoted sentence reports, or the sentence it shares most characters with."""
        near = [s for s in self.of_document(quote.passage.document_id) if s.start < quote.end and quote.start < s.end]
        return max(near, key=lambda s: min(s.end, quote.end) - max(s.start, quote.start), default=None)

    def attribute(self, quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
        """``quotes`` (best first) with their chances weighed by whose words they are, and ordered again.

        Unchanged when the question asks for nobody's words. Chances stay between 0 and 1.
        """
        asked = asked_speaker(question)
        if not asked and not asks_who(question):
            return tuple(quotes)
        near = quotes[:_LOOKED_AT]
        documents = dict.fromkeys(quote.passage.document_id for quote in near)
        others = {s.speaker for document in documents for s in self.of_document(document) if s.speaker}
        weighed = [
            _shifted(quote, _shift(self.of_quote(quote), asked, others))
            if quote.passage.document_id in documents
            else quote
            for quote in quotes
        ]
        return tuple(sorted(weighed, key=lambda quote: -quote.chance))


def _shift(said: Speech | None, asked: str, others: set[str]) -> float:
    if said is None:
        return 0.0
    if not asked:
        return SOMEBODYS if said.speaker else 0.0
    if not said.speaker:
        return UNCLEAR
    return ASKED if same_person(asked, said.speaker, said.roles, others) else OTHERS


def _shifted(quote: Quote, shift: float) -> Quote:
    if not shift:
        return quote
    chance = min(1 - _CERTAIN, max(_CERTAIN, quote.chance))
    odds = math.log(chance / (1 - chance)) + shift
    return replace(quote, chance=min(1 - _CERTAIN, max(_CERTAIN, 1 / (1 + math.exp(-odds)))))
