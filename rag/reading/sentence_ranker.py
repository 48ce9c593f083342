"""Rank the sentences of found passages by the probability that they answer the question: an answer without a model."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from index.embedding.protocol import Embedder, Vectors
from index.schema import Hit, Passage
from index.storage.store import Store
from index.system.threadsafe import LruCache
from index.text.headings import context_lines, heading_path
from index.text.language import question_language
from index.text.sentences import Span, sentence_spans
from rag.reading.evidence_model import EvidenceKind, load_weights, probability
from rag.reading.features import (
    Idf,
    QuestionTerms,
    SentenceContext,
    Similarity,
    analyze_question,
    is_fragment,
    sentence_features,
)
from rag.reading.headings import is_heading
from rag.reading.lexical import analyze_in, held_terms, lexical_features, reading_language
from rag.retrieval.late_interaction import TokenMatch, match_tokens
from rag.retrieval.query import Query, QueryEncoder
from rag.retrieval.recency import newest_first, newest_first_on_ties
from rag.schema import text_at

_WORDS = re.compile(r"\w+")
_MAX_CACHE_BYTES = 64_000_000  # of sentence vectors
_NEAR_BEST = 0.5  # share of the best probability from which a newer quote goes first when the latest is asked for


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence at its document offsets, with the probability that it holds the answer.

    ``features`` are the values of ``FEATURES`` that it was scored by, ``kind`` the evidence they come from. ``answer``
    is where in the document the answering words stand, as far as a reader has said so. With ``is_list`` it is a whole
    list with its lead-in, scored by the best of its sentences.
    """

    passage: Passage
    start: int
    end: int
    probability: float
    features: tuple[float, ...]
    kind: EvidenceKind = "cosine"
    answer: Span | None = None
    is_list: bool = False

    @property
    def text(self) -> str:
        """The words, exactly as they stand in the document."""
        return text_at(self.passage, self.start, self.end)


Rereading = Callable[[str, Sequence[Quote]], tuple[Quote, ...]]
"""Scores the best of ranked sentences again; see ``Rereader``."""


class SentenceRanker:
    """Ranks the sentences of found passages as answers to a question.

    Where the index holds tokens, sentences are compared word by word; otherwise they are embedded and cached. The most
    probable are then scored again by ``reread``, where it is given. Safe to use from several threads.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        encode: QueryEncoder,
        reread: Rereading | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._encode = encode
        self._reread = reread
        self._vectors: LruCache[str, Vectors] = LruCache(_MAX_CACHE_BYTES, lambda _, vectors: vectors.nbytes)

    def rank(self, question: str, hits: Sequence[Hit], idf: Idf) -> tuple[Quote, ...]:
        """Return every sentence of ``hits`` scored against ``question``, best first, the same words only once."""
        if not hits:
            return ()
        query = self._encode(question)
        question_terms = analyze_question(question, [hit.passage.text for hit in hits])
        spans = [sentence_spans(hit.passage.text) for hit in hits]
        matches = self._match_tokens(query, hits)
        kind: EvidenceKind = "tokens" if matches else "cosine"
        if matches:
            similarities = [
                _token_similarities(query, m, s, question_terms) for m, s in zip(matches, spans, strict=True)
            ]
        else:
            similarities = self._vector_similarities(query, hits, spans)
        asked_in = question_language(question)
        languages = [reading_language(asked_in, hit.passage) for hit in hits]
        asked = {language: analyze_in(question, language) for language in set(languages) if language is not None}
        found: list[Quote] = []
        for hit, sentences, near, context, language in zip(
            hits, spans, similarities, self._contexts(query, hits, matches, languages), languages, strict=True
        ):
            by: EvidenceKind = kind if language is None else "lexical"
            model = load_weights(by).sentence
            for (start, end), similarity in zip(sentences, near, strict=True):
                at = hit.passage.start
                above = heading_path(hit.passage.headings, at + start, hit.passage.title)
                sentence = hit.passage.text[start:end]
                if language is None:
                    values = sentence_features(question_terms, sentence, similarity, context, idf, headings=above)
                else:
                    values = lexical_features(asked[language], sentence, similarity, context, idf, headings=above)
                found.append(Quote(hit.passage, at + start, at + end, probability(model, values), values, by))
        found = [q for q in found if not (_is_heading(q) or _repeats(question, q.text))] or found
        found.sort(key=lambda q: (q.passage.document_id, q.start))
        ranked = _unique(best_first(found))
        return self._reread(question, ranked) if matches and self._reread else ranked

    def _match_tokens(self, query: Query, hits: Sequence[Hit]) -> list[TokenMatch]:
        """Compare each hit with the question word by word; return nothing unless all hits have tokens."""
        if query.tokens is None:
            return []
        codes = self._store.token_codes([hit.passage.id for hit in hits])
        if any(hit.passage.id not in codes for hit in hits):
            return []
        return match_tokens(query.tokens, [codes[hit.passage.id] for hit in hits])

    def _contexts(
        self, query: Query, hits: Sequence[Hit], matches: Sequence[TokenMatch], languages: Sequence[str | None]
    ) -> list[SentenceContext]:
        stored = self._store.vectors([hit.passage.id for hit in hits])
        read = ("\n".join((*context_lines(hit.passage), hit.passage.text)) for hit in hits)
        held = [held_terms(text, language or "") for text, language in zip(read, languages, strict=True)]
        return [
            SentenceContext(
                passage_terms=held[n],
                document_terms=_document_terms(hit.passage.document_id, hits, held),
                cosine=float(stored[hit.passage.id] @ query.vector) if hit.passage.id in stored else 0.0,
                score=hit.score,
                rank=n + 1,
                late=matches[n].score if matches else 0.0,
            )
            for n, hit in enumerate(hits)
        ]

    def _vector_similarities(
        self, query: Query, hits: Sequence[Hit], spans: Sequence[Sequence[Span]]
    ) -> list[list[Similarity]]:
        sentences = {
            hit.passage.id: [hit.passage.text[a:b] for a, b in found] for hit, found in zip(hits, spans, strict=True)
        }

        def embed(ids: list[str]) -> list[Vectors]:
            vectors = self._embedder.embed([sentence for id_ in ids for sentence in sentences[id_]])
            ends = list(accumulate(len(sentences[id_]) for id_ in ids))
            # Copies, since a view keeps the whole array in memory.
            return [vectors[a:b].copy() for a, b in pairwise([0, *ends])]

        read = self._vectors.get_many([hit.passage.id for hit in hits], embed)
        return [[Similarity(cosine=float(v @ query.vector)) for v in vectors] for vectors in read]


def _token_similarities(
    query: Query, matches: TokenMatch, spans: Sequence[Span], question_terms: QuestionTerms
) -> list[Similarity]:
    """Return the similarity of each sentence: the mean over the question's tokens, and its weakest content word."""
    best = matches.best_by_sentence(spans)
    key_tokens = [n for n, (a, b) in enumerate(query.places) if question_terms.is_key_term(a, b)]
    weakest = best[:, key_tokens].min(axis=1) if key_tokens else best.min(axis=1)
    return [Similarity(late=float(m), weakest=float(w)) for m, w in zip(best.mean(axis=1), weakest, strict=True)]


