"""Answer what asks for no single fact: summaries, lists of documents or people, the library, the tool, greetings."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.schema import DocumentInfo, Hit
from index.storage.store import Store
from index.text.terms import terms
from rag.answer.citations import cite_quotes
from rag.answer.kinds.about_library import (
    documents_meant,
    documents_reply,
    library_reply,
    no_such_reply,
    quoted_title,
    smalltalk_reply,
    tool_reply,
)
from rag.answer.kinds.library_facts import dated_reply, library_fact
from rag.answer.kinds.listing import Overview
from rag.answer.kinds.mentions import MOST_PASSAGES, mentions
from rag.answer.kinds.overview import overview
from rag.answer.kinds.people_list import list_attendance, list_people
from rag.answer.kinds.section_list import list_section
from rag.answer.kinds.tables.from_tables import answer_from_tables
from rag.answer.kinds.tool_topics import ToolTopic
from rag.answer.kinds.values_list import list_values
from rag.languages.kind import kind_in_language
from rag.languages.messages import documents_named
from rag.prompts import empty_scope_refusal
from rag.question.asked_list import asked_list
from rag.question.kind import LIBRARY_FACTS, AskedKind, question_kind
from rag.question.parts import question_parts
from rag.question.scope import EVERYTHING, Scope, select_documents
from rag.question.target import documents_about, documents_called, named_documents, section_named, subject_terms
from rag.question.time_expressions import parse_period, parse_when
from rag.schema import Answer

_logger = logging.getLogger(__name__)
_DESCRIBED = 7  # documents whose author, date or length is said at a time
_WITH_QUOTES = ("overview", "list_documents", "list_people", "list_items")


def answer_by_kind(
    question: str,
    store: Store,
    scope: Scope,
    search: Callable[[str], Sequence[Hit]],
    *,
    stands_alone: bool = True,
) -> Answer | None:
    """Answer ``question`` by its kind; None for a fact, and where what is asked about cannot be told.

    Its claims are not verified yet, computed ones apart. Only documents in ``scope`` are looked at; ``search`` finds
    passages in it. Raises ScopeError as ``select_documents`` does. Tables are read only for a question that
    ``stands_alone``.
    """
    asked = question_kind(question)
    if asked.kind == "fact":
        return (
            (answer_from_tables(question, store, scope, search) if stands_alone else None)
            or _compared(question, store, scope)
            or _under_heading(question, store, scope, search)
        )
    if asked.kind == "overview":
        asked, scope = _within_period(question, asked, scope, store)
    library = _Library(question, store, scope, _documents_in(store, scope), search)
    answer = Answer(question, question, (), (), refused=False, confidence=1.0, scope=scope, kind=asked.kind)
    if asked.kind in _WITH_QUOTES:
        if not library.documents and scope != EVERYTHING:
            return replace(answer, refused=True, reason=empty_scope_refusal(scope), confidence=0.0)
        return _cite(answer, _listed(asked, library))
    return _say_elsewhere(answer, library) or _say_of_library(answer, asked, library) or _say(answer, asked, library)


def answer_about_tool(topic: ToolTopic, question: str, store: Store, scope: Scope) -> Answer | None:
    """Answer a question to the tool itself, or talk, by its ``topic``; None for a library without documents."""
    documents = _documents_in(store, scope)
    if topic.kind == "about_library" and not store.count():
        return None
    answer = Answer(question, question, (), (), refused=False, confidence=1.0, scope=scope, kind=topic.kind)
    return replace(answer, lead=topic.reply) if topic.reply else _reply(answer, AskedKind(topic.kind), documents)


def _compared(question: str, store: Store, scope: Scope) -> Answer | None:
    """Tell side by side what two documents say, where ``question`` compares just these; None for all others."""
    parts = question_parts(question)
    if not parts.compared:
        return None
    documents = _documents_in(store, scope)
    sides = [named_documents(part, documents) for part in parts.questions]
    if any(len(side) != 1 for side in sides) or len({side[0].id for side in sides}) < len(sides):
        return None
    answer = Answer(question, question, (), (), refused=False, confidence=1.0, scope=scope, kind="compare")
    meant = [side[0] for side in sides]
    return _cite(answer, overview(meant, "", read=store.document, passages_of=store.passages_of, idf=store.keyword.idf))


def _under_heading(question: str, store: Store, scope: Scope, search: Callable[[str], Sequence[Hit]]) -> Answer | None:
    """List what stands under the heading that ``question`` asks all of; None where it names none."""
    if not asked_list(question):
        return None
    answer = Answer(question, question, (), (), refused=False, confidence=1.0, scope=scope, kind="list_items")
    return _cite(answer, list_section(question, search(question), store))


@dataclass(frozen=True, slots=True)
class _Library:
    """What ``question`` may be answered from: the ``documents`` of ``store`` that lie in ``scope``."""

    question: str
    store: Store
    scope: Scope
    documents: Sequence[DocumentInfo]
    search: Callable[[str], Sequence[Hit]]

    def meant(self, subject: str) -> Sequence[DocumentInfo]:
        """Find the documents that ``subject`` means; where it is empty, those called as the question does, or all."""
        if not subject:
            return documents_called(self.question, self.documents) or self.documents
        return documents_about(subject, self.documents, self.search)


def _within_period(question: str, asked: AskedKind, scope: Scope, store: Store) -> tuple[AskedKind, Scope]:
    """Narrow ``scope`` to the time that a summary is asked of; "what happened in June" is about the time alone.

    The annual report of 2024 is not of the year in which it was published: what a title names is meant by it.
    """
    period = parse_period(question, scope.as_of or date.today())
    if not period.bounded:
        return asked, scope
    if period.year and named_documents(asked.subject, _documents_in(store, scope)):
        return asked, scope
    about_more = subject_terms(asked.subject) - set(terms(period.words))
    narrowed = scope.narrowed(period.since, period.until)
    return (asked if about_more else replace(asked, subject="")), narrowed


def _documents_in(store: Store, scope: Scope) -> list[DocumentInfo]:
    documents = store.documents()
    if scope == EVERYTHING:
        return documents
    held = select_documents(documents, scope)
    return [info for info in documents if info.id in held]


def _listed(asked: AskedKind, library: _Library) -> Overview | None:
    store = library.store
    if asked.kind == "list_documents":
        within = None if library.scope == EVERYTHING else frozenset(info.id for info in library.documents)
        passages = store.passages_by_id(list(store.keyword.search(asked.subject, MOST_PASSAGES, within)))
        return mentions(asked.subject, list(passages.values()))
    meant = library.meant(asked.subject)
    if asked.kind == "list_items":
        return list_values(meant, asked.property, store)
    if asked.kind == "list_people" and asked.property in ("present", "absent"):
        return list_attendance(meant, asked.property, store)
    if asked.kind == "list_people":
        return list_people(meant, asked.property, store)
    section = section_named(asked.subject, library.documents, store.document, library.search)
    summary = overview(
        [section.document] if section else meant,
        asked.subject,
        read=store.document,
        passages_of=store.passages_of,
        idf=store.keyword.idf,
        most=asked.most,
        section=section,
    )
    elsewhere = kind_in_language(library.question)
    if elsewhere is None:
        return summary
    what = documents_named(elsewhere.messages, len(meant)) if len(meant) > 1 or not meant else quoted_title(meant[0])
    return replace(summary, lead=elsewhere.messages.in_short.format(what=what))


def _say(answer: Answer, asked: AskedKind, library: _Library) -> Answer | None:
    """Answer what rests on no words of a document; None where it is not clear which document is meant."""
    if asked.kind != "about_document":
        return _reply(answer, asked, library.documents)
    meant = library.meant(asked.subject)
    if not 0 < len(meant) <= _DESCRIBED:
        return None
    said, known = documents_reply(meant, asked.property)
    return replace(answer, lead=said) if known else replace(answer, refused=True, reason=said, confidence=0.0)


def _reply(answer: Answer, asked: AskedKind, documents: Sequence[DocumentInfo]) -> Answer | None:
    """Answer talk, and what is asked of the tool or the library; None where no author, outlet or time is so called."""
    match asked.kind:
        case "smalltalk":
            return replace(answer, lead=smalltalk_reply(answer.question, len(documents)))
        case "about_tool":
            return replace(answer, lead=tool_reply(len(documents)))
        case _:
            return _about_library(answer, asked, documents)


def _say_elsewhere(answer: Answer, library: _Library) -> Answer | None:
    """Answer what was asked in another language than English, in that language; None for English."""
    asked = kind_in_language(answer.question)
    if asked is None:
        return None
    count = len(library.documents)
    if asked.reply or not count:
        return replace(answer, lead=asked.reply or asked.messages.no_documents)
    head = asked.messages.library.format(documents=documents_named(asked.messages, count))
    return replace(answer, lead=library_reply(library.documents, head=head))


def _say_of_library(answer: Answer, asked: AskedKind, library: _Library) -> Answer | None:
    """Answer what is asked of all documents, or which are of a time; None for anything else."""
    if asked.kind != "about_library" or not library.documents:
        return None
    if asked.property == "dated":
        period = parse_when(asked.subject, library.scope.as_of or date.today())
        if not period.bounded:
            return None
        dated = _documents_in(library.store, library.scope.narrowed(period.since, period.until))
        said, known = dated_reply(library.documents, dated, period.words)
    elif (fact := next((name for name in LIBRARY_FACTS if name == asked.property), None)) is not None:
        said, known = library_fact(library.documents, fact, library.store.keyword.languages())
    else:
        return None
    return replace(answer, lead=said) if known else replace(answer, refused=True, reason=said, confidence=0.0)


def _about_library(answer: Answer, asked: AskedKind, documents: Sequence[DocumentInfo]) -> Answer | None:
    if asked.property == "dated":
        return None
    by_origin = asked.property == "origin"
    held = documents_meant(documents, asked.subject, by_origin=by_origin)
    if held or not asked.subject:
        return replace(answer, lead=library_reply(held, "" if by_origin else asked.property))
    if by_origin:
        return None
    return replace(answer, refused=True, reason=no_such_reply(documents, asked.subject), confidence=0.0)


def _cite(answer: Answer, found: Overview | None) -> Answer | None:
    if found is None or not found.quotes:
        return None
    return replace(answer, lead=found.lead, claims=cite_quotes(found.quotes))
