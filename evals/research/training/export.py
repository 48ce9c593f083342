"""Write a trained reader as the ONNX file that Onrecord ships.

``python -m evals.research.training.export --checkpoint FOLDER --out FOLDER``
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

import torch

from evals.research.training.reader_model import Reader
from evals.research.training.trunk import cross_encoder_trunk
from rag.retrieval.cross_encoder import packaged_folder

_INPUTS = ("input_ids", "token_type_ids", "attention_mask")
_OUTPUTS = ("starts", "ends", "answered")


def main() -> None:
    """Write the model and print its digest."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--checkpoint", type=Path, required=True, help="the folder that training wrote to")
    flags.add_argument("--out", type=Path, required=True, help="where reader.onnx goes")
    asked = flags.parse_args()
    reader = Reader(cross_encoder_trunk(packaged_folder() / "model.onnx"))
    reader.load_state_dict(torch.load(asked.checkpoint / "reader.pt", weights_only=True)["model"])
    file = write_quantized(reader, asked.out)
    print(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file} ({file.stat().st_size / 1e6:.1f} MB)")


def write_quantized(reader: Reader, folder: Path) -> Path:
    """Write ``folder/reader.onnx`` with weights of eight bits, as onnxruntime's dynamic quantization makes them.

    Weights are unsigned: products of signed ones overflow on processors without VNNI.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "reader.onnx"
        write_onnx(reader, whole)
        quantize_dynamic(whole, folder / "reader.onnx", weight_type=QuantType.QUInt8)
    return folder / "reader.onnx"


def write_onnx(reader: Reader, file: Path) -> None:
    """Write the reader in full precision; windows and tokens are free dimensions."""
    reader.eval()
    example = torch.ones((2, 8), dtype=torch.int64)
    free = {0: "windows", 1: "tokens"}
    axes = dict.fromkeys((*_INPUTS, "starts", "ends"), free) | {"answered": {0: "windows"}}
    torch.onnx.export(
        reader,
        (example, example, example),
        str(file),
        input_names=list(_INPUTS),
        output_names=list(_OUTPUTS),
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
