"""What a Ray worker does for indexing: passages in, their vectors and codes out, as a llama-index transformation."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.schema import BaseNode, MetadataMode, TextNode, TransformComponent
from pydantic import PrivateAttr

from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from index.embedding.sentence_transformers import Embedder, Vectors
from index.embedding.token_codes import Codes, Floats
from index.ingest.batches import PASSAGES_PER_ENCODING
from index.ingest.build import embed_in_steps
from index.schema import Passage


class EncodePassages(TransformComponent):
    """Encodes one batch of passages a node, by the code that a single process runs, so that every bit is the same.

    ``config`` is what ``described`` makes of the settings, ``made_with`` the fingerprint of the model that the index
    notes. ``rotation`` is that of the index, as ``packed``; empty where no tokens are kept.
    """

    config: dict[str, Any]
    made_with: str
    rotation: str = ""
    dimension: int = 0
    _embedder: Embedder | None = PrivateAttr(default=None)

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """A node for each, its text the encoded batch."""
        return [TextNode(id_=node.node_id, text=self._encoded(node)) for node in nodes]

    def _encoded(self, node: BaseNode) -> str:
        if self._embedder is None:
            self._embedder = embedder_for(config_from_json(self.config), self.made_with)
        passages = [Passage(*row) for row in json.loads(node.get_content(MetadataMode.NONE))]
        turned = unpacked(self.rotation, np.dtype("<f4")).reshape(self.dimension, self.dimension)
        rotation = (lambda _: turned) if self.rotation else None
        # Another number of threads cuts a multiplication elsewhere, and a bit in a million falls the other way.
        with one_blas_thread():
            vectors, codes = embed_in_steps(
                self._embedder, passages, rotation, lambda done, total: None, PASSAGES_PER_ENCODING
            )
        return json.dumps(
            {
                "fingerprint": self._embedder.fingerprint,
                "dimension": vectors.shape[1],
                "vectors": packed(vectors.astype("<f4")),
                "codes": [[packed(c.signs), packed(c.starts.astype("<i4"))] for c in codes],
            }
        )


def described(config: IndexConfig) -> dict[str, Any]:
    """What of the settings says how to encode; a folder is the one of that name on the worker's machine."""
    named = {"model": config.model, "batch_size": config.batch_size, "backend": config.backend}
    return named | {"cache_dir": str(config.cache_dir)}


def config_from_json(described: dict[str, Any]) -> IndexConfig:
    """The settings from ``described``."""
    return IndexConfig(**{**described, "cache_dir": Path(described["cache_dir"])})


def batch_to_node(number: int, passages: Sequence[Passage]) -> TextNode:
    """The node that a worker is sent for a batch."""
    rows = [[p.document_id, p.start, p.end, p.text, p.title] for p in passages]
    return TextNode(id_=str(number), text=json.dumps(rows))


def read_result(node: BaseNode) -> tuple[str, Vectors, list[Codes]]:
    """The model that a worker used, and what it made of a batch."""
    found = json.loads(node.get_content(MetadataMode.NONE))
    vectors = unpacked(found["vectors"], np.dtype("<f4")).reshape(-1, found["dimension"]).astype(np.float32)
    codes = []
    for signs, starts in found["codes"]:
        places = unpacked(starts, np.dtype("<i4")).astype(np.int32)
        codes.append(Codes(unpacked(signs, np.dtype(np.uint8)).reshape(len(places), -1), places))
    return found["fingerprint"], vectors, codes


def packed(array: Floats | Any) -> str:
    """An array's bytes as text."""
    return b64encode(np.ascontiguousarray(array).tobytes()).decode()


def unpacked(text: str, kind: "np.dtype[Any]") -> Any:
    """The array of ``packed``, in one dimension."""
    return np.frombuffer(b64decode(text), dtype=kind)
