"""Refuse to answer: the reason, in the language of the question, and the passages that come closest."""

from collections.abc import Sequence
from dataclasses import replace

from index.schema import Hit
from index.storage.store import Store
from index.text.language import question_language
from rag.languages.messages import OTHER_LANGUAGE, documents_named, messages_for
from rag.prompts import NOT_MENTIONED, NOTHING_INDEXED, empty_scope_refusal, refusal
from rag.reading.evidence import Evidence
from rag.reading.sentence_ranker import Quote
from rag.schema import Answer, Citation

# From this evidence on, and below what an answer needs, the best two sentences held the answer of two in three everyday
# questions that had one (tuning half).
_PERHAPS_FROM = 0.1


def refuse(answer: Answer, found: Evidence, store: Store) -> Answer:
    """Refuse to answer, and say why; a sentence that may answer all the same is shown as such."""
    messages = messages_for(answer.question)
    if not store.count():
        return refused(answer, messages.no_documents if messages else NOTHING_INDEXED, found.quotes)
    if found.lacking:
        what = " or ".join(identifier.name for identifier in found.lacking)
        template = messages.not_mentioned if messages else NOT_MENTIONED
        return refused(answer, template.format(what=what), found.quotes)
    within = found.search.within
    if within == frozenset():
        return refused(answer, empty_scope_refusal(found.search.scope), found.quotes)
    unsure = bool(found.quotes) and found.confidence >= _PERHAPS_FROM
    searched = len(store.ids()) if within is None else len(within)
    given = refused(answer, _reason(answer.question, store, searched, within is None, unsure), found.quotes)
    best = found.quotes[0] if unsure else None
    return replace(given, perhaps=Citation(1, best.passage, best.start, best.end)) if best else given


def refused(answer: Answer, reason: str, quotes: Sequence[Quote]) -> Answer:
    """Return ``answer`` as refused for ``reason``, its hits in the order of their best sentences in ``quotes``."""
    return replace(answer, refused=True, reason=reason, hits=_by_best_sentence(answer.hits, quotes), done=True)


def _reason(question: str, store: Store, searched: int, searched_all: bool, unsure: bool) -> str:
    language, messages = question_language(question), messages_for(question)
    if language and searched_all and language not in store.keyword.languages():
        return messages.other_language if messages else OTHER_LANGUAGE
    if messages is None:
        return refusal(searched, searched_all=searched_all, unsure=unsure)
    template = messages.unsure if unsure else messages.nothing
    return template.format(documents=documents_named(messages, searched))


def _by_best_sentence(hits: Sequence[Hit], quotes: Sequence[Quote]) -> tuple[Hit, ...]:
    """Return the hits in the order of their best sentences, which is what a reader of a refusal looks at."""
    order = {q.passage.id: rank for rank, q in reversed(list(enumerate(quotes)))}
    return tuple(sorted(hits, key=lambda hit: order.get(hit.passage.id, len(order))))
