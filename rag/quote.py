"""Answer without a language model: the sentences that answer the question, verbatim."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.embed import Embedder, Vectors
from index.schema import Hit, Passage
from index.sentences import sentence_spans
from index.words import terms
from rag.config import RagConfig
from rag.evidence import Idf, Setting, features, probability, shipped_weights, take_apart
from rag.recency import newest_first, published

_REMEMBERED = 4_000  # passages whose sentence vectors are kept
_FRAGMENT = 0.3  # a headline often repeats the question's words and seldom answers it
_SHORT = 15  # words
_ENDS = ".!?…:;。！？؟۔।"
_CLOSING = "\"'”’»)]」』"
_NEARLY = 0.6  # of the best quote's chance, for a further one to be shown
_AT_LEAST = 0.2  # chance of holding the answer, for a further quote to be shown


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence in document offsets, with the chance that it holds the answer and its features."""

    passage: Passage
    start: int
    end: int
    chance: float
    values: tuple[float, ...]

    @property
    def text(self) -> str:
        """The words, exactly as they stand."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


class Quoter:
    """Scores the sentences of found passages.

    ``stored`` fetches passages' vectors by id. Sentence vectors are remembered between questions.
    """

    def __init__(self, embedder: Embedder, stored: Callable[[Sequence[str]], Mapping[str, Vectors]]) -> None:
        self._embedder = embedder
        self._stored = stored
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def quotes(self, question: str, hits: Sequence[Hit], idf: Idf) -> tuple[Quote, ...]:
        """Every sentence of ``hits`` scored against ``question``, best first, the same words only once."""
        if not hits:
            return ()
        asked = take_apart(question)
        vector = self._embedder.embed_query(question)
        spans = [sentence_spans(hit.passage.text) for hit in hits]
        self._remember(hits, spans)
        weights = shipped_weights()["sentence"]
        by_passage = [frozenset(terms(f"{hit.passage.title}\n{hit.passage.text}")) for hit in hits]
        found: list[Quote] = []
        for hit, sentences, passage_terms in zip(hits, spans, by_passage, strict=True):
            vectors = self._vectors[hit.passage.id]
            document_terms = _of_document(hit.passage.document_id, hits, by_passage)
            setting = Setting(passage_terms, document_terms, float(vectors[0] @ vector), hit.score)
            for (start, end), sentence_vector in zip(sentences, vectors[1:], strict=True):
                text = hit.passage.text[start:end]
                values = features(asked, text, float(sentence_vector @ vector), setting, idf)
                at = hit.passage.start
                chance = probability(weights, values) * (_FRAGMENT if is_fragment(text) else 1.0)
                found.append(Quote(hit.passage, at + start, at + end, chance, values))
        found.sort(key=lambda q: (q.passage.document_id, q.start))
        found.sort(key=lambda q: published(q.passage.metadata), reverse=True)
        return _once(sorted(found, key=lambda q: -q.chance))

    def _remember(self, hits: Sequence[Hit], spans: Sequence[Sequence[tuple[int, int]]]) -> None:
        """Have the vectors of every hit: of its sentences, to be embedded, and first its own, which is stored."""
        missing = [(hit.passage, s) for hit, s in zip(hits, spans, strict=True) if hit.passage.id not in self._vectors]
        stored = self._stored([passage.id for passage, _ in missing])
        texts = [passage.text[a:b] for passage, sentences in missing for a, b in sentences]
        vectors = self._embedder.embed(texts)
        start = 0
        for passage, sentences in missing:
            end = start + len(sentences)
            own = stored[passage.id] if passage.id in stored else self._embedder.embed([passage.text])[0]
            self._vectors[passage.id] = np.vstack([own, *vectors[start:end]])
            start = end
        while len(self._vectors) > max(_REMEMBERED, len(hits)):
            self._vectors.popitem(last=False)


def is_fragment(sentence: str) -> bool:
    """Whether it is a headline or a list item rather than a sentence: short, without an end."""
    return len(sentence.split()) < _SHORT and sentence.rstrip(_CLOSING)[-1:] not in _ENDS


def choose(quotes: Sequence[Quote], config: RagConfig) -> tuple[Quote, ...]:
    """The few quotes to show, in the order they read best.

    The best one, and further ones nearly as likely, up to ``max_sentences``. The document of the best comes
    first; within a document quotes stand as they do in the text.
    """
    if not quotes:
        return ()
    best = quotes[0].chance
    chosen = [q for q in quotes[: config.max_sentences] if q.chance >= _NEARLY * best and q.chance >= _AT_LEAST]
    chosen = chosen or [quotes[0]]
    order = list(dict.fromkeys(q.passage.document_id for q in chosen))
    return tuple(sorted(chosen, key=lambda q: (order.index(q.passage.document_id), q.start)))


def latest_first(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes, those nearly as likely as the best in order of date, newest first."""
    return newest_first(quotes, lambda q: q.chance, lambda q: published(q.passage.metadata))


def _of_document(document_id: str, hits: Sequence[Hit], by_passage: Sequence[frozenset[str]]) -> frozenset[str]:
    found = [t for hit, t in zip(hits, by_passage, strict=True) if hit.passage.document_id == document_id]
    return frozenset().union(*found)


def _once(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    seen: set[str] = set()
    kept: list[Quote] = []
    for quote in quotes:
        key = " ".join(quote.text.casefold().split())
        if key not in seen:
            seen.add(key)
            kept.append(quote)
    return tuple(kept)
