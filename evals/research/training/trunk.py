"""Starting weights: a BERT read from the quantized ONNX file of the English cross-encoder, or of the shipped reader."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

_LAYER_WEIGHTS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_EMBEDDINGS = ("word_embeddings", "position_embeddings", "token_type_embeddings")


def cross_encoder_trunk(onnx_file: Path, *, frozen_layers: int = 0) -> Any:
    """Load ``onnx_file``, dynamically quantized, as a ``transformers.BertModel`` without pooler.

    It is ms-marco-MiniLM-L12, or a model that was trained from it. Weights are dequantized, which costs about half a
    percent of precision. The embeddings and the first ``frozen_layers`` layers do not learn. Raises ValueError when a
    weight is missing.
    """
    from transformers import BertConfig, BertModel

    arrays, matrices = read_initializers(onnx_file)
    root = next((name.partition(".")[0] for name in arrays if ".encoder.layer.0." in name), "bert")
    layers = 1 + max(
        (int(name.split(".")[3]) for name in arrays if name.startswith(f"{root}.encoder.layer.")), default=0
    )
    state: dict[str, torch.Tensor] = {
        name.removeprefix(f"{root}."): torch.from_numpy(array)
        for name, array in arrays.items()
        if name.startswith(f"{root}.") and name.endswith((".bias", "LayerNorm.weight")) and "pooler" not in name
    }
    for name in _EMBEDDINGS:
        state[f"embeddings.{name}.weight"] = torch.from_numpy(dequantize(arrays, f"{root}.embeddings.{name}.weight"))
    for layer in range(layers):
        for part in _LAYER_WEIGHTS:
            initializer = matrices[f"/{root}/encoder/layer.{layer}/{part.replace('.', '/')}/MatMul_quant"]
            state[f"encoder.layer.{layer}.{part}.weight"] = torch.from_numpy(dequantize(arrays, initializer).T.copy())
    words, width = state["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=state["encoder.layer.0.intermediate.dense.weight"].shape[0],
    )
    trunk = BertModel(config, add_pooling_layer=False)
    missing, _ = trunk.load_state_dict(state, strict=False)
    if missing:
        raise ValueError(f"{onnx_file} lacks {', '.join(missing[:3])}: it is not the cross-encoder this reads")
    for module in (trunk.embeddings, *trunk.encoder.layer[:frozen_layers]):
        module.requires_grad_(False)
    return trunk


def read_initializers(onnx_file: Path) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Read the arrays of an ONNX file by name, and which of them each quantized product multiplies by."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(onnx_file)).graph
    arrays = {tensor.name: numpy_helper.to_array(tensor).copy() for tensor in graph.initializer}
    products = {n.name: n.input[1].removesuffix("_quantized") for n in graph.node if n.op_type == "MatMulInteger"}
    return arrays, products


def dequantize(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[np.float32]:
    """Return the array ``name`` as floats: its whole numbers less their zero point, times their scale."""
    whole = arrays[f"{name}_quantized"].astype(np.float32) - arrays[f"{name}_zero_point"].astype(np.float32)
    return np.asarray(whole * arrays[f"{name}_scale"], dtype=np.float32)
