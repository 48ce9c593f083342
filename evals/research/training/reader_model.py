"""The reader: a small BERT that says where an answer stands in a text, and whether it stands there at all."""

from typing import Any

import torch
from torch import Tensor, nn

_OUT = -1e4  # what is added to places that cannot hold an answer


class Reader(nn.Module):
    """Three figures from a question and a text: for each token whether the answer starts or ends there, and a chance.

    Inputs have shape (windows, tokens). Gives start and end logits of that shape and answerable logits (windows,).
    """

    def __init__(self, trunk: Any) -> None:
        super().__init__()
        self.trunk = trunk
        width = trunk.config.hidden_size
        self.span = nn.Linear(width, 2)
        self.answerable = nn.Sequential(nn.Linear(width * 2, width), nn.Tanh(), nn.Dropout(0.1), nn.Linear(width, 1))

    def forward(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Read windows of token ids; ``kinds`` is 1 in the text, ``mask`` 0 in padding."""
        hidden = self.trunk(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state
        spans = self.span(hidden) + (1 - (kinds * mask)).unsqueeze(-1) * _OUT
        text = (kinds * mask).unsqueeze(-1).to(hidden.dtype)
        strongest = (torch.softmax(spans.sum(-1, keepdim=True), 1) * hidden * text).sum(1)
        chance = self.answerable(torch.cat([hidden[:, 0], strongest], -1)).squeeze(-1)
        return spans[..., 0], spans[..., 1], chance


def reader_loss(outputs: tuple[Tensor, Tensor, Tensor], starts: Tensor, ends: Tensor, answerable: Tensor) -> Tensor:
    """Sum the losses of spans, over windows with an answer, and of telling these from the others.

    Any of several answers is right: the loss is that of the probability of all of them together.
    """
    start, end, chance = outputs
    told = nn.functional.binary_cross_entropy_with_logits(chance, answerable)
    spans = torch.zeros(())
    if answerable.any():
        rows = answerable.bool()
        spans = _of_any(start[rows], starts[rows]) + _of_any(end[rows], ends[rows])
    return told + spans / 2


def _of_any(logits: Tensor, gold: Tensor) -> Tensor:
    right = logits.masked_fill(gold == 0, float("-inf"))
    return (torch.logsumexp(logits, 1) - torch.logsumexp(right, 1)).mean()