def _repeats(question: str, sentence: str) -> bool:
    """Tell whether a sentence is the question itself, as lists of questions and answers hold it."""
    return _WORDS.findall(sentence.casefold()) == _WORDS.findall(question.casefold())


def _is_heading(quote: Quote) -> bool:
    if any(heading.level and heading.start == quote.start for heading in quote.passage.headings):
        return True
    at = quote.passage.start
    # The first sentence of a text without a title is its title too.
    is_title = quote.text.strip() == quote.passage.title and is_fragment(quote.text)
    return is_title or is_heading(quote.passage.text, quote.start - at, quote.end - at)


def best_first(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes by their probability; of those that are as probable, the newest first."""
    return newest_first_on_ties(quotes, _probability_of, _date_of)


def latest_first(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes with those about as probable as the best in order of date, newest first."""
    return newest_first(quotes, _probability_of, _date_of, _NEAR_BEST)


def _probability_of(quote: Quote) -> float:
    return quote.probability


def _date_of(quote: Quote) -> str:
    return quote.passage.metadata.get("date", "")


def _document_terms(document_id: str, hits: Sequence[Hit], by_passage: Sequence[frozenset[str]]) -> frozenset[str]:
    found = [t for hit, t in zip(hits, by_passage, strict=True) if hit.passage.document_id == document_id]
    return frozenset().union(*found)


def _unique(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    seen: set[str] = set()
    kept: list[Quote] = []
    for quote in quotes:
        key = " ".join(quote.text.casefold().split())
        if key not in seen:
            seen.add(key)
            kept.append(quote)
    return tuple(kept)


def average_rankings(whole: Sequence[Quote], core: Sequence[Quote], answered: str = "") -> tuple[Quote, ...]:
    """Return the quotes of ``whole`` by the mean of their probabilities there and in ``core``, best first.

    The whole wording knows the subject, the short one what is asked about it. The features stay those of ``whole``. A
    sentence that the turn before ``answered`` with counts by the short wording alone: the words added to it come from
    there, so that they tell nothing.
    """
    by_place = {(q.passage.id, q.start): q for q in core}
    told = " ".join(answered.split())
    mixed = []
    for quote in whole:
        own = by_place.get((quote.passage.id, quote.start), quote)
        if told and " ".join(quote.text.split()) in told:
            mixed.append(replace(quote, probability=own.probability, features=own.features))
        else:
            mixed.append(replace(quote, probability=(quote.probability + own.probability) / 2))
    return tuple(sorted(mixed, key=lambda q: -q.probability))
