"""What a check finds wrong with a claim."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["quote", "number", "date", "name", "negation", "contrast", "roles", "speaker"]
Weight = Literal["wrong", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a claim says that its sources do not bear out, and ``reason`` in words for a reader.

    ``wrong``: the sources say otherwise. ``missing``: they do not say it, so that at best part of the claim holds.
    """

    kind: Kind
    weight: Weight
    reason: str
