"""Narrow a scope to named collections, for a flag, a program or a person."""

from collections.abc import Sequence
from dataclasses import replace

from rag.question.scope import Scope, ScopeError
from ui.core.protocols import Groups


def within(scope: Scope, collections: Sequence[str], groups: Groups | None) -> Scope:
    """Return the part of ``scope`` in any of ``collections``; the whole scope where none is named.

    Raises ScopeError, which lists the collections, for an unknown name, and where no document is left.
    """
    if not collections:
        return scope
    if groups is None:
        raise ScopeError("There are no collections here. Leave them out.")
    members = groups.documents_of(collections)
    documents = tuple(id_ for id_ in members if id_ in scope.documents) if scope.documents else tuple(members)
    if not documents:
        raise ScopeError(f"None of the documents named is in {' or '.join(map(repr, collections))}. Name fewer bounds.")
    return replace(scope, documents=documents)
