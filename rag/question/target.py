"""Find the documents a question speaks of: by their titles and file names, else by what they hold."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from index.schema import Document, DocumentInfo, Hit
from index.text.terms import terms

_GENERIC = frozenset(
    terms(
        "article document file text report story piece page paper manual letter book pdf email mail newsletter "
        "handbook catalogue catalog minutes memo guide leaflet brochure policy contract agreement lease spreadsheet "
        "presentation transcript about on by from everything all"
    )
)
_OF_SECTIONS = frozenset(terms("section chapter part heading paragraph item point topic meeting"))
_CALLED = re.compile(r"\b(?:the|this|that|these|those|my|our|your) (?P<noun>(?:[a-z]+ )?[a-z-]+)\b", re.IGNORECASE)
_MOST_SECTIONS_READ = 5  # documents whose headings are looked at
_MOST_BY_CONTENT = 3  # documents taken for a subject that no title names


def named_documents(subject: str, documents: Sequence[DocumentInfo]) -> tuple[DocumentInfo, ...]:
    """Find the documents whose title, file name, outlet or author hold every telling word of ``subject``.

    Those come alone that hold the others too: "the council minutes" are no news of the council.
    """
    wanted = subject_terms(subject)
    if not wanted:
        return ()
    found = tuple(info for info in documents if wanted <= _name_terms(info))
    whole = frozenset(terms(subject))
    return tuple(info for info in found if whole <= _name_terms(info)) or found


def documents_called(question: str, documents: Sequence[DocumentInfo]) -> tuple[DocumentInfo, ...]:
    """Find the documents that ``question`` calls by a word of their title or file name: "the manual", "the minutes".

    Empty where it does not, or where every document is called so.
    """
    called = [terms(found["noun"]) for found in _CALLED.finditer(question)]
    nouns = frozenset(term for held in called for term in held) & _GENERIC
    found = tuple(info for info in documents if nouns & _name_terms(info))
    return found if len(found) < len(documents) else ()


@dataclass(frozen=True, slots=True)
class NamedSection:
    """The part of a ``document`` from ``start`` to ``end`` that stands under the heading ``label``."""

    document: DocumentInfo
    label: str
    start: int
    end: int


def section_named(
    subject: str,
    documents: Sequence[DocumentInfo],
    read: Callable[[str], Document],
    search: Callable[[str], Sequence[Hit]],
) -> NamedSection | None:
    """Find the section whose heading holds every telling word of ``subject``, where no document is named so.

    Only documents with a passage that is found for the subject are looked at.
    """
    wanted = frozenset(terms(subject)) - _GENERIC - _OF_SECTIONS
    if not wanted or named_documents(subject, documents):
        return None
    by_id = {info.id: info for info in documents}
    found = dict.fromkeys(hit.passage.document_id for hit in search(subject))
    for id_ in [id_ for id_ in found if id_ in by_id][:_MOST_SECTIONS_READ]:
        document = read(id_)
        rest = wanted - _name_terms(by_id[id_])  # "the budget in the minutes"
        headings = [section for section in document.sections if section.kind == "heading"]
        for n, heading in enumerate(headings):
            if rest and rest <= frozenset(terms(heading.label)) and heading.label != document.title:
                ends = (h.start for h in headings[n + 1 :] if h.level <= heading.level)
                return NamedSection(by_id[id_], heading.label, heading.start, next(ends, len(document.text)))
    return None


def documents_about(
    subject: str, documents: Sequence[DocumentInfo], search: Callable[[str], Sequence[Hit]]
) -> tuple[DocumentInfo, ...]:
    """Find the documents meant by ``subject``: named by it, else those whose passages are found for it.

    Of passages that are found, only those count that hold a telling word of the subject; empty when none does.
    """
    if named := named_documents(subject, documents):
        return named
    wanted = subject_terms(subject)
    by_id = {info.id: info for info in documents}
    shares: dict[str, float] = {}
    for hit in search(subject):
        held = wanted & set(terms(f"{hit.passage.title} {hit.passage.text}"))
        if hit.passage.document_id in by_id and held:
            share = len(held) / len(wanted)
            shares[hit.passage.document_id] = max(share, shares.get(hit.passage.document_id, 0.0))
    best = max(shares.values(), default=0.0)
    return tuple(by_id[id_] for id_, share in shares.items() if share == best)[:_MOST_BY_CONTENT]


def subject_terms(subject: str) -> frozenset[str]:
    """Give the telling terms of ``subject``: without "the article about" and the like."""
    held = frozenset(terms(subject))
    return held - _GENERIC or held


def _name_terms(info: DocumentInfo) -> frozenset[str]:
    file = re.sub(r"[_\W]+", " ", PurePath(info.source).name)
    said = (info.title, file, info.metadata.get("outlet", ""), info.metadata.get("author", ""))
    return frozenset(terms(" ".join(said)))
