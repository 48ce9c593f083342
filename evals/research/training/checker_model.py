"""The checker: a small BERT that says whether evidence supports all of a claim."""

from typing import Any

from torch import Tensor, nn


class Checker(nn.Module):
    """The log-odds that a claim follows from evidence. Inputs have shape (pairs, tokens), the result (pairs,)."""

    def __init__(self, trunk: Any) -> None:
        super().__init__()
        self.trunk = trunk
        width = trunk.config.hidden_size
        self.supported = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Dropout(0.1), nn.Linear(width, 1))

    def forward(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> Tensor:
        """Read pairs of token ids; ``kinds`` is 1 in the evidence, ``mask`` 0 in padding."""
        hidden = self.trunk(input_ids=ids, token_type_ids=kinds, attention_mask=mask).last_hidden_state
        chance: Tensor = self.supported(hidden[:, 0]).squeeze(-1)
        return chance
