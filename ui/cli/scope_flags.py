"""The flags that say which documents are searched."""

from argparse import Namespace
from collections.abc import Sequence

from index.config import IndexConfig
from index.schema import DocumentInfo
from rag.question.scope import Scope, parse_scope
from ui.core.scope import within
from ui.library.collections import Collections
from ui.library.files import library_folder


def scope_of(arguments: Namespace) -> Scope:
    """The scope that ``--since``, ``--until``, ``--as-of`` and ``--outlet`` set. Raises ScopeError for a bad date."""
    return parse_scope(arguments.since, arguments.until, arguments.as_of, arguments.outlet)


def within_collections(
    scope: Scope, arguments: Namespace, index: IndexConfig, documents: Sequence[DocumentInfo]
) -> Scope:
    """The part of ``scope`` in the collections that ``--in`` names, where it names any. Raises ScopeError."""
    return within(scope, arguments.collections, Collections(library_folder(index), lambda: documents))
