"""Train the reader: ``python -m evals.research.training.reader --data FOLDER --out FOLDER``.

A run that was stopped goes on from its last checkpoint.
"""

import argparse
import json
import logging
import random
import time
from pathlib import Path
from typing import Any

import torch

from evals.research.training.questions import read_questions
from evals.research.training.reader_model import Reader, reader_loss
from evals.research.training.trunk import cross_encoder_folder, cross_encoder_trunk
from evals.research.training.unanswerable import UnanswerableMaker
from evals.research.training.windows import Window, batch_of, shuffled_batches, windows_of

_log = logging.getLogger(__name__)
_CHECKPOINT = "reader.pt"


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
) -> None:
    """Train over ``epochs`` or ``steps``, writing ``out/reader.pt`` as it goes; resumes from an earlier checkpoint."""
    torch.manual_seed(0)
    folder = cross_encoder_folder()
    out.mkdir(parents=True, exist_ok=True)
    reader = Reader(cross_encoder_trunk(folder / "model.onnx", frozen_layers=frozen_layers))
    weights = [p for p in reader.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.01)
    done = _resume(out / _CHECKPOINT, reader, optimizer)
    step = 0
    for epoch in range(epochs):
        batches = shuffled_batches(_windows(data, folder, limit, epoch), batch, random.Random(epoch))
        total = steps or len(batches) * epochs
        began, losses = time.monotonic(), 0.0
        for windows in batches:
            step += 1
            if step <= done:
                continue
            if step > total:
                return
            for group in optimizer.param_groups:
                group["lr"] = rate * min(step / 300, (total - step + 1) / total)
            losses += _step(reader, optimizer, windows)
            if step % 50 == 0:
                rate_now = 50 * batch / (time.monotonic() - began)
                _log.info("step %d of %d, loss %.3f, %.1f windows a second", step, total, losses / 50, rate_now)
                began, losses = time.monotonic(), 0.0
            if step % save_every == 0 or step == total:
                _save(out / _CHECKPOINT, reader, optimizer, step)


def _windows(data: Path, folder: Path, limit: int | None, epoch: int) -> list[Window]:
    """Cut windows of the questions and of about as many unanswerable ones, made anew each epoch."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    questions = read_questions(data)[:limit]
    maker = UnanswerableMaker(questions, seed=epoch)
    made = [m for q in questions if q.answerable and (m := maker.make(q)) is not None]
    windows = list(windows_of([*questions, *made], tokenizer, seed=epoch))
    _log.info("%d questions, %d made unanswerable, %d windows", len(questions), len(made), len(windows))
    return windows


def _step(reader: Reader, optimizer: torch.optim.Optimizer, windows: list[Window]) -> float:
    reader.train()
    batch = batch_of(windows)
    outputs = reader(torch.from_numpy(batch.ids), torch.from_numpy(batch.kinds), torch.from_numpy(batch.mask))
    loss = reader_loss(
        outputs, torch.from_numpy(batch.starts), torch.from_numpy(batch.ends), torch.from_numpy(batch.answerable)
    )
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _save(file: Path, reader: Reader, optimizer: torch.optim.Optimizer, step: int) -> None:
    being_written = file.with_suffix(".new")
    torch.save({"step": step, "reader": reader.state_dict(), "optimizer": optimizer.state_dict()}, being_written)
    being_written.replace(file)
    file.with_suffix(".json").write_text(json.dumps({"step": step}), encoding="utf-8")


def _resume(file: Path, reader: Reader, optimizer: torch.optim.Optimizer) -> int:
    if not file.exists():
        return 0
    held: dict[str, Any] = torch.load(file, weights_only=True)
    reader.load_state_dict(held["reader"])
    optimizer.load_state_dict(held["optimizer"])
    _log.info("going on after step %d", held["step"])
    return int(held["step"])


if __name__ == "__main__":
    main()
