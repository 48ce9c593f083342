"""Encode passages on a Ray worker, as a llama-index transformation: passages in, vectors and codes out."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.schema import BaseNode, MetadataMode, TextNode, TransformComponent
from pydantic import PrivateAttr

from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from index.embedding.protocol import Embedder, Vectors
from index.embedding.token_codes import Floats, TokenCodes
from index.ingest.batches import PASSAGES_PER_ENCODING
from index.ingest.build import embed_in_steps
from index.schema import Passage, Section


class EncodePassages(TransformComponent):
    """Encodes one batch of passages a node with the code that a single process runs, so that every bit is the same.

    ``config`` comes from ``config_to_json``; ``made_with`` is the model fingerprint recorded in the index. ``rotation``
    is the rotation of the index as ``array_to_text`` writes it; empty without token codes.
    """

    config: dict[str, Any]
    made_with: str
    rotation: str = ""
    dimension: int = 0
    _embedder: Embedder | None = PrivateAttr(default=None)

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """Return a node for each node, with the encoded batch as its text."""
        return [TextNode(id_=node.node_id, text=self._encode(node)) for node in nodes]

    def _encode(self, node: BaseNode) -> str:
        if self._embedder is None:
            self._embedder = embedder_for(config_from_json(self.config), self.made_with)
        rows = json.loads(node.get_content(MetadataMode.NONE))
        passages = [replace(Passage(*row), headings=tuple(Section(*each) for each in named)) for *row, named in rows]
        turned = text_to_array(self.rotation, np.dtype("<f4")).reshape(self.dimension, self.dimension)
        rotation = (lambda _: turned) if self.rotation else None
        # Another number of threads splits a multiplication differently, which changes a bit in a million.
        with one_blas_thread():
            vectors, codes = embed_in_steps(
                self._embedder, passages, rotation, lambda done, total: None, PASSAGES_PER_ENCODING
            )
        return json.dumps(
            {
                "fingerprint": self._embedder.fingerprint,
                "dimension": vectors.shape[1],
                "vectors": array_to_text(vectors.astype("<f4")),
                "codes": [[array_to_text(c.signs), array_to_text(c.starts.astype("<i4"))] for c in codes],
            }
        )


def config_to_json(config: IndexConfig) -> dict[str, Any]:
    """Return the settings that say how to encode. A folder means the folder of that name on the worker's machine."""
    named = {"model": config.model, "batch_size": config.batch_size, "backend": config.backend}
    return named | {"cache_dir": str(config.cache_dir)}


def config_from_json(described: dict[str, Any]) -> IndexConfig:
    """Read the settings that ``config_to_json`` wrote."""
    return IndexConfig(**{**described, "cache_dir": Path(described["cache_dir"])})


def batch_to_node(number: int, passages: Sequence[Passage]) -> TextNode:
    """Make the node that a worker receives for a batch."""
    rows = [
        [p.document_id, p.start, p.end, p.text, p.title, [[h.start, h.kind, h.label, h.level] for h in p.headings]]
        for p in passages
    ]
    return TextNode(id_=str(number), text=json.dumps(rows))


def read_result(node: BaseNode) -> tuple[str, Vectors, list[TokenCodes]]:
    """Read a worker's node: the fingerprint of its model, and the vectors and codes of a batch."""
    found = json.loads(node.get_content(MetadataMode.NONE))
    vectors = text_to_array(found["vectors"], np.dtype("<f4")).reshape(-1, found["dimension"]).astype(np.float32)
    codes = []
    for signs, starts in found["codes"]:
        places = text_to_array(starts, np.dtype("<i4")).astype(np.int32)
        codes.append(TokenCodes(text_to_array(signs, np.dtype(np.uint8)).reshape(len(places), -1), places))
    return found["fingerprint"], vectors, codes


def array_to_text(array: Floats | Any) -> str:
    """Write an array's bytes as base64 text."""
    return b64encode(np.ascontiguousarray(array).tobytes()).decode()


def text_to_array(text: str, kind: "np.dtype[Any]") -> Any:
    """Read the array that ``array_to_text`` wrote, in one dimension."""
    return np.frombuffer(b64decode(text), dtype=kind)
