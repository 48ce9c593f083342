"""A scope narrowed to named collections, for whoever names them: a flag, a program, a person."""

from collections.abc import Sequence
from dataclasses import replace

from rag.question.scope import Scope, ScopeError
from ui.core.protocols import Groups


def within(scope: Scope, collections: Sequence[str], groups: Groups | None) -> Scope:
    """The part of ``scope`` in any of ``collections``; all of it where none is named.

    Raises ScopeError, which lists what there is, for a name that is not there, and where no document is left.
    """
    if not collections:
        return scope
    if groups is None:
        raise ScopeError("There are no collections here. Leave them out.")
    held = groups.documents_of(collections)
    kept = tuple(id_ for id_ in held if id_ in scope.documents) if scope.documents else tuple(held)
    if not kept:
        raise ScopeError(f"None of the documents named is in {' or '.join(map(repr, collections))}. Name fewer bounds.")
    return replace(scope, documents=kept)
