"""The steps from a question to an answer: one path for web chat, command line and evaluation."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial

from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.protocol import Embedder
from index.schema import Hit
from index.storage.open import embedder_for_index, open_for_reading
from index.storage.store import Store
from index.text.language import may_be_english
from rag.answer.citations import cite_quotes, with_speakers
from rag.answer.earlier_turns import cited_documents, earlier_turn_to_shorten, shortened, within_last_cited
from rag.answer.kinds.by_kind import answer_about_tool, answer_by_kind
from rag.answer.kinds.fact import choose_quotes
from rag.answer.kinds.several import find_parts
from rag.answer.kinds.tables.whole_table import with_whole_table
from rag.answer.kinds.tool_topics import ToolTopics
from rag.answer.refused import refuse, refused
from rag.answer.syndication import with_carriers
from rag.answer.written import DeclinedError, Writer, written_or_quoted
from rag.config import ModelConfig, RagConfig
from rag.llm.factory import make_model
from rag.llm.protocol import Model, ModelFailedError
from rag.prompts import (
    DECLINED_NOTE,
    FALLBACK_NOTE,
    NOTHING_SUPPORTED_NOTE,
    refusal,
)
from rag.question.scope import EVERYTHING, Scope
from rag.question.spelling import correct_spelling, word_of_term
from rag.question.standalone.condense import StandaloneQuestion, condense
from rag.question.standalone.llm_rewrite import condense_with_model
from rag.question.validate import validate_question
from rag.reading.evidence import EvidenceFinder, Retrieve, StepTimer
from rag.reading.reader.reread import make_rereader
from rag.reading.sentence_ranker import Quote, SentenceRanker
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import CrossEncoder, make_cross_encoder
from rag.retrieval.query import make_query_encoder
from rag.retrieval.retriever import Retriever
from rag.retrieval.search_order import plan_searches
from rag.schema import Answer, Turn
from rag.verify.model_checker import make_model_checker
from rag.verify.verifier import make_verifier, verify_unless_computed, verify_verbatim

# Below this evidence a question that is nearly an example of one to the tool itself is taken for that.
_SURELY_OF_DOCUMENTS = 0.6


@dataclass(frozen=True)
class Pipeline:
    """Answers questions from an open index. Safe to call from several threads.

    Make one with ``open_pipeline``, or with ``make_pipeline`` over a store that is open already.

    >>> with open_pipeline(IndexConfig(data_dir=data_dir)) as pipeline:
    ...     refusal = pipeline.ask("Who composed the opera?")
    >>> refusal.refused, refusal.reason
    (True, 'I found nothing that answers this in your document.')
    """

    store: Store
    config: RagConfig
    retriever: Retriever
    ranker: SentenceRanker
    speeches: SpeechLookup
    topics: ToolTopics
    writer: Writer | None = None

    def ask(self, question: str, history: Sequence[Turn] = (), scope: Scope = EVERYTHING) -> Answer:
        """Answer ``question`` and return the whole answer. Raises as ``stream`` does."""
        *_, answer = self.stream(question, history, scope)
        return answer

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """Answer ``question`` and yield the answer as it grows, a claim at a time; the last one has ``done`` set.

        Every claim is verified before it is yielded. With a ``writer``, a model's draft is shown as it comes. Where the
        model fails, or the documents support nothing that it wrote, the answer quotes the documents and ``note`` says
        why. The model stops writing once ``stop`` is set. What the question leaves out is filled in from ``history``,
        the earlier turns; only ``Answer.question`` keeps the wording that was asked. Only documents in ``scope`` are
        searched, those of a time that the question names first. Raises QuestionError for a question that is empty or
        too long, and ScopeError for an unknown outlet or document.
        """
        checked = validate_question(question)
        if (earlier := earlier_turn_to_shorten(checked, history)) is not None:
            for answer in self.stream(history[earlier].question, history[:earlier], scope, stop):
                yield shortened(answer, checked)
            return
        clock = StepTimer()
        spelled = self._spelled(checked)
        scope = within_last_cited(spelled, history, scope, self.store)
        by_rules = condense(spelled, history, today=scope.as_of)
        retrieve = cache(self.retriever.retrieve)  # what a kind of answer looked for may be looked for again below
        search_in_scope = partial(self._search_with, retrieve, scope=scope)
        # A follow-up that is whole now is as good as one that was asked so: "and in Lyon?".
        alone = by_rules.question == by_rules.core or by_rules.may_stand_alone
        known = answer_by_kind(by_rules.core, self.store, scope, search_in_scope, stands_alone=alone)
        if known is not None:
            clock.lap("answer")
            claims = tuple(verify_unless_computed(claim, self.store.document) for claim in known.claims)
            known = replace(known, question=checked, claims=claims, timings=clock.laps)
            if self.writer is None or known.kind != "overview" or known.refused:
                yield known
            else:
                quotes = tuple(Quote(c.passage, c.start, c.end, 1.0, ()) for c in known.citations)
                asked = replace(known, claims=(), hits=_hits_of(quotes), done=False)
                written = self._write(self.writer, asked, quotes, clock, history=history, stop=stop)
                yield from written_or_quoted(known, written)
            return
        standalone = by_rules if self.writer is None else self.standalone(spelled, history, scope)
        below = self.config.refuse_below
        finder = EvidenceFinder(self.store, retrieve, self.ranker, self.speeches)
        cited = cited_documents(history, self.store) if standalone.changed else ()
        found = find_parts(finder, standalone, scope, below, clock)
        found = found or finder.find(standalone, scope, below, clock, cited)
        if found.kind == "fact" and found.is_answer(below):
            found = with_whole_table(found.search.query, found, self.store)
        search, hits, quotes = found.search, found.hits, found.quotes
        answer = Answer(checked, search.query, (), hits, refused=False, confidence=found.confidence, done=False)
        answer = replace(answer, scope=search.scope, note=search.note, kind=found.kind)
        unsure = alone and not found.lacking and found.confidence < _SURELY_OF_DOCUMENTS
        if unsure and may_be_english(spelled, self.store.keyword.languages()):
            topic = self.topics.nearest(spelled)
            said = answer_about_tool(topic, checked, self.store, scope) if topic else None
            if said is not None:
                yield replace(said, timings=clock.laps)
                return
        if not found.is_answer(below):
            yield replace(refuse(answer, found, self.store), timings=clock.laps)
            return
        if self.writer is None:
            yield from self._quote(answer, quotes, clock, found.dated)
        else:
            answer = replace(answer, hits=found.current_hits)
            yield from self._write(self.writer, answer, quotes, clock, history=history, stop=stop)

    def _quote(
        self, answer: Answer, quotes: Sequence[Quote], clock: StepTimer, dated: Quote | None = None
    ) -> Iterator[Answer]:
        """Yield ``answer`` in the documents' own words, and where ``dated`` is given the day from which they hold."""
        if answer.kind == "fact":
            quotes = choose_quotes(quotes, answer.query, self.config.max_sentences, dated)
        for claim in cite_quotes(quotes, self.speeches.of_quote):
            verified = with_carriers(verify_verbatim(claim, self.store.document), answer.hits)
            answer = replace(answer, claims=(*answer.claims, verified))
            yield answer
        clock.lap("verify")
        yield replace(answer, done=True, timings=clock.laps)

    def _write(
        self,
        writer: Writer,
        answer: Answer,
        quotes: Sequence[Quote],
        clock: StepTimer,
        *,
        history: Sequence[Turn],
        stop: threading.Event | None,
    ) -> Iterator[Answer]:
        """Yield ``answer`` in the model's words; quoted where the model fails or writes nothing that is supported."""
        model = writer.model
        shown = replace(answer, answerer=model.name, where=model.where)
        try:
            for written in writer.write(answer.question, answer.query, answer.hits, quotes, history=history, stop=stop):
                # What is shown already is not labelled again.
                new = [
                    with_carriers(with_speakers(claim, self.speeches.at), answer.hits)
                    for claim in written.claims[len(shown.claims) :]
                ]
                claims = (*shown.claims, *new) if new else shown.claims
                shown = replace(shown, claims=claims, draft=written.draft)
                yield shown
        except DeclinedError:
            clock.lap("write")
            note = _join_notes(answer.note, DECLINED_NOTE.format(model=model.name))
            declined = refused(shown, refusal(len(self.store.ids()), searched_all=answer.scope == EVERYTHING), quotes)
            yield replace(declined, timings=clock.laps, note=note)
            return
        except ModelFailedError as failure:
            note = _join_notes(answer.note, FALLBACK_NOTE.format(reason=failure))
        else:
            note = _join_notes(answer.note, NOTHING_SUPPORTED_NOTE.format(model=model.name))
            if (stop and stop.is_set()) or any(claim.verdict != "unsupported" for claim in shown.claims):
                clock.lap("write")
                yield replace(shown, draft="", done=True, timings=clock.laps)
                return
        clock.lap("write")
        yield from self._quote(replace(answer, note=note), quotes, clock)

    def standalone(self, question: str, history: Sequence[Turn], scope: Scope = EVERYTHING) -> StandaloneQuestion:
        """Return ``question`` completed from ``history``, as it is searched.

        The model that writes completes it, where there is one; otherwise the rules do.
        """
        if self.writer is not None:
            return condense_with_model(question, history, self.writer.model, scope.as_of)
        return condense(question, history, today=scope.as_of)

    def with_config(self, config: RagConfig) -> "Pipeline":
        """Return the same pipeline with other settings."""
        return replace(self, config=config, retriever=self.retriever.with_config(config))

    def warm_up(self) -> None:
        """Load the models and open the keyword index, so that the first question need not wait for them."""
        self.retriever.retrieve("warm up")

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """Return the passages found for ``query`` in ``scope``, best first, without making an answer.

        Where the query names a time, passages of that time are returned alone, if there are any.
        """
        return self._search_with(partial(self.retriever.retrieve, k=k), query, scope)

    def _search_with(self, retrieve: Retrieve, query: str, scope: Scope) -> tuple[Hit, ...]:
        for search in plan_searches(validate_question(query), scope, self.store.documents):
            hits = retrieve(search.query, within=search.within, newest=search.newest)
            if hits:
                break
        return hits

    def _spelled(self, question: str) -> str:
        """Return ``question`` with words that are misspelt as the documents spell them; only an English one."""
        if not may_be_english(question, self.store.keyword.languages()):
            return question
        return correct_spelling(question, self.store.keyword.vocabulary, lambda term: word_of_term(term, self.store))


