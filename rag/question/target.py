"""Find the documents a question speaks of: by their titles and file names, else by what they hold."""

import re
from collections.abc import Callable, Sequence
from pathlib import PurePath

from index.schema import DocumentInfo, Hit
from index.text.terms import terms

_GENERIC = frozenset(
    terms("article document file text report story piece page paper manual letter book pdf email mail about on by from")
)
_MOST_BY_CONTENT = 3  # documents taken for a subject that no title names


def named_documents(subject: str, documents: Sequence[DocumentInfo]) -> tuple[DocumentInfo, ...]:
    """Find the documents whose title, file name, outlet or author hold every telling word of ``subject``."""
    wanted = subject_terms(subject)
    if not wanted:
        return ()
    return tuple(info for info in documents if wanted <= _name_terms(info))


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
