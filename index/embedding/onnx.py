"""Turn texts into vectors with onnxruntime: the same model without torch, which takes ten seconds to import.

Each core reads one text at a time. Nothing is padded, so no work goes into padding, and a text's vector does not depend
on the other texts. Measured with all-MiniLM-L6-v2, one text at a time takes two thirds of the processor time of batches
of 32, whose activations no longer fit the caches.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedding.model_folder import PooledTransformer
from index.embedding.protocol import Vectors
from index.embedding.sentence_transformers import scale_to_unit
from index.embedding.token_codes import TokenVectors
from index.system.threadsafe import loaded_once

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

T = TypeVar("T")


class OnnxEmbedder:
    """A ``TokenEmbedder`` that runs the ONNX graph of a pooled transformer; ``load`` returns its bytes at first use.

    Safe to use from several threads. ``load`` raises ModelMissingError when there is no such graph.
    """

    def __init__(self, plain: PooledTransformer, fingerprint: str, load: Callable[[], bytes]) -> None:
        self.fingerprint = fingerprint
        self.folder = plain.folder
        self._plain = plain
        self._load = load

    @loaded_once
    def _session(self) -> "InferenceSession":
        return open_session(self._load())

    @loaded_once
    def _inputs(self) -> frozenset[str]:
        return frozenset(given.name for given in self._session.get_inputs())

    @loaded_once
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._plain.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self._plain.max_tokens)
        return tokenizer

    @loaded_once
    def _cores(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(available_cores(), thread_name_prefix="encoder")

    def load(self) -> None:
        """Load the model now instead of at first use. Raises ModelMissingError."""
        assert self._inputs and self._tokenizer

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        return np.stack(self._map_texts(lambda text: self._encode(text, self._plain.document_prompt)[0], texts))

    def embed_query(self, text: str) -> Vectors:
        """See ``Embedder.embed_query``."""
        return self._encode(text, self._plain.query_prompt)[0]

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """See ``TokenEmbedder.embed_tokens``."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32), []
        found = self._map_texts(lambda text: self._encode_with_tokens(text, self._plain.document_prompt), texts)
        return np.stack([vector for vector, _ in found]), [tokens for _, tokens in found]

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """See ``TokenEmbedder.embed_query_tokens``."""
        return self._encode_with_tokens(text, self._plain.query_prompt)

    def _map_texts(self, read: Callable[[str], T], texts: Sequence[str]) -> list[T]:
        """Apply ``read`` to each text and keep their order; the longest begin first, so that the cores end together."""
        if len(texts) == 1:
            return [read(texts[0])]
        self.load()  # once, before several threads ask for it
        tasks: dict[int, Future[T]] = {}
        try:
            for n in sorted(range(len(texts)), key=lambda n: -len(texts[n])):
                tasks[n] = self._cores.submit(read, texts[n])
            return [tasks[n].result() for n in range(len(texts))]
        finally:
            for task in tasks.values():  # when interrupted, tasks that have not begun never do
                task.cancel()

    def _encode_with_tokens(self, text: str, prompt: str) -> tuple[Vectors, TokenVectors]:
        vector, hidden, read = self._encode(text, prompt)
        places = np.asarray(read.offsets, dtype=np.int32).reshape(-1, 2) - len(prompt)
        words = (places[:, 0] >= 0) & (places[:, 1] > places[:, 0])
        return vector, TokenVectors(scale_to_unit(hidden[words]), places[words])

    def _encode(self, text: str, prompt: str) -> tuple[Vectors, NDArray[np.float32], Any]:
        """Return a text's vector, the vectors of all its tokens, and the tokenizer's output."""
        read = self._tokenizer.encode(prompt + text)
        given = {"input_ids": read.ids, "attention_mask": read.attention_mask, "token_type_ids": read.type_ids}
        fed = {name: np.array([ids], dtype=np.int64) for name, ids in given.items() if name in self._inputs}
        hidden: NDArray[np.float32] = self._session.run(None, fed)[0][0]
        whole = hidden[0] if self._plain.pooling == "cls" else hidden.mean(axis=0)
        return scale_to_unit(whole[np.newaxis])[0], hidden, read


def open_session(model: bytes, cores: int = 1) -> "InferenceSession":
    """Open a graph that several threads can run at once, each run on so many ``cores``; 0 are all.

    A core that has nothing to do sleeps. By default it spins, which nearly doubles the processor time of a question and
    takes it from whoever else asks.
    """
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = cores
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return InferenceSession(model, options, providers=["CPUExecutionProvider"])


def available_cores() -> int:
    """Count the cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
