"""Tell whether a claim follows from cited words, by a pluggable model or by fitted weights over simpler features.

The default is a logistic regression (weights in ``entailment.json``, fitted by ``python -m
evals.research.calibration.entailment``) over the words that the texts share, the similarity of their words (late
interaction), and the score of a reranking cross-encoder. It judges what a text is about better than what it states; the
checks beside it are for that.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np

from index.embedding.protocol import Embedder, TokenEmbedder, Vectors
from index.embedding.token_codes import TokenVectors, content_tokens
from index.errors import ModelMissingError
from index.system.threadsafe import LruCache, loaded_once
from index.text.terms import terms
from rag.reading.evidence_model import EvidenceKind, logistic, sigmoid
from rag.reading.features import CROSS_SCALE, analyze_question
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, CrossEncoder, LoadedCrossEncoder

FEATURES = (
    "coverage",
    "weakest_part",
    "pair_coverage",
    "cosine",
    "late",
    "late_weakest",
    "cross",
    "names_missing",
    "numbers_missing",
)
_MAX_CACHE_BYTES = 64_000_000  # of texts and their vectors
_MAX_TOKENS = 512  # of premise and claim together
_MIN_PART_TERMS = 4  # a shorter part of a claim is joined to the one before
_WEAKEST_TOKENS = 3  # that "late_weakest" is the mean of
_Encoded = tuple[Vectors, TokenVectors | None]


class Entailment(Protocol):
    """Scores how surely a claim follows from cited words."""

    @property
    def supported(self) -> float:
        """The score from which a claim follows."""
        ...

    @property
    def partly(self) -> float:
        """The score from which part of a claim follows."""
        ...

    def score(self, premise: str, claim: str) -> float:
        """Return how surely ``claim`` follows from ``premise``, in [0, 1]."""
        ...


@dataclass(frozen=True, slots=True)
class EntailmentWeights:
    """Fitted weights by feature name, with ``"bias"``, and the two thresholds."""

    weights: Mapping[str, float]
    supported: float
    partly: float


@cache
def load_entailment_weights(kind: EvidenceKind) -> EntailmentWeights:
    """Load the packaged weights for one kind of evidence: with a cross-encoder, with token vectors, with neither."""
    held = json.loads(files("rag.verify").joinpath("entailment.json").read_text("utf-8"))[kind]
    return EntailmentWeights(held["weights"], held["supported"], held["partly"])


def entailment_probability(mix: EntailmentWeights, values: Sequence[float]) -> float:
    """Return the probability that ``mix`` gives to ``values``, one for each of ``FEATURES``, in (0, 1)."""
    return logistic(mix.weights, FEATURES, values)


class FittedEntailment:
    """The default: needs the index's embedder, and uses the packaged cross-encoder where it is given."""

    def __init__(self, embedder: Embedder, cross: CrossEncoder | None = None) -> None:
        self._embedder = embedder
        self._cross = cross if cross is not None and cross.name == DEFAULT_RERANKER else None
        self._kept: LruCache[str, _Encoded] = LruCache(_MAX_CACHE_BYTES, _size_in_bytes)
        tokens = isinstance(embedder, TokenEmbedder)
        self.kind: EvidenceKind = "cosine" if not tokens else "tokens" if self._cross is None else "cross"

    @property
    def supported(self) -> float:
        """The score from which a claim follows."""
        return load_entailment_weights(self.kind).supported

    @property
    def partly(self) -> float:
        """The score from which part of a claim follows."""
        return load_entailment_weights(self.kind).partly

    def score(self, premise: str, claim: str) -> float:
        """Return how surely ``claim`` follows from ``premise``, in [0, 1]."""
        return entailment_probability(load_entailment_weights(self.kind), self.values(premise, claim))

    def values(self, premise: str, claim: str) -> tuple[float, ...]:
        """Return the values of ``FEATURES``: similarities in [-1, 1], ``cross`` about -1 to 1, all others in [0, 1]."""
        wanted, held = terms(claim), terms(premise)
        pool = frozenset(held)
        asked = analyze_question(claim)
        (vector, tokens), (other, others) = self._kept.get_many([claim, premise], self._embedded)
        late, weakest = _token_similarity(tokens, others)
        cross = float(self._cross.scores(claim, [premise])[0]) * CROSS_SCALE if self._cross else 0.0
        pairs = set(pairwise(wanted))
        return (
            _covered_share(wanted, pool),
            min((_covered_share(part, pool) for part in _claim_parts(claim)), default=1.0),
            len(pairs & set(pairwise(held))) / len(pairs) if pairs else _covered_share(wanted, pool),
            float(vector @ other),
            late,
            weakest,
            cross,
            len(asked.names - pool) / len(asked.names) if asked.names else 0.0,
            len(asked.numbers - pool) / len(asked.numbers) if asked.numbers else 0.0,
        )

    def _embedded(self, texts: Sequence[str]) -> list[_Encoded]:
        if not isinstance(self._embedder, TokenEmbedder):
            return [(vector.copy(), None) for vector in self._embedder.embed(texts)]
        vectors, found = self._embedder.embed_tokens(texts)
        return [(v.copy(), content_tokens(text, one)) for text, v, one in zip(texts, vectors, found, strict=True)]


