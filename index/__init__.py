"""Turn documents into passages that can be found: load → chunk → embed → store.

``index_folder`` brings an index in step with a folder; ``IndexConfig`` says where it lies and how it is made. Each step
has a room below. This package imports none of the others.
"""

import os
import sys
from typing import TYPE_CHECKING

from index.system.lazy_imports import public_names
from index.system.telemetry import switch_off_telemetry

if TYPE_CHECKING:
    from index.config import IndexConfig as IndexConfig
    from index.ingest.folder import index_folder as index_folder
    from index.schema import Document as Document
    from index.schema import Passage as Passage

switch_off_telemetry(os.environ, sys.modules)

__getattr__ = public_names(
    __name__,
    {
        "Document": "index.schema",
        "IndexConfig": "index.config",
        "Passage": "index.schema",
        "index_folder": "index.ingest.folder",
    },
)
__all__ = ["Document", "IndexConfig", "Passage", "index_folder"]  # imported at first use
