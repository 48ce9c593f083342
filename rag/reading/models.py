"""The small fitted models over a sentence's features, and their weights.

Logistic regressions, fitted by ``python -m evals.research.calibration`` and kept in ``evidence.json`` with what they
were fitted on. There is a pair for each kind of evidence at hand: with a cross-encoder, with tokens, with neither.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rag.reading.features import FEATURES

EvidenceKind = Literal["cross", "tokens", "cosine"]
EVIDENCE_KINDS: tuple[EvidenceKind, ...] = ("cross", "tokens", "cosine")
LogisticWeights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """``sentence``: does it hold the answer. ``answerable``: is there an answer, given the best sentence."""

    sentence: LogisticWeights
    answerable: LogisticWeights


def probability(model: LogisticWeights, values: Sequence[float]) -> float:
    """The logistic ``model`` (weights by feature name, 0 where left out, and ``"bias"``) at ``values``, in (0, 1)."""
    total = model["bias"] + sum(model.get(name, 0.0) * value for name, value in zip(FEATURES, values, strict=True))
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


@cache
def load_weights(kind: EvidenceKind) -> EvidenceWeights:
    """The fitted models for one kind of evidence."""
    held = json.loads(files("rag.reading").joinpath("evidence.json").read_text("utf-8"))[kind]
    return EvidenceWeights(held["sentence"], held["answerable"])
