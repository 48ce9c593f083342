"""Make an ONNX graph from a model's folder, keep it in a cache, and use it only if it agrees with the model.

The graph gives each token's last hidden state; the embedder does the pooling. At eight bits, the weights of the matrix
multiplications are integers with a scale for each column, and activations are quantised as they come (Jacob et al.
2018, doi 10.1109/CVPR.2018.00286; dynamic quantisation of onnxruntime).
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from index.embedding.model_folder import PooledTransformer
from index.embedding.onnx import OnnxEmbedder
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.errors import ModelMissingError, first_line

Precision = Literal["fp32", "int8"]

GRAPH_FILE, NOTE_FILE = "model.onnx", "made.json"
_OPSET = 17
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MIN_COSINE = {"fp32": 0.9999, "int8": 0.95}
"""The least cosine with the model's own vector that every text of the sample must have."""

_QUIETED = threading.Lock()  # logging is silenced for the process: two at once would restore each other's silence

SAMPLE_TEXTS = (
    "",
    "Bridge",
    "Who built the bridge?",
    "The council closed the old bridge on 4 May 2021, after engineers found cracks in two of its piers.",
    "Zürich’s “Große Brücke” cost €12.5 m — naïve estimates said 3… 東京の橋も高かった。 🌉",
    "A title of a few words\nThe text under it goes on for longer than one sentence. It has numbers, 1,250 of them, "
    "names such as Ada Lovelace, and an aside (which nobody asked for).",
    " ".join(
        f"Sentence {n} says that house {n * 7} on the river has {n % 5} floors and a blue door." for n in range(9)
    ),
    " ".join(f"In {1900 + n} the harbour took in {n * 31} ships from the north." for n in range(60)),
)


@dataclass(frozen=True, slots=True)
class OnnxExport:
    """The graph of a model at a precision, in the cache or made at first use."""

    transformer: PooledTransformer
    fingerprint: str
    precision: Precision
    cache: Path

    @property
    def folder(self) -> Path:
        """The folder of this graph alone."""
        name = "".join(c if c.isalnum() or c in "-_.@" else "_" for c in self.fingerprint)
        return self.cache.expanduser() / f"{name}-{self.precision}"

    def read(self) -> bytes:
        """Read the graph, made at first use. Raises ModelMissingError when it cannot be made or does not agree."""
        held = self._read_cached()
        return held if held is not None else self._make()

    def failure(self) -> str:
        """Return why an earlier try failed; empty if none did."""
        made = self._read_note()
        return str(made.get("failed", "")) if made else ""

    def delete(self) -> None:
        """Delete the graph, so that the next use makes it again."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read_note(self) -> dict[str, Any] | None:
        """Read the note about the graph; None unless it is about this very model and these libraries."""
        try:
            made: dict[str, Any] = json.loads((self.folder / NOTE_FILE).read_text(encoding="utf-8"))
            if made["source"] == _source(self.transformer.folder):
                return made
            # Another copy of the model, such as that of another virtual environment, has the same graph.
            return made if made["contents"] == _contents(self.transformer.folder) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _read_cached(self) -> bytes | None:
        made = self._read_note()
        if made is None:
            return None
        if failed := made.get("failed"):
            raise ModelMissingError(str(failed))
        try:
            model = (self.folder / GRAPH_FILE).read_bytes()
        except OSError:
            return None
        return model if hashlib.sha256(model).hexdigest() == made.get("sha256") else None

    def _make(self) -> bytes:
        if find_spec("onnx") is None:
            raise ModelMissingError('The package onnx is missing. Run: pip install onnx, or set `backend = "torch"`.')
        try:
            self.cache.expanduser().mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.cache.expanduser(), prefix="making-") as scratch:
                made = Path(scratch) / "made"
                made.mkdir()
                folder = self.transformer.folder
                note: dict[str, Any] = {"source": _source(folder), "contents": _contents(folder)}
                try:
                    model = _export(self, made / GRAPH_FILE)
                    note["sha256"] = hashlib.sha256(model).hexdigest()
                except ModelMissingError as error:
                    (made / GRAPH_FILE).unlink(missing_ok=True)
                    note["failed"] = str(error)
                    self._move_to_cache(made, note)
                    raise
                self._move_to_cache(made, note)
                return model
        except OSError as error:
            raise ModelMissingError(
                f"The model's ONNX form could not be kept in {self.folder} ({error.strerror or error}). Set "
                '`cache_dir` to a folder that can be written, or `backend = "torch"`.'
            ) from error

    def _move_to_cache(self, made: Path, note: dict[str, Any]) -> None:
        """Move the finished graph into its place in one step; a faster process has put the same graph there."""
        (made / NOTE_FILE).write_text(json.dumps(note), encoding="utf-8")
        with contextlib.suppress(FileNotFoundError):
            self.folder.rename(made.with_name("before"))
        with contextlib.suppress(OSError):
            made.rename(self.folder)


def _export(wanted: OnnxExport, path: Path) -> bytes:
    reference = SentenceTransformerEmbedder(str(wanted.transformer.folder))
    exact = path.with_name("exact.onnx")
    try:
        with _quiet():
            write_graph(reference, exact)
            if wanted.precision == "int8":
                quantize_graph(exact, path)
            else:
                exact.rename(path)
        model = path.read_bytes()
        cosine = agreement(reference, OnnxEmbedder(wanted.transformer, "", lambda: model))
    except (ModelMissingError, OSError):
        raise
    except Exception as error:  # whatever the exporter, the quantiser or the runtime cannot do with this model
        raise ModelMissingError(f"The model cannot be run as ONNX here ({first_line(error)}).") from error
    finally:
        exact.unlink(missing_ok=True)
    if cosine < MIN_COSINE[wanted.precision]:
        raise ModelMissingError(
            f"The model's ONNX form at {wanted.precision} does not agree with it (cosine {cosine:.4f})."
        )
    return model


def agreement(reference: SentenceTransformerEmbedder, other: OnnxEmbedder) -> float:
    """Compute the least cosine between two embedders' vectors over sample passages and questions."""
    passages = np.sum(reference.embed(SAMPLE_TEXTS) * other.embed(SAMPLE_TEXTS), axis=1)
    question = reference.embed_query(SAMPLE_TEXTS[2]) @ other.embed_query(SAMPLE_TEXTS[2])
    return float(min(passages.min(), question))


