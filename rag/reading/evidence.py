"""Find the sentences that may answer a question: search, read what was found, and weigh it."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from index.schema import Hit
from index.storage.store import Store
from index.text.headings import heading_path
from index.text.language import may_be_english
from rag.question.identifiers import Identifier, identifiers
from rag.question.kind import Kind
from rag.question.located import located_topic
from rag.question.scope import Scope
from rag.question.standalone.condense import StandaloneQuestion
from rag.reading.answer_type import holds_answer_type
from rag.reading.attribution import adjust_confidence, prefer_asked_speaker
from rag.reading.evidence_model import load_weights, probability, sigmoid
from rag.reading.mismatch import MISMATCH_CONFIDENCE, is_about_another
from rag.reading.mismatch.subjects import is_of_another_document
from rag.reading.preferences.below_question import prefer_below_question, stands_below
from rag.reading.preferences.identified import is_numbered, prefer_identified
from rag.reading.preferences.introduced import prefer_introduction
from rag.reading.preferences.located import deals_with, prefer_places
from rag.reading.preferences.named_section import prefer_named_section
from rag.reading.preferences.newest_version import VersionPreference
from rag.reading.preferences.permitted import prefer_permission
from rag.reading.preferences.sender import sender_lines
from rag.reading.preferences.whole_lists import prefer_whole_lists
from rag.reading.sentence_ranker import Quote, SentenceRanker, average_rankings, latest_first
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.search_order import Search, plan_searches

_IS_POINTED_AT = 0.8  # the confidence that the clause of an asked number, or what stands below the question, answers

Retrieve = Callable[..., tuple[Hit, ...]]
"""Finds passages as ``Retriever.retrieve`` does."""

# Share of the confidence that a question's own words have to give, without what the conversation adds to them.
_OWN_SHARE = 0.2
_SURELY_ASKED = 0.85  # the confidence from which a question is not read in another way than it was asked
_SURELY_COMPLETED = 0.5
_CITED_BONUS = 0.15  # for evidence from a document just cited, where two readings are compared
_CLEARLY = 0.1
_CITED_LOG_ODDS = 0.7  # that a follow-up is answered, where the evidence is from a document just cited


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a search found: passages, their sentences best first, and the probability that these answer.

    ``lacking`` are the identifiers of the question that none of it speaks of. ``kind`` is that of the answer they make.
    ``dated`` is the sentence from which day the best one holds, where another version says otherwise; ``superseded``
    are the documents of other versions.
    """

    search: Search
    hits: tuple[Hit, ...]
    quotes: tuple[Quote, ...]
    confidence: float
    lacking: tuple[Identifier, ...]
    kind: Kind = "fact"
    dated: Quote | None = None
    superseded: frozenset[str] = frozenset()

    @property
    def current_hits(self) -> tuple[Hit, ...]:
        """The hits without those of versions that another one stands for."""
        return tuple(hit for hit in self.hits if hit.passage.document_id not in self.superseded)

    def is_answer(self, refuse_below: float) -> bool:
        """Tell whether it is enough to answer from."""
        return bool(self.quotes) and not self.lacking and self.confidence >= refuse_below


@dataclass
class StepTimer:
    """Measures the seconds that each step takes."""

    laps: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, step: str) -> None:
        """Add the time since the last call to ``step``."""
        now = time.perf_counter()
        self.laps[step] = self.laps.get(step, 0.0) + now - self._since
        self._since = now


