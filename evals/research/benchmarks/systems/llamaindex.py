"""LlamaIndex as it comes: its sentence splitter and its vector index on Chroma, only the model being ours.

Everything is passed in, since what is left out is looked up in a global ``Settings`` that reaches for OpenAI.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.scoring.metrics.spans import Interval
from index.embedding.protocol import Embedder
from index.schema import Document
from index.storage.chroma.client import open_chroma
from rag.schema import Turn

if TYPE_CHECKING:
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding

CHUNK_SIZE, CHUNK_OVERLAP = 1024, 200  # SentenceSplitter's own defaults, in tokens of cl100k_base
DEFAULT_TOP_K = 2


class LlamaIndexDefault:
    """``SentenceSplitter`` → ``VectorStoreIndex`` over ``ChromaVectorStore``, with their default settings.

    ``shared`` embeds the chunks and ``embedder`` the questions. A MiniLM reads the first 256 tokens of a
    chunk and no more, which is part of what the default does. ``at_once`` is how many chunks it hands to the model.
    """

    name = "LlamaIndex default"

    def __init__(self, folder: Path, embedder: Embedder, shared: Embedder, at_once: int = 256) -> None:
        self._folder = folder
        self._model = _as_llama_index(embedder, shared, at_once)
        self._places: dict[str, Interval] = {}
        self._index: VectorStoreIndex | None = None

    def index(self, documents: Sequence[Document]) -> int:
        """See ``System.index``."""
        from llama_index.core import Document as Text
        from llama_index.core import StorageContext, VectorStoreIndex
        from llama_index.core.callbacks import CallbackManager
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.vector_stores.chroma import ChromaVectorStore

        callbacks = CallbackManager([])
        splitter = SentenceSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, callback_manager=callbacks)
        nodes = []
        for document in documents:
            own = splitter.get_nodes_from_documents([Text(text=document.text, id_=document.id)])
            places = locate_chunks(document.text, [node.get_content() for node in own])
            for node, (start, end) in zip(own, places, strict=True):
                self._places[node.node_id] = (document.id, start, end)
            nodes += own
        collection = open_chroma(self._folder).create_collection("llamaindex", embedding_function=None)
        store = ChromaVectorStore(chroma_collection=collection)
        self._index = VectorStoreIndex(
            nodes,
            storage_context=StorageContext.from_defaults(vector_store=store),
            embed_model=self._model,
            transformations=[splitter],
            callback_manager=callbacks,
        )
        return len(nodes)

    def search(self, question: str, k: int, history: Sequence[Turn] = ()) -> Sequence[Interval]:
        """See ``System.search``."""
        del history
        assert self._index is not None, "index() first"
        found = self._index.as_retriever(similarity_top_k=k).retrieve(question)
        return [self._places[hit.node.node_id] for hit in found]


def locate_chunks(text: str, chunks: Sequence[str]) -> list[tuple[int, int]]:
    """Locate each of a document's chunks: the first place after the start of the chunk before it.

    LlamaIndex's own offsets are of the first place in the document, which is wrong for words that repeat.
    """
    places, after = [], 0
    for chunk in chunks:
        found = text.find(chunk, after)
        start = found if found >= 0 else max(0, text.find(chunk))
        places.append((start, start + len(chunk)))
        after = start + 1
    return places


def _as_llama_index(embedder: Embedder, shared: Embedder, at_once: int) -> "BaseEmbedding":
    from llama_index.core.callbacks import CallbackManager
    from llama_index.core.embeddings import BaseEmbedding

    class Ours(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = shared.embed(texts).tolist()
            return vectors

        def _get_query_embedding(self, query: str) -> list[float]:
            vector: list[float] = embedder.embed_query(query).tolist()
            return vector

        async def _aget_query_embedding(self, query: str) -> Any:
            return self._get_query_embedding(query)

    return Ours(model_name=embedder.fingerprint, embed_batch_size=at_once, callback_manager=CallbackManager([]))