def write_graph(reference: SentenceTransformerEmbedder, path: Path) -> None:
    """Write the transformer of a loaded model as a graph of opset 17, for any number of texts of any length."""
    import torch

    loaded = reference.model
    transformer: Any = loaded[0].auto_model
    names = [name for name in loaded.tokenizer.model_input_names if name in _INPUTS]
    # Written out plainly, attention becomes the pattern that onnxruntime knows and fuses.
    attention = transformer.config._attn_implementation
    transformer.set_attn_implementation("eager")

    class Hidden(torch.nn.Module):
        def forward(self, *given: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = transformer(**dict(zip(names, given, strict=True))).last_hidden_state
            return hidden

    module = Hidden()
    module.transformer = transformer
    ids = torch.full((2, 7), 5)
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    fed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}
    try:
        torch.onnx.export(
            module.cpu().eval(),
            tuple(fed[name] for name in names),
            str(path),
            input_names=names,
            output_names=["hidden"],
            dynamic_axes={name: {0: "text", 1: "token"} for name in (*names, "hidden")},
            opset_version=_OPSET,
            dynamo=False,  # the other exporter needs onnxscript besides
        )
    finally:
        transformer.set_attn_implementation(attention)


def quantize_graph(exact: Path, path: Path) -> None:
    """Write the graph again with weights of eight bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        exact,
        path,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
        extra_options={"MatMulConstBOnly": True},
    )


def _source(folder: Path) -> list[Any]:
    """Describe what an export is made from: the model's files as they are now, and the versions of what runs it."""
    return _describe(folder, lambda path: [path.stat().st_size, path.stat().st_mtime_ns])


def _contents(folder: Path) -> list[Any]:
    """Describe the same by what the files hold, which takes a moment longer to read."""
    return _describe(folder, lambda path: [hashlib.sha256(path.read_bytes()).hexdigest()])


def _describe(folder: Path, about: Callable[[Path], list[Any]]) -> list[Any]:
    from importlib.metadata import version

    files = sorted(p for p in folder.rglob("*") if p.suffix in (".safetensors", ".bin", ".json"))
    held = [[path.relative_to(folder).as_posix(), *about(path)] for path in files]
    return [*held, version("onnxruntime").split(".")[0], _OPSET]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence the exporter's warnings about constants in traces; whether these matter is checked afterwards."""
    import logging

    with _QUIETED:
        before = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            with warnings.catch_warnings(), Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
                warnings.simplefilter("ignore")
                yield
        finally:
            logging.disable(before)