def make_pipeline(
    store: Store,
    embedder: Embedder,
    config: RagConfig,
    cross: CrossEncoder | None,
    model: Model | None = None,
    *,
    max_tokens: int = 700,
) -> Pipeline:
    """Make a pipeline over an open store.

    Late interaction takes part where the index holds token vectors, ``cross`` where it is given. A ``model`` writes
    the answers, in at most ``max_tokens``; without one they are quoted.
    """
    read = make_query_encoder(embedder, store.rotation)
    ranker = SentenceRanker(store, embedder, read, make_rereader(cross, config))
    speeches = SpeechLookup(store.document)
    made = Pipeline(store, config, Retriever(store, read, config, cross), ranker, speeches, ToolTopics(embedder))
    if model is None:
        return made
    judge = make_model_checker(config.checker, model, max_tokens)
    verifier = make_verifier(store, embedder, cross, config, speeches, model=judge)
    return replace(made, writer=Writer(model, verifier, max_tokens))


def _hits_of(quotes: Sequence[Quote]) -> tuple[Hit, ...]:
    return tuple(Hit(passage, 1.0) for passage in {quote.passage.id: quote.passage for quote in quotes}.values())


def _join_notes(*notes: str) -> str:
    return " ".join(note for note in notes if note)


@contextmanager
def open_pipeline(
    index: IndexConfig | None = None, answering: RagConfig | None = None, model: ModelConfig | None = None
) -> Iterator[Pipeline]:
    """Open the configured index, with the configured language model; without one, answers are quoted.

    Raises IndexMissingError when nothing was indexed, IndexMismatchError when the index was made with other settings,
    and SettingsError for a model that cannot be used.

    >>> with open_pipeline(IndexConfig(data_dir=data_dir)) as pipeline:
    ...     answer = pipeline.ask("When did the new bridge open?")
    >>> answer.citations[0].text
    'The new bridge opened in May 2024.'
    """
    index, answering, model = index or IndexConfig(), answering or RagConfig(), model or ModelConfig()
    writer = make_model(model, os.environ)
    with open_for_reading(index) as store, one_blas_thread():
        embedder, cross = embedder_for_index(store, index), make_cross_encoder(answering.reranker)
        yield make_pipeline(store, embedder, answering, cross, writer, max_tokens=model.llm_max_tokens)