def _size_in_bytes(text: str, read: _Encoded) -> int:
    vector, tokens = read
    return sys.getsizeof(text) + vector.nbytes + (tokens.vectors.nbytes + tokens.offsets.nbytes if tokens else 0)


class CrossEncoderEntailment(LoadedCrossEncoder):
    """Any cross-encoder for natural language inference, from a folder or a hub name, loaded at first use.

    Its configuration tells which label means entailment. Raises ModelMissingError when it cannot be loaded, or has no
    such label.
    """

    max_tokens = _MAX_TOKENS
    broken = (
        "The entailment model {name} could not be loaded ({why}). Set `checker` to an NLI cross-encoder's folder, "
        'to a name your hub has, or to "packaged" to do without.'
    )
    supported = 0.5
    partly = 0.25

    @loaded_once
    def _label(self) -> int:
        labels = {int(n): str(label).casefold() for n, label in self._model.config.id2label.items()}
        found = [n for n, label in labels.items() if label.startswith("entail")]
        if len(labels) == 1:
            return 0
        if not found:
            raise ModelMissingError(
                f"The entailment model {self.name!r} has no label “entailment”, but {', '.join(labels.values())}. Set "
                '`checker` to a cross-encoder trained for natural language inference, or to "packaged".'
            )
        return found[0]

    def score(self, premise: str, claim: str) -> float:
        """Return the probability of entailment among the model's labels."""
        label = self._label
        raw = self._model.predict([(premise, claim)], show_progress_bar=False, convert_to_numpy=True)
        logits = np.asarray(raw, dtype=np.float64).reshape(-1)
        if len(logits) == 1:
            return float(logits[0]) if 0 <= logits[0] <= 1 else sigmoid(float(logits[0]))
        if np.all(logits >= 0) and abs(logits.sum() - 1) < 1e-3:  # noqa: PLR2004
            return float(logits[label])
        spread = np.exp(logits - logits.max())
        return float(spread[label] / spread.sum())


def make_entailment(name: str, embedder: Embedder, cross: CrossEncoder | None) -> Entailment:
    """Make the model called ``name``, a folder or hub name; the fitted weights where it is empty.

    Raises ModelMissingError for a path that does not exist. Loads nothing yet.
    """
    if not name:
        return FittedEntailment(embedder, cross)
    if not Path(name).expanduser().is_dir() and (Path(name).is_absolute() or name.startswith((".", "~"))):
        raise ModelMissingError(
            f"There is no entailment folder {name!r}. Set `checker` to an NLI cross-encoder's folder, or to "
            '"packaged" to do without.'
        )
    return CrossEncoderEntailment(name)


def _token_similarity(claim: TokenVectors | None, premise: TokenVectors | None) -> tuple[float, float]:
    """Return how well the claim's content tokens match the premise.

    The first value is the mean of the best matches, the second that of the weakest few.
    """
    if claim is None or premise is None or not len(claim.offsets) or not len(premise.offsets):
        return 0.0, 0.0
    best = np.sort((claim.vectors @ premise.vectors.T).max(axis=1))
    return float(best.mean()), float(best[:_WEAKEST_TOKENS].mean())


def _claim_parts(claim: str) -> list[list[str]]:
    """Return the terms of the claim's parts between commas and the like, short ones joined to the part before."""
    parts: list[list[str]] = []
    for piece in claim.replace(";", ",").replace(" and ", ",").replace(" who ", ",").replace(" which ", ",").split(","):
        found = terms(piece)
        if parts and len(parts[-1]) < _MIN_PART_TERMS:
            parts[-1] += found
        elif found:
            parts.append(found)
    if len(parts) > 1 and len(parts[-1]) < _MIN_PART_TERMS:
        last = parts.pop()
        parts[-1] += last
    return parts


def _covered_share(wanted: Sequence[str], held: frozenset[str]) -> float:
    return sum(term in held for term in wanted) / len(wanted) if wanted else 1.0
