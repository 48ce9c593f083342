"""Cross-encoders: models that read a question and a text together and score how well one answers the other.

The default comes with Onrecord: ms-marco-MiniLM-L-12-v2 (Nogueira and Cho 2019, "Passage Re-ranking with BERT", arXiv
1901.04085, trained on MS MARCO by the authors of sentence-transformers), quantised to eight bits, run by onnxruntime.
"""

import hashlib
import sys
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.embedding.onnx import open_session
from index.embedding.token_codes import Floats
from index.errors import ModelMissingError, first_line
from index.system.threadsafe import LruCache, loaded_once, lock_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

DEFAULT_RERANKER = "ms-marco-MiniLM-L12-v2"
NO_RERANKER = "none"
_PACKAGED = "rag.retrieval.ms_marco"
_SHA256 = "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"
_MAX_TOKENS = 192  # of question and text together
_BATCH_SIZE = 16
_MAX_CACHE_BYTES = 8_000_000  # of pairs with their scores


class CrossEncoder(Protocol):
    """Scores pairs of a question and a text. ``name`` identifies the model, and with it the scale of its scores."""

    @property
    def name(self) -> str:
        """The name as configured."""
        ...

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Return how well each text answers the question: shape ``(len(texts),)``, on any scale."""
        ...


class OnnxCrossEncoder:
    """A cross-encoder in a folder with ``model.onnx`` and ``tokenizer.json``, loaded at first use.

    Raises ModelMissingError when it cannot be loaded, or when the model is not the file of ``sha256``, where that is
    given.
    """

    def __init__(self, name: str, folder: Path, sha256: str = "") -> None:
        self.name = name
        self._folder = folder
        self._sha256 = sha256

    @loaded_once
    def _session(self) -> "InferenceSession":
        try:
            model = (self._folder / "model.onnx").read_bytes()
        except OSError as error:
            raise ModelMissingError(self._broken(str(error))) from error
        if self._sha256 and hashlib.sha256(model).hexdigest() != self._sha256:
            raise ModelMissingError(self._broken("its file is not the one that was checked"))
        try:
            return open_session(model, cores=0)
        except Exception as error:  # onnxruntime's errors share no other base
            raise ModelMissingError(self._broken(first_line(error))) from error

    @loaded_once
    def _tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        path = self._folder / "tokenizer.json"
        if not path.exists():
            raise ModelMissingError(self._broken(f"there is no {path}"))
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(_MAX_TOKENS, strategy="longest_first")
        return tokenizer

    def _broken(self, why: str) -> str:
        return (
            f"The reranker {self.name!r} could not be loaded ({why}). Set `reranker` to a cross-encoder's folder, or "
            f'to "{NO_RERANKER}" to do without.'
        )

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Return logits, shape ``(len(texts),)``."""
        session = self._session
        read = self._tokenizer.encode_batch([(question, text) for text in texts])
        found = np.zeros(len(texts), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda n: len(read[n].ids))
        for start in range(0, len(by_length), _BATCH_SIZE):
            batch = by_length[start : start + _BATCH_SIZE]
            found[batch] = session.run(None, self._padded([read[n] for n in batch]))[0].reshape(-1)
        return found

    def _padded(self, read: Sequence[Any]) -> dict[str, Any]:
        shape = (len(read), max(len(one.ids) for one in read))
        inputs = {name: np.zeros(shape, dtype=np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        for row, one in enumerate(read):
            length = len(one.ids)
            inputs["input_ids"][row, :length] = one.ids
            inputs["attention_mask"][row, :length] = 1
            inputs["token_type_ids"][row, :length] = one.type_ids
        wanted = {given.name for given in self._session.get_inputs()}
        return {name: values for name, values in inputs.items() if name in wanted}


class LoadedCrossEncoder:
    """What any cross-encoder loaded by sentence-transformers shares: a folder or hub name, loaded at first use.

    ``broken`` is the message of the ModelMissingError when it cannot be loaded, with ``{name}`` and ``{why}``.
    """

    max_tokens: int
    broken: str

    def __init__(self, name: str) -> None:
        self.name = name

    @loaded_once
    def _model(self) -> Any:
        from sentence_transformers import CrossEncoder as Loaded

        folder = Path(self.name).expanduser()
        local = folder.is_dir()
        try:
            model = Loaded(str(folder) if local else self.name, local_files_only=local, max_length=self.max_tokens)
        except Exception as error:
            raise ModelMissingError(self.broken.format(name=repr(self.name), why=first_line(error))) from error
        lock_tokenizer(model)
        return model


class SentenceTransformersCrossEncoder(LoadedCrossEncoder):
    """Any cross-encoder that sentence-transformers can load. Raises ModelMissingError when it cannot be loaded."""

    max_tokens = _MAX_TOKENS
    broken = (
        "The reranker {name} could not be loaded ({why}). Set `reranker` to a cross-encoder's folder, to a name your "
        f'hub has, or to "{NO_RERANKER}" to do without.'
    )

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Return the model's own scores, shape ``(len(texts),)``."""
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, show_progress_bar=False, convert_to_numpy=True)
        return np.asarray(found, dtype=np.float32).reshape(len(texts), -1)[:, -1]


class CachedCrossEncoder:
    """A cross-encoder that caches its last scores, since ranking and quoting read the same pairs.

    Safe to use from several threads where ``inner`` is.
    """

    def __init__(self, inner: CrossEncoder) -> None:
        self.name = inner.name
        self._inner = inner
        self._kept: LruCache[tuple[str, str], float] = LruCache(_MAX_CACHE_BYTES, _size_in_bytes)

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Return the scores of ``inner``; see ``CrossEncoder.scores``."""

        def read(pairs: list[tuple[str, str]]) -> list[float]:
            found: list[float] = self._inner.scores(question, [text for _, text in pairs]).tolist()
            return found

        return np.array(self._kept.get_many([(question, text) for text in texts], read), dtype=np.float32)


def _size_in_bytes(pair: tuple[str, str], score: float) -> int:
    return sum(map(sys.getsizeof, (pair, *pair, score)))


def packaged_folder() -> Path:
    """Return the folder of the default cross-encoder."""
    return Path(str(files(_PACKAGED)))


@cache
def _packaged_cross_encoder() -> CrossEncoder:
    return CachedCrossEncoder(OnnxCrossEncoder(DEFAULT_RERANKER, packaged_folder(), _SHA256))


def make_cross_encoder(name: str) -> CrossEncoder | None:
    """Make the cross-encoder called ``name``: the packaged default, a folder or a hub name; None for ``"none"``.

    The packaged one is loaded once by a process, for all its pipelines. Raises ModelMissingError when a path does not
    exist. Loads nothing yet.
    """
    if name == NO_RERANKER:
        return None
    if name == DEFAULT_RERANKER:
        return _packaged_cross_encoder()
    folder = Path(name).expanduser()
    if not folder.is_dir() and (folder.is_absolute() or name.startswith((".", "~"))):
        raise ModelMissingError(
            f'There is no reranker folder {name!r}. Set `reranker` to a cross-encoder\'s folder, or to "{NO_RERANKER}".'
        )
    onnx = (folder / "model.onnx").is_file() and (folder / "tokenizer.json").is_file()
    return CachedCrossEncoder(OnnxCrossEncoder(name, folder) if onnx else SentenceTransformersCrossEncoder(name))
