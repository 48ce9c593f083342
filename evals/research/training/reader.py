"""Train the reader: ``python -m evals.research.training.reader --data FOLDER --out FOLDER``.

A run that was stopped goes on from its last checkpoint. ``--begin-from`` a run that has ended to train it further,
``--written`` on everyday questions too.
"""

import argparse
import logging
import random
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import torch

from evals.research.training.loop import Run, train_steps
from evals.research.training.questions import read_questions
from evals.research.training.reader_model import Reader, reader_loss
from evals.research.training.segments import load_tokenizer, shuffled_batches
from evals.research.training.trunk import cross_encoder_trunk
from evals.research.training.unanswerable import UnanswerableMaker
from evals.research.training.windows import Window, batch_of, windows_of
from evals.research.training.written import WrittenDocument, read_written, written_windows
from rag.retrieval.cross_encoder import packaged_folder

_log = logging.getLogger(__name__)
CHECKPOINT = "reader.pt"
"""The file of a run's folder that holds the weights."""


def main() -> None:
    """Train as the flags say."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--data", type=Path, required=True, help="the folder with qa-*.jsonl.gz")
    flags.add_argument("--out", type=Path, required=True, help="where checkpoints go")
    flags.add_argument("--epochs", type=int, default=2)
    flags.add_argument("--batch", type=int, default=16)
    flags.add_argument("--rate", type=float, default=1e-4)
    flags.add_argument("--limit", type=int, help="train on the first N questions only")
    flags.add_argument("--steps", type=int, help="stop after N steps, at a rate that has then come down to nothing")
    flags.add_argument("--frozen-layers", type=int, default=6, help="layers from below that keep their weights")
    flags.add_argument("--save-every", type=int, default=250, help="steps between checkpoints")
    flags.add_argument("--begin-from", type=Path, help="the folder of a run whose weights to begin from")
    flags.add_argument("--written", action="store_true", help="train on the everyday questions of documents/ too")
    asked = flags.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(**vars(asked))


def train(
    *,
    data: Path,
    out: Path,
    epochs: int,
    batch: int,
    rate: float,
    limit: int | None,
    steps: int | None,
    frozen_layers: int,
    save_every: int,
    begin_from: Path | None = None,
    written: bool = False,
) -> None:
    """Train over ``epochs`` or ``steps``, writing ``out/reader.pt`` as it goes; resumes from an earlier checkpoint."""
    torch.manual_seed(0)
    folder = packaged_folder()
    reader = Reader(cross_encoder_trunk(folder / "model.onnx", frozen_layers=frozen_layers))
    if begin_from is not None:
        reader.load_state_dict(torch.load(begin_from / CHECKPOINT, weights_only=True)["model"])
    everyday = [one for one in read_written() if one.part == "reader"] if written else []

    def batches(epoch: int) -> list[list[Window]]:
        windows = _windows(data, folder, limit, epoch, everyday)
        return shuffled_batches(windows, batch, random.Random(epoch))

    first = batches(0)
    run = Run(out / CHECKPOINT, rate, steps or len(first) * epochs, save_every)
    rest = (one for epoch in range(1, epochs) for one in batches(epoch))
    train_steps(reader, chain(first, rest), lambda windows: _loss(reader, windows), run)


def _windows(
    data: Path, folder: Path, limit: int | None, epoch: int, everyday: Sequence[WrittenDocument]
) -> list[Window]:
    """Cut windows of the questions and of as many made unanswerable, anew each epoch, and of ``everyday``."""
    tokenizer = load_tokenizer(folder)
    questions = read_questions(data)[:limit]
    maker = UnanswerableMaker(questions, seed=epoch)
    made = [m for q in questions if q.answerable and (m := maker.make(q)) is not None]
    windows = list(windows_of([*questions, *made], tokenizer, seed=epoch))
    own = list(written_windows(everyday, tokenizer, seed=epoch))
    _log.info(
        "%d questions, %d made unanswerable, %d windows, %d of everyday questions",
        len(questions),
        len(made),
        len(windows),
        len(own),
    )
    return windows + own


def _loss(reader: Reader, windows: list[Window]) -> torch.Tensor:
    batch = batch_of(windows)
    outputs = reader(torch.from_numpy(batch.ids), torch.from_numpy(batch.kinds), torch.from_numpy(batch.mask))
    return reader_loss(
        outputs, torch.from_numpy(batch.starts), torch.from_numpy(batch.ends), torch.from_numpy(batch.answerable)
    )


if __name__ == "__main__":
    main()
