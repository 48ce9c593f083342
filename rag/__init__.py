"""A question in, an answer on the record out: understand → retrieve → read → answer → verify.

``open_pipeline`` opens an index to ask; ``Pipeline.ask`` gives an ``Answer``, whose claims cite the exact words. The
rest is in the rooms below, one a step. Imports ``index``.
"""

from typing import TYPE_CHECKING

from index.system.lazy_imports import public_names  # importing index also switches off what dependencies report home

if TYPE_CHECKING:
    from rag.pipeline import Pipeline as Pipeline
    from rag.pipeline import open_pipeline as open_pipeline
    from rag.schema import Answer as Answer
    from rag.schema import Turn as Turn

__getattr__ = public_names(
    __name__,
    {
        "Answer": "rag.schema",
        "Pipeline": "rag.pipeline",
        "Turn": "rag.schema",
        "open_pipeline": "rag.pipeline",
    },
)
__all__ = ["Answer", "Pipeline", "Turn", "open_pipeline"]  # found when asked for
