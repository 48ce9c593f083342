"""Look up whose words the sentences of stored documents report, analysing each document once."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import islice, takewhile

from index.errors import OnrecordError
from index.schema import Document
from index.system.threadsafe import LruCache
from index.text.sentences import sentence_spans
from rag.reading.sentence_ranker import Quote
from rag.speech.reported_speech import Speech, find_speech

_MAX_CACHED_SPEECHES = 50_000  # of about 300 bytes each; a document counts as one more
_MAX_CHARACTERS = 200_000  # a longer document is a book, and analysing it would delay the answer


class SpeechLookup:
    """Analyses documents, fetched with ``read``, when they are asked for, and caches those used last.

    Safe to call from several threads. Ids come from a document's content, so cached results never go stale.
    """

    def __init__(self, read: Callable[[str], Document]) -> None:
        self._read = read
        self._kept: LruCache[str, tuple[Speech, ...]] = LruCache(_MAX_CACHED_SPEECHES, lambda _, found: 1 + len(found))

    def of_document(self, document_id: str) -> tuple[Speech, ...]:
        """Return the sentences that report words, in order.

        A document that is gone, or longer than a report, has none.
        """
        try:
            return self._kept.get(document_id, self._found)
        except OnrecordError:
            return ()

    def _found(self, document_id: str) -> tuple[Speech, ...]:
        text = self._read(document_id).text
        spans = sentence_spans(text) if len(text) <= _MAX_CHARACTERS else []
        return tuple(said for said in find_speech(text, spans) if said is not None)

    def of_quote(self, quote: Quote) -> Speech | None:
        """Return what the quoted sentence reports."""
        return self.at(quote.passage.document_id, quote.start, quote.end)

    def at(self, document_id: str, start: int, end: int) -> Speech | None:
        """Return what the words from ``start`` to ``end`` report: the speech that shares most characters with them."""
        said = self.of_document(document_id)
        first = bisect_right(said, start, key=lambda one: one.end)
        near = takewhile(lambda one: one.start < end, islice(said, first, None))
        return max(near, key=lambda said: min(said.end, end) - max(said.start, start), default=None)
