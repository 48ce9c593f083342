"""The order of the steps: one code path for the web chat, the command line and the evaluation."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.sentence_transformers import Embedder
from index.schema import DocumentInfo, Hit
from index.storage.open import embedder_of, open_for_reading
from index.storage.store import Store
from rag.answer.citations import cite_quotes
from rag.answer.syndication import with_carriers
from rag.answer.written import DeclinedError, Writer
from rag.config import ModelConfig, RagConfig
from rag.llm.factory import make_model
from rag.llm.protocol import Model, ModelFailedError
from rag.prompts import (
    DECLINED_NOTE,
    FALLBACK_NOTE,
    NOTHING_INDEXED,
    NOTHING_SUPPORTED_NOTE,
    REFUSAL,
    empty_scope_refusal,
)
from rag.question.condense import StandaloneQuestion, condense
from rag.question.llm_rewrite import condense_with_model
from rag.question.scope import EVERYTHING, Scope
from rag.question.validate import validate_question
from rag.reading.attribution import adjust_confidence, prefer_asked_speaker
from rag.reading.evidence_model import load_weights, probability
from rag.reading.sentence_ranker import Quote, SentenceRanker, average_rankings, choose_quotes, latest_first
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import CrossEncoder, make_cross_encoder
from rag.retrieval.query import make_query_encoder
from rag.retrieval.retriever import Retriever
from rag.retrieval.search_order import Search, plan_searches
from rag.schema import Answer, Citation, Claim, Turn
from rag.verify.verifier import make_verifier, verify_verbatim


@dataclass(frozen=True)
class Pipeline:
    """Questions in, answers on the record out. Safe to call from several threads."""

    store: Store
    config: RagConfig
    retriever: Retriever
    ranker: SentenceRanker
    speeches: SpeechLookup
    writer: Writer | None = None

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYTHING) -> Answer:
        """The whole answer. Raises as ``stream`` does."""
        *_, answer = self.stream(question, history, scope)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """The answer as it grows, a claim at a time; the last one has ``done`` set.

        Every claim is verified before it is yielded. With a ``writer`` a model's draft is shown as it comes; where
        it fails, or nothing it wrote is held by the documents, their own words are quoted and ``note`` says why.
        A model stops writing once ``stop`` is set. What the question leaves out is taken from ``history``, the
        earlier turns, and everything but ``Answer.question`` reads it whole. Only documents in ``scope`` are searched,
        those of a time that the question names first. Raises QuestionError for a question that is none, ScopeError for
        an unknown outlet or document.
        """
        asked = validate_question(question)
        clock = _StepTimer()
        whole = self.standalone(asked, history, scope)
        for wording, core, search in _planned_searches(whole, scope, self.store.documents):
            hits = self.retriever.retrieve(search.query, within=search.within, newest=search.newest)
            clock.lap("retrieve")
            idf = self.store.keyword.idf
            found = self.ranker.rank(search.query, hits, idf)
            if core != wording:
                found = average_rankings(found, self.ranker.rank(core, hits, idf))
            quotes = prefer_asked_speaker(found, wording, self.speeches)
            confidence = adjust_confidence(_confidence(quotes), found, quotes)
            clock.lap("quote")
            if answered := bool(quotes) and confidence >= self.config.refuse_below:
                break
        quotes = latest_first(quotes) if search.newest else quotes
        answer = Answer(asked, search.query, (), hits, refused=False, confidence=confidence, done=False)
        answer = replace(answer, scope=search.scope, note=search.note)
        if not answered:
            reason = self._refusal(search)
            closest = _by_best_sentence(hits, quotes)
            yield replace(answer, refused=True, reason=reason, hits=closest, done=True, timings=clock.laps)
            return
        if self.writer is None:
            yield from self._quoted(answer, quotes, clock)
        else:
            yield from self._written(self.writer, answer, quotes, clock, history=history, stop=stop)

    def _quoted(self, answer: Answer, quotes: Sequence[Quote], clock: "_StepTimer") -> Iterator[Answer]:
        """``answer`` in the documents' own words."""
        for claim in cite_quotes(choose_quotes(quotes, self.config), self.speeches.of_quote):
            verified = with_carriers(verify_verbatim(claim, self.store.document), answer.hits)
            answer = replace(answer, claims=(*answer.claims, verified))
            yield answer
        clock.lap("verify")
        yield replace(answer, done=True, timings=clock.laps)

    def _written(
        self,
        writer: Writer,
        answer: Answer,
        quotes: Sequence[Quote],
        clock: "_StepTimer",
        *,
        history: Sequence[Turn],
        stop: threading.Event | None,
    ) -> Iterator[Answer]:
        """``answer`` in the model's words, or quoted where it fails or writes nothing that the documents hold."""
        model = writer.model
        grown = replace(answer, answerer=model.name, where=model.where)
        try:
            for written in writer.write(answer.question, answer.query, answer.hits, quotes, history=history, stop=stop):
                # What is shown already is not labelled again.
                new = [self._labelled(claim, answer.hits) for claim in written.claims[len(grown.claims) :]]
                claims = (*grown.claims, *new) if new else grown.claims
                grown = replace(grown, claims=claims, draft=written.draft)
                yield grown
        except DeclinedError:
            clock.lap("write")
            reason, note = REFUSAL, _join_notes(answer.note, DECLINED_NOTE.format(model=model.name))
            closest = _by_best_sentence(answer.hits, quotes)
            yield replace(grown, refused=True, reason=reason, hits=closest, done=True, timings=clock.laps, note=note)
            return
        except ModelFailedError as failure:
            fallen = _join_notes(answer.note, FALLBACK_NOTE.format(reason=failure))
        else:
            fallen = _join_notes(answer.note, NOTHING_SUPPORTED_NOTE.format(model=model.name))
            if (stop and stop.is_set()) or any(claim.verdict != "unsupported" for claim in grown.claims):
                clock.lap("write")
                yield replace(grown, draft="", done=True, timings=clock.laps)
                return
        clock.lap("write")
        yield from self._quoted(replace(answer, note=fallen), quotes, clock)

    def _labelled(self, claim: Claim, hits: Sequence[Hit]) -> Claim:
        """The claim, its citations saying whose words they are and who else carries them."""
        return with_carriers(replace(claim, citations=tuple(map(self._spoken, claim.citations))), hits)

    def _spoken(self, citation: Citation) -> Citation:
        said = self.speeches.at(citation.passage.document_id, citation.start, citation.end)
        return replace(citation, speaker=said.speaker, manner=said.kind) if said else citation

    def standalone(self, question: str, history: Sequence[Turn], scope: Scope = EVERYTHING) -> StandaloneQuestion:
        """The question made whole from ``history``, as it is searched; by the model that writes, where one does."""
        if self.writer is not None:
            return condense_with_model(question, history, self.writer.model, scope.as_of)
        return condense(question, history, today=scope.as_of)

    def with_config(self, config: RagConfig) -> "Pipeline":
        """The same pipeline with other settings."""
        return replace(self, config=config, retriever=self.retriever.with_config(config))

    def warm_up(self) -> None:
        """Load the model and open the keyword index, so that the first question need not wait for them."""
        self.retriever.retrieve("warm up")

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """The passages found for ``query`` in ``scope``, best first, without an answer.

        Those of a time that the query names, where there are any.
        """
        for search in plan_searches(validate_question(query), scope, self.store.documents):
            hits = self.retriever.retrieve(search.query, k, within=search.within, newest=search.newest)
            if hits:
                break
        return hits

    def _refusal(self, search: Search) -> str:
        if not self.store.count():
            return NOTHING_INDEXED
        return empty_scope_refusal(search.scope) if search.within == frozenset() else REFUSAL


