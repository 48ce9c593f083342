"""The flags that say which documents are searched."""

from argparse import Namespace

from rag.scope import Scope, read_scope


def scope_of(arguments: Namespace) -> Scope:
    """The scope that ``--since``, ``--until``, ``--as-of`` and ``--outlet`` set. Raises BadScope for a bad date."""
    return read_scope(arguments.since, arguments.until, arguments.as_of, arguments.outlet)
