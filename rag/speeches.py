"""Whose words the sentences of stored documents report, read once a document."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from itertools import islice, takewhile
from threading import Lock

from index.errors import OnrecordError
from index.schema import Document
from index.sentences import sentence_spans
from rag.quote import Quote
from rag.speech import Speech, speech

_REMEMBERED = 200  # documents
_LONGEST = 200_000  # characters; a longer document is a book, not a report, and would keep a question waiting


class Speeches:
    """Reads documents with ``read`` when they are asked for, and remembers the last two hundred.

    Safe to call from several threads. Ids come from a document's content, so what is remembered never ages.
    """

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
        found = tuple(said for said in speech(text, spans) if said is not None)
        with self._lock:
            self._kept[document_id] = found
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return found

    def of_quote(self, quote: Quote) -> Speech | None:
        """What the quoted sentence reports."""
        return self.at(quote.passage.document_id, quote.start, quote.end)

    def at(self, document_id: str, start: int, end: int) -> Speech | None:
        """What the words from ``start`` to ``end`` report: the speech that shares most characters with them."""
        said = self.of_document(document_id)
        first = bisect_right(said, start, key=lambda one: one.end)
        near = takewhile(lambda one: one.start < end, islice(said, first, None))
        return max(near, key=lambda said: min(said.end, end) - max(said.start, start), default=None)
