"""Documents in, passages findable: load → chunk → embed → store.

``index_folder`` brings an index in step with a folder; ``IndexConfig`` says where it lies and how it is made. The rest
is in the rooms below, one a step. Imports none of ours.
"""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from index.telemetry import switch_off_telemetry

if TYPE_CHECKING:
    from index.config import IndexConfig as IndexConfig
    from index.ingest.folder import index_folder as index_folder
    from index.schema import Document as Document
    from index.schema import Passage as Passage

switch_off_telemetry(os.environ, sys.modules)

_PUBLIC = {
    "Document": "index.schema",
    "IndexConfig": "index.config",
    "Passage": "index.schema",
    "index_folder": "index.ingest.folder",
}
__all__ = ["Document", "IndexConfig", "Passage", "index_folder"]  # found when asked for


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import index`` stays instant."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
