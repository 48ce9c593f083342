"""The loop that trains a model: a rate that warms up and falls, checkpoints, and going on after the last of them."""

import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

_log = logging.getLogger(__name__)
_REPORT_EVERY = 50  # steps
_WARM_UP = 300  # steps over which the rate rises from nothing

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Run:
    """One training run: the learning ``rate`` falls to nothing over ``steps``.

    A checkpoint goes to ``file`` every ``save_every`` steps, from which a run that was stopped goes on.
    """

    file: Path
    rate: float
    steps: int
    save_every: int


def train_steps(model: nn.Module, batches: Iterable[B], loss_of: Callable[[B], Tensor], run: Run) -> None:
    """Train ``model`` on ``batches`` in their order, passing over those that an earlier checkpoint has seen."""
    run.file.parent.mkdir(parents=True, exist_ok=True)
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=run.rate, weight_decay=0.01)
    done = _resume(run.file, model, optimizer)
    began, losses = time.monotonic(), 0.0
    model.train()
    for step, batch in enumerate(batches, start=1):
        if step <= done:
            continue
        if step > run.steps:
            return
        for group in optimizer.param_groups:
            group["lr"] = run.rate * min(step / _WARM_UP, (run.steps - step + 1) / run.steps)
        loss = loss_of(batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        losses += float(loss.detach())
        if step % _REPORT_EVERY == 0:
            took = time.monotonic() - began
            _log.info("step %d of %d, loss %.3f, %.1f seconds", step, run.steps, losses / _REPORT_EVERY, took)
            began, losses = time.monotonic(), 0.0
        if step % run.save_every == 0 or step == run.steps:
            _save(run.file, model, optimizer, step)


def _save(file: Path, model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    being_written = file.with_suffix(".new")
    torch.save({"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, being_written)
    being_written.replace(file)
    file.with_suffix(".json").write_text(json.dumps({"step": step}), encoding="utf-8")


def _resume(file: Path, model: nn.Module, optimizer: torch.optim.Optimizer) -> int:
    if not file.exists():
        return 0
    held: dict[str, Any] = torch.load(file, weights_only=True)
    model.load_state_dict(held["model"])
    optimizer.load_state_dict(held["optimizer"])
    _log.info("going on after step %d", held["step"])
    return int(held["step"])
