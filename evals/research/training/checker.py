"""Train the checker: ``python -m evals.research.training.checker --data FOLDER --out FOLDER``.

It starts from the shipped reader's trunk, learns from public inference sets first, and then from claims written in the
style of a language model's answers, a few times over. A run that was stopped goes on from its last checkpoint.
"""

import argparse
import logging
import random
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import torch
from torch import nn

from evals.research.training.checker_model import Checker
from evals.research.training.loop import Run, train_steps
from evals.research.training.pairs import TokenPair, read_public_pairs, read_written_pairs, token_pairs
from evals.research.training.segments import load_tokenizer, pad, shuffled_batches
from evals.research.training.trunk import cross_encoder_trunk
from rag.retrieval.cross_encoder import packaged_folder

_SHIPPED_READER = Path(str(files("rag.reading.reader").joinpath("reader.onnx")))
_WRITTEN_EPOCHS = 5
_REHEARSED = 0.5  # public pairs beside each written one, so that what was learnt first is not lost
_SMOOTHING = 0.05  # of labels


def main() -> None:
    """Train as the flags say."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--data", type=Path, required=True, help="the folder with nli-*.jsonl.gz")
    flags.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    flags.add_argument("--start", type=Path, default=_SHIPPED_READER, help="the ONNX file whose trunk to start from")
    flags.add_argument("--batch", type=int, default=16)
    flags.add_argument("--rate", type=float, default=1e-4)
    flags.add_argument("--steps", type=int, default=3_600, help="the rate has come down to nothing by then")
    flags.add_argument("--public-steps", type=int, default=600, help="on public sets alone, first")
    flags.add_argument("--frozen-layers", type=int, default=6, help="layers from below that keep their weights")
    flags.add_argument("--save-every", type=int, default=100, help="steps between checkpoints")
    asked = flags.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(0)
    checker = Checker(cross_encoder_trunk(asked.start, frozen_layers=asked.frozen_layers))
    batches = _batches(asked.data, asked.batch, asked.public_steps)
    run = Run(asked.out / "checker.pt", asked.rate, asked.steps, asked.save_every)
    train_steps(checker, batches, lambda pairs: _loss(checker, pairs), run)


def _batches(data: Path, size: int, public_steps: int) -> Iterator[list[TokenPair]]:
    """Yield ``public_steps`` batches of public pairs, then written ones with public ones between them."""
    tokenizer = load_tokenizer(packaged_folder())
    public = token_pairs(read_public_pairs(data), tokenizer)
    first, rest = public[: size * public_steps], public[size * public_steps :]
    yield from shuffled_batches(first, size, random.Random(0))
    written = token_pairs(read_written_pairs(), tokenizer)
    for epoch in range(_WRITTEN_EPOCHS):
        rng = random.Random(epoch + 1)
        rehearsed = rng.sample(rest, min(len(rest), int(_REHEARSED * len(written))))
        yield from shuffled_batches([*written, *rehearsed], size, rng)


def _loss(checker: Checker, pairs: list[TokenPair]) -> torch.Tensor:
    rows = pad(pairs)
    chance = checker(torch.from_numpy(rows.ids), torch.from_numpy(rows.kinds), torch.from_numpy(rows.mask))
    supported = torch.tensor([float(pair.supported) for pair in pairs])
    wanted = supported * (1 - 2 * _SMOOTHING) + _SMOOTHING
    return nn.functional.binary_cross_entropy_with_logits(chance, wanted)


if __name__ == "__main__":
    main()
