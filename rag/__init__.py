"""A question in, an answer on the record out: understand → retrieve → read → answer → verify.

``open_pipeline`` opens an index to ask; ``Pipeline.ask`` gives an ``Answer``, whose claims cite the exact words. The
rest is in the rooms below, one a step. Imports ``index``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import index  # noqa: F401  # switches off what dependencies report home

if TYPE_CHECKING:
    from rag.open import open_pipeline as open_pipeline
    from rag.pipeline import Pipeline as Pipeline
    from rag.schema import Answer as Answer
    from rag.schema import Turn as Turn

_PUBLIC = {
    "Answer": "rag.schema",
    "Pipeline": "rag.pipeline",
    "Turn": "rag.schema",
    "open_pipeline": "rag.open",
}
__all__ = ["Answer", "Pipeline", "Turn", "open_pipeline"]  # found when asked for


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import rag`` stays instant."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)