@dataclass(frozen=True)
class EvidenceFinder:
    """Searches a store and reads what was found. Safe to call from several threads."""

    store: Store
    retrieve: Retrieve
    ranker: SentenceRanker
    speeches: SpeechLookup

    def find(
        self,
        standalone: StandaloneQuestion,
        scope: Scope,
        refuse_below: float,
        clock: StepTimer,
        cited: Sequence[str] = (),
    ) -> Evidence:
        """Find the evidence for a question, in the reading of it that the documents answer best.

        A question that was completed from a conversation is mostly about the documents last ``cited``. Where it may
        stand alone, it is also read as it was asked. Each reading is searched for where it is planned to be, until one
        search answers. Where no reading answers, the likeliest is returned.
        """
        if (place := self._find_place(standalone.question, scope, clock)) and place.is_answer(refuse_below):
            return place

        def read(wording: str, within: Sequence[str] = ()) -> Evidence:
            where = replace(scope, documents=tuple(within)) if within else scope
            planned = plan_searches(wording, where, self.store.documents)
            searches = [replace(search, scope=scope, note="") for search in planned] if within else planned
            for search in searches:
                evidence = self._read(wording, standalone.core, search, clock, standalone.answered)
                if evidence.is_answer(refuse_below):
                    break
            return evidence

        if not standalone.changed:
            return read(standalone.question)
        if standalone.may_stand_alone:
            asked = read(standalone.core)
            if asked.is_answer(max(refuse_below, _SURELY_ASKED)):
                return asked
            return _likelier(asked, read(standalone.question), standalone, cited, refuse_below)
        completed = _nearer(read(standalone.question), cited)
        if completed.is_answer(refuse_below) or standalone.core == standalone.question:
            return completed
        # What was added may be on another subject than what is asked of the same documents.
        near = read(standalone.core, within=cited) if cited and not scope.documents else read(standalone.core)
        return near if near.is_answer(refuse_below) else completed

    def _find_place(self, question: str, scope: Scope, clock: StepTimer) -> Evidence | None:
        """Find which clause or section deals with a topic; None where ``question`` does not ask for that."""
        topic = located_topic(question)
        if not topic:
            return None
        found = self._read(topic, topic, plan_searches(topic, scope, self.store.documents)[-1], clock)
        places = prefer_places(found.quotes)
        sure = _IS_POINTED_AT if places and deals_with(places[0], topic) else 0.0
        return replace(found, quotes=places, confidence=max(found.confidence, sure))

    def _read(self, wording: str, core: str, search: Search, clock: StepTimer, answered: str = "") -> Evidence:
        hits = self.retrieve(search.query, within=search.within, newest=search.newest)
        clock.lap("retrieve")
        idf = self.store.keyword.idf
        ranked = self.ranker.rank(search.query, hits, idf)
        own = ranked if core == wording else self.ranker.rank(core, hits, idf)
        if core != wording:
            ranked = average_rankings(ranked, own, answered)
        ranked = prefer_whole_lists(prefer_named_section(ranked, wording), wording)
        quotes = prefer_introduction(prefer_asked_speaker(ranked, wording, self.speeches), wording)
        quotes = prefer_permission(quotes, wording)
        confidence = _confidence(quotes)
        if core != wording:
            confidence = (1 - _OWN_SHARE) * confidence + _OWN_SHARE * _confidence(own)
        confidence = adjust_confidence(confidence, ranked, quotes)
        quotes, lacking = prefer_identified(quotes, core, self.store.document)
        quotes = prefer_below_question(quotes, wording)
        if quotes and not lacking and _is_pointed_at(quotes[0], wording, core):
            confidence = max(confidence, _IS_POINTED_AT)
        if quotes and self._cannot_answer(quotes[0], wording, core, hits):
            confidence = min(confidence, MISMATCH_CONFIDENCE)
        quotes = latest_first(quotes) if search.newest else quotes
        if confidence < _IS_POINTED_AT and (lines := sender_lines(quotes, wording)):
            quotes, confidence = (*lines, *(quote for quote in quotes if quote not in lines)), _IS_POINTED_AT
        versions = self._versions(search.scope).prefer_newest(quotes, hits, wording)
        search = replace(search, note=f"{versions.note} {search.note}".strip())
        hits = _with_passage_of(versions.quotes, hits)
        clock.lap("quote")
        dated, others = versions.dated, versions.superseded
        return Evidence(search, hits, versions.quotes, confidence, lacking, dated=dated, superseded=others)

    def _cannot_answer(self, quote: Quote, wording: str, core: str, hits: Sequence[Hit]) -> bool:
        """Tell whether ``quote`` lacks what is asked for, or is on another thing than the question however alike.

        What is compared are English words and dates, so another thing is told for English questions alone.
        """
        if not holds_answer_type(quote.text, wording):
            return True
        if not may_be_english(core, self.store.keyword.languages()):
            return False
        passage = quote.passage
        above = heading_path(passage.headings, quote.start, passage.title)
        around = (*above, passage.title, passage.metadata.get("date", ""))
        return is_about_another(core, quote.text, around) or is_of_another_document(
            core, passage, hits, self.store.document
        )

    def _versions(self, scope: Scope) -> VersionPreference:
        return VersionPreference(self.store.document, self.store.passages_of, scope.as_of or date.today())


def _with_passage_of(quotes: Sequence[Quote], hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return the hits with the passage of the best quote first where it is of a version that was not found itself."""
    if not quotes or any(quotes[0].passage.document_id == hit.passage.document_id for hit in hits):
        return hits
    return (Hit(quotes[0].passage, hits[0].score), *hits)


def _is_pointed_at(quote: Quote, wording: str, core: str) -> bool:
    return is_numbered(quote, identifiers(core)) or stands_below(quote, wording)


def _likelier(
    asked: Evidence, completed: Evidence, standalone: StandaloneQuestion, cited: Sequence[str], refuse_below: float
) -> Evidence:
    """Choose between a question as it was ``asked`` and as it was ``completed``, which must be clearly better.

    One that most likely begins a subject, and is not answered as it was asked, needs much evidence for anything else.
    """
    least = _SURELY_COMPLETED if standalone.begins_subject and not asked.is_answer(refuse_below) else refuse_below
    better = completed.confidence + _bonus(completed, cited) > asked.confidence + _bonus(asked, cited) + _CLEARLY
    nearer = completed if standalone.begins_subject else _nearer(completed, cited)
    return nearer if better and nearer.is_answer(least) else asked


def _bonus(evidence: Evidence, cited: Sequence[str]) -> float:
    return _CITED_BONUS if evidence.quotes and evidence.quotes[0].passage.document_id in cited else 0.0


def _nearer(evidence: Evidence, cited: Sequence[str]) -> Evidence:
    """Raise the confidence of what a document just cited says: a follow-up is mostly answered there."""
    if not _bonus(evidence, cited) or not 0 < evidence.confidence < 1:
        return evidence
    odds = math.log(evidence.confidence / (1 - evidence.confidence)) + _CITED_LOG_ODDS
    return replace(evidence, confidence=sigmoid(odds))


def _confidence(quotes: Sequence[Quote]) -> float:
    return probability(load_weights(quotes[0].kind).answerable, quotes[0].features) if quotes else 0.0
