"""The fitted models over a sentence's features: does it hold the answer, and is there an answer at all.

Logistic regressions, fitted by ``python -m evals.research.calibration`` and kept in ``evidence.json`` with what they
were fitted on. There is a pair for each kind of evidence at hand: with a reader, with a cross-encoder, with token
vectors, with neither.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rag.reading.features import FEATURES

EvidenceKind = Literal["reader", "cross", "tokens", "cosine", "lexical"]
EVIDENCE_KINDS: tuple[EvidenceKind, ...] = ("reader", "cross", "tokens", "cosine")
LogisticWeights = Mapping[str, float]
_MAX_LOG_ODDS = 60.0  # beyond it a probability differs from 0 or 1 by less than a float can hold


@dataclass(frozen=True, slots=True)
class EvidenceWeights:
    """The weights of the two models: of a ``sentence`` holding the answer, and of a question being ``answerable``."""

    sentence: LogisticWeights
    answerable: LogisticWeights


def sigmoid(log_odds: float) -> float:
    """Return the probability that ``log_odds`` stand for, in (0, 1).

    >>> sigmoid(0.0)
    0.5
    """
    return 1 / (1 + math.exp(-max(-_MAX_LOG_ODDS, min(_MAX_LOG_ODDS, log_odds))))


def logistic(weights: LogisticWeights, names: Sequence[str], values: Sequence[float]) -> float:
    """Return the probability that a logistic regression gives to ``values``, one for each of ``names``.

    ``weights`` are by name, 0 where left out, with the intercept under ``"bias"``.

    >>> logistic({"bias": -1.0, "coverage": 2.0}, ["coverage", "rank"], [0.5, 7.0])
    0.5
    """
    pairs = zip(names, values, strict=True)
    return sigmoid(weights["bias"] + sum(weights.get(name, 0.0) * value for name, value in pairs))


def probability(weights: LogisticWeights, features: Sequence[float]) -> float:
    """Return the probability that a model gives to the values of ``FEATURES``, in (0, 1)."""
    return logistic(weights, FEATURES, features)


@cache
def load_weights(kind: EvidenceKind) -> EvidenceWeights:
    """Load the packaged models for one kind of evidence."""
    held = json.loads(files("rag.reading").joinpath("evidence.json").read_text("utf-8"))[kind]
    return EvidenceWeights(held["sentence"], held["answerable"])
