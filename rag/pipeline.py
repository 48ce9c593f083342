"""The order of the steps: one code path for the web chat, the command line and the evaluation."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.embed import Embedder
from index.schema import Hit
from index.store import Store
from rag.attribution import attribute, reweighed
from rag.blend import blended
from rag.carriers import with_carriers
from rag.cite import cite
from rag.condense import Standalone, condense
from rag.config import RagConfig
from rag.cross import CrossEncoder
from rag.prompts import NOTHING_INDEXED, REFUSAL, nothing_in_scope
from rag.query import make_reader
from rag.question import checked
from rag.quote import Quote, Quoter, choose, latest_first
from rag.retrieve import Retriever
from rag.schema import Answer, Turn
from rag.scope import EVERYTHING, Scope
from rag.searches import Search, searches
from rag.speeches import Speeches
from rag.verify import verify
from rag.weights import probability, shipped_weights


@dataclass(frozen=True)
class Pipeline:
    """Questions in, answers on the record out. Safe to call from several threads."""

    store: Store
    config: RagConfig
    retriever: Retriever
    quoter: Quoter
    speeches: Speeches

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYTHING) -> Answer:
        """The whole answer. Raises as ``stream`` does."""
        *_, answer = self.stream(question, history, scope)
        return answer

    def stream(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYTHING) -> Iterator[Answer]:
        """The answer as it grows, a claim at a time; the last one has ``done`` set.

        Every claim is verified before it is yielded. ``history`` holds the earlier turns, from which the question is
        made whole before it is searched and quoted. Only documents in ``scope`` are searched, those of a time that
        the question names first. Raises BadQuestion for a question that is none, BadScope for an unknown outlet or
        document.
        """
        asked = checked(question)
        whole = self.standalone(asked, history, scope)
        query = whole.question
        clock = _Clock()
        for search in searches(query, scope, self.store.documents):
            hits = self.retriever.retrieve(search.query, within=search.within, newest=search.newest)
            clock.lap("retrieve")
            found = self.quoter.quotes(search.query, hits, self.retriever.keyword().idf)
            if whole.core != query:
                found = blended(found, self.quoter.quotes(whole.core, hits, self.retriever.keyword().idf))
            quotes = attribute(found, query, self.speeches)
            confidence = reweighed(_confidence(quotes), found, quotes)
            clock.lap("quote")
            if quotes and confidence >= self.config.refuse_below:
                break
        quotes = latest_first(quotes) if search.newest else quotes
        answer = Answer(asked, search.query, (), hits, refused=False, confidence=confidence, done=False)
        answer = replace(answer, scope=search.scope, note=search.note)
        if not quotes or confidence < self.config.refuse_below:
            reason = self._refusal(search)
            closest = _closest(hits, quotes)
            yield replace(answer, refused=True, reason=reason, hits=closest, done=True, timings=clock.laps)
            return
        for claim in cite(choose(quotes, self.config), self.speeches.of_quote):
            verified = with_carriers(verify(claim, self.store.document), hits)
            answer = replace(answer, claims=(*answer.claims, verified))
            yield answer
        clock.lap("verify")
        yield replace(answer, done=True, timings=clock.laps)

    def standalone(self, question: str, history: Sequence[Turn], scope: Scope = EVERYTHING) -> Standalone:
        """The question made whole from ``history``, as it is searched."""
        return condense(question, history, today=scope.as_of)

    def tuned(self, config: RagConfig) -> "Pipeline":
        """The same pipeline with other settings."""
        return replace(self, config=config, retriever=self.retriever.tuned(config))

    def warm_up(self) -> None:
        """Load the model and derive the keyword index, so that the first question need not wait for them."""
        self.retriever.retrieve("warm up")

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """The passages found for ``query`` in ``scope``, best first, without an answer.

        Those of a time that the query names, where there are any.
        """
        for search in searches(checked(query), scope, self.store.documents):
            hits = self.retriever.retrieve(search.query, k, within=search.within, newest=search.newest)
            if hits:
                break
        return hits

    def _refusal(self, search: Search) -> str:
        if not self.store.count():
            return NOTHING_INDEXED
        return nothing_in_scope(search.scope) if search.within == frozenset() else REFUSAL


def make_pipeline(store: Store, embedder: Embedder, config: RagConfig, cross: CrossEncoder | None) -> Pipeline:
    """A pipeline over an open store. Late interaction takes part where the index has tokens, ``cross`` if given."""
    read = make_reader(embedder, store.rotation)
    quoter = Quoter(store, embedder, read, cross, config.read_closely)
    return Pipeline(store, config, Retriever(store, read, config, cross), quoter, Speeches(store.document))


@dataclass
class _Clock:
    """Seconds by step."""

    laps: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.laps[step] = self.laps.get(step, 0.0) + now - self._since
        self._since = now


def _confidence(quotes: Sequence[Quote]) -> float:
    return probability(shipped_weights(quotes[0].kind).answerable, quotes[0].values) if quotes else 0.0


def _closest(hits: Sequence[Hit], quotes: Sequence[Quote]) -> tuple[Hit, ...]:
    """The hits in the order of their best sentence, which is what a reader of a refusal looks at."""
    order = {q.passage.id: rank for rank, q in reversed(list(enumerate(quotes)))}
    return tuple(sorted(hits, key=lambda hit: order.get(hit.passage.id, len(order))))