def make_pipeline(
    store: Store,
    embedder: Embedder,
    config: RagConfig,
    cross: CrossEncoder | None,
    model: Model | None = None,
    *,
    max_tokens: int = 700,
) -> Pipeline:
    """A pipeline over an open store. Late interaction takes part where the index has tokens, ``cross`` if given.

    With a ``model`` answers are written by it, in at most ``max_tokens``; else they are quoted.
    """
    read = make_query_encoder(embedder, store.rotation)
    quoter = SentenceRanker(store, embedder, read, cross, config.read_closely)
    speeches = SpeechLookup(store.document)
    made = Pipeline(store, config, Retriever(store, read, config, cross), quoter, speeches)
    if model is None:
        return made
    verifier = make_verifier(store, embedder, cross, config, speeches)
    return replace(made, writer=Writer(model, verifier, max_tokens))


@dataclass
class _StepTimer:
    """Seconds by step."""

    laps: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.laps[step] = self.laps.get(step, 0.0) + now - self._since
        self._since = now


def _planned_searches(
    whole: StandaloneQuestion, scope: Scope, documents: Callable[[], Sequence[DocumentInfo]]
) -> Iterator[tuple[str, str, Search]]:
    """A wording of the question, its core, and where to search: made whole first, everywhere it is to be searched.

    Then the core alone, since what was added may be of another topic.
    """
    for wording in dict.fromkeys((whole.question, whole.core)):
        for search in plan_searches(wording, scope, documents):
            yield wording, whole.core, search


def _join_notes(*notes: str) -> str:
    return " ".join(note for note in notes if note)


def _confidence(quotes: Sequence[Quote]) -> float:
    return probability(load_weights(quotes[0].kind).answerable, quotes[0].features) if quotes else 0.0


def _by_best_sentence(hits: Sequence[Hit], quotes: Sequence[Quote]) -> tuple[Hit, ...]:
    """The hits in the order of their best sentence, which is what a reader of a refusal looks at."""
    order = {q.passage.id: rank for rank, q in reversed(list(enumerate(quotes)))}
    return tuple(sorted(hits, key=lambda hit: order.get(hit.passage.id, len(order))))


@contextmanager
def open_pipeline(
    index: IndexConfig | None = None, answering: RagConfig | None = None, model: ModelConfig | None = None
) -> Iterator[Pipeline]:
    """Open the configured index, with the configured language model; without one, answers are quoted.

    Raises IndexMissingError when nothing was indexed, IndexMismatchError when the index was made with other settings,
    and SettingsError for a model that cannot be had.
    """
    index, answering, model = index or IndexConfig(), answering or RagConfig(), model or ModelConfig()
    writer = make_model(model, os.environ)
    with open_for_reading(index) as store, one_blas_thread():
        embedder, cross = embedder_of(store, index), make_cross_encoder(answering.reranker)
        yield make_pipeline(store, embedder, answering, cross, writer, max_tokens=model.llm_max_tokens)
