"""Write passages and their vectors to Chroma through llama-index's vector store, and search them.

The collection is an ordinary LlamaIndex one: ``VectorStoreIndex.from_vector_store`` opens it as it is.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from index.embedding.protocol import Vectors
from index.schema import Passage, Section
from index.storage.chroma.records import IDS_PER_FILTER, in_batches

if TYPE_CHECKING:
    from chromadb import Collection

_HEADINGS = "headings"  # of a passage's metadata


def add_passages(collection: "Collection", passages: Sequence[Passage], vectors: Sequence[Vectors] | Vectors) -> None:
    """Write ``passages`` with their unit ``vectors``, one each."""
    from llama_index.core.schema import BaseNode, NodeRelationship, RelatedNodeInfo, TextNode
    from llama_index.vector_stores.chroma import ChromaVectorStore

    nodes: list[BaseNode] = [
        TextNode(
            id_=passage.id,
            text=passage.text,
            embedding=vector.tolist(),
            metadata={"start": passage.start, "end": passage.end, **headings_row(passage)},
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.document_id)},
        )
        for passage, vector in zip(passages, vectors, strict=True)
    ]
    ChromaVectorStore(chroma_collection=collection).add(nodes)


def headings_row(passage: Passage) -> dict[str, str]:
    """Return the metadata that holds the headings of ``passage``; empty for one without."""
    rows = [[heading.start, heading.label, heading.level] for heading in passage.headings]
    return {_HEADINGS: json.dumps(rows, ensure_ascii=False)} if rows else {}


def read_headings(row: Mapping[str, Any]) -> tuple[Section, ...]:
    """Read the headings of a passage from its metadata. Raises ValueError or TypeError when they are damaged."""
    rows = json.loads(str(row.get(_HEADINGS, "[]")))
    return tuple(Section(int(start), "heading", str(label), int(level)) for start, label, level in rows)


def nearest_passages(
    collection: "Collection", vector: Vectors, k: int, within: frozenset[str] | None = None
) -> list[tuple[str, float]]:
    """Find the ``k`` passages nearest to the unit ``vector``: their ids and cosines, best first.

    With ``within``, only passages of these documents are searched.
    """
    if within is None:
        return _query(collection, vector, k)
    batches = in_batches(sorted(within), IDS_PER_FILTER)
    found = [hit for some in batches for hit in _query(collection, vector, k, {"document_id": {"$in": list(some)}})]
    return sorted(found, key=lambda hit: -hit[1])[:k]


def _query(
    collection: "Collection", vector: Vectors, k: int, where: dict[str, Any] | None = None
) -> list[tuple[str, float]]:
    # Not through llama-index's store, which reads every passage's text and makes a node of it: three times as long.
    found = collection.query(query_embeddings=[vector.tolist()], n_results=k, where=where, include=["distances"])
    distances = (found["distances"] or [[]])[0]
    return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances, strict=True)]
