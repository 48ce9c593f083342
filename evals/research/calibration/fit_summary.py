"""A text report of what a fit does on questions."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from evals.research.calibration.corpora import Observation
from evals.research.calibration.fit import best_sentence
from evals.scoring.metrics.refusal import auroc
from rag.reading.evidence_model import EvidenceWeights, probability

THRESHOLDS = (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6)
_UNANSWERABLE = ("foreign", "elsewhere", "adversarial")


def describe_fit(asked: Sequence[Observation], weights: EvidenceWeights) -> Iterator[str]:
    """Yield lines on each set and size of corpus: answers in the first sentences, and questions refused."""
    met = [one for one in asked if one.sentences]
    for place in dict.fromkeys(_place(one) for one in met):
        here = [one for one in met if _place(one) == place]
        answered = [one for one in here if one.kind == "answerable" and any(s.holds for s in one.sentences)]
        if answered:
            inside = " ".join(f"{share:.3f}" for share in _inside(answered, weights.sentence))
            yield f"{place}: answer inside 1, 2, 3 sentences: {inside} of {len(answered)}"
            yield from _refusing(here, weights)


def _refusing(here: Sequence[Observation], weights: EvidenceWeights) -> Iterator[str]:
    sure = {
        kind: [
            probability(weights.answerable, best_sentence(o, weights.sentence).values) for o in here if o.kind == kind
        ]
        for kind in ("answerable", *_UNANSWERABLE)
    }
    for kind in _UNANSWERABLE:
        if sure[kind]:
            answerable = [True] * len(sure["answerable"]) + [False] * len(sure[kind])
            told_apart = auroc([*sure["answerable"], *sure[kind]], answerable)
            yield f"  AUROC {kind} {told_apart:.3f} of {len(sure[kind])}"
    for threshold in THRESHOLDS:
        shares = (f"{kind} {np.mean(np.array(p) < threshold):.3f}" for kind, p in sure.items() if p)
        yield f"  refused below {threshold}: {'  '.join(shares)}"


def _place(one: Observation) -> str:
    """Return the set and the size of the corpus: ``squad2 whole``."""
    return one.corpus.replace(".", " ", 1).split(".")[0].rstrip("0123456789")


def _inside(answered: Sequence[Observation], sentence: Mapping[str, float]) -> list[float]:
    tops = [sorted(o.sentences, key=lambda s: -probability(sentence, s.values))[:3] for o in answered]
    return [float(np.mean([any(s.holds for s in top[:n]) for top in tops])) for n in (1, 2, 3)]
