"""Fit the mix of ``rag/verify/entailment.json``, on tuning halves only.

``python -m evals.research.calibration.entailment --data FOLDER``

WiCE's claims with the sentences that the product finds for them, and with those that annotators found; sentences of
articles and encyclopaedias with themselves, worded otherwise (they follow) and with a sentence near by (they do not).
Prints how the mix does on claims of articles it was not fitted on; ``--write`` puts it in place.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from evals.research.claims.sources import claim_documents, claims_from
from evals.research.claims.wice import WiceClaim, load_wice_claims
from evals.research.flags import add_data_flag
from evals.research.logistic import fit_logistic, weight_bounds
from evals.scoring.metrics.refusal import auroc
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from rag.reading.evidence_model import EvidenceKind
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder
from rag.schema import Citation
from rag.verify.checks.base import make_cited_text
from rag.verify.entailment import FEATURES, EntailmentWeights, FittedEntailment, entailment_probability
from rag.verify.support import support_candidates
from rag.verify.verifier import fact_findings

ENTAILMENT = Path(__file__).parents[3] / "rag" / "verify" / "entailment.json"
CITED = 4  # sentences that a claim of WiCE is held against
_FOLDS = 5
_DOCUMENTS = 12  # of each set that claims are made from
_MADE = 0.5  # what all made claims weigh, WiCE's weighing 1
_AGAINST = ("names_missing", "numbers_missing")
_UNUSED: dict[EvidenceKind, tuple[str, ...]] = {
    "cross": (),
    "tokens": ("cross",),
    "cosine": ("cross", "late", "late_weakest"),
}
_KEPT = 0.97  # of true made claims that must stay supported


@dataclass(frozen=True)
class ClaimExample:
    """A claim against cited words: the signs, what is known of it, and whether a check found something against it."""

    kind: str
    group: str
    values: tuple[float, ...]
    label: str
    found: bool

    @property
    def follows(self) -> bool:
        """Whether all of the claim follows."""
        return self.label == "supported"


def main() -> None:
    """Fit the mix for each kind of signs, print it, and write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.calibration.entailment", description=__doc__)
    add_data_flag(parser)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    signs = FittedEntailment(SentenceTransformerEmbedder(), make_cross_encoder(DEFAULT_RERANKER))
    rows = [*wice_examples(options.data, signs), *made_examples(options.data, signs)]
    held: dict[str, Any] = {
        "about": {
            "fitted_by": "python -m evals.research.calibration.entailment --write",
            "on": ["wice, tuning half", "claims made from squad2, news2022, clapnq and seeds, tuning halves"],
            "report": "evals/research/results/CLAIMS.md",
        }
    }
    for kind in _UNUSED:
        mix = fit_mix(rows, kind)
        held[kind] = {"weights": dict(mix.weights), "supported": mix.supported, "partly": mix.partly}
        print(json.dumps({kind: held[kind]}, indent=2))
    if options.write:
        ENTAILMENT.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")


def wice_examples(data: Path, signs: FittedEntailment) -> Iterator[ClaimExample]:
    """Yield WiCE's tuning half, with found and with given evidence."""
    for one in tqdm(list(load_wice_claims(data / "wice" / "claim-dev.jsonl", "tune")), disable=None):
        found = support_candidates(one.claim, one.hits)[:CITED]
        if found:
            yield _row("found", one.group, one.claim, sorted(found, key=lambda c: c.start), one.label, signs)
        if one.evidence:
            given = given_evidence(one)
            yield _row("given", one.group, one.claim, given, one.label, signs)


def given_evidence(one: WiceClaim) -> list[Citation]:
    """Cite the first set of sentences that annotators found, each in the passage that holds most of it."""
    hits = one.hits
    cited_ = []
    for n in sorted(one.evidence[0] if one.evidence else ()):
        start, end = one.sentences[n]
        passage = max((h.passage for h in hits), key=lambda p: min(end, p.end) - max(start, p.start), default=None)
        if passage and max(start, passage.start) < min(end, passage.end):
            cited_.append(Citation(0, passage, max(start, passage.start), min(end, passage.end)))
    return cited_


def made_examples(data: Path, signs: FittedEntailment) -> Iterator[ClaimExample]:
    """Yield true claims made from sentences, with those and with other sentences of the same document."""
    for name, document in claim_documents(data, "tune", _DOCUMENTS):
        true = [claim for made, claim in claims_from(document) if made.true]
        for n, claim in enumerate(true):
            yield _row("made", f"{name}/{document.id}", claim.text, claim.citations, "supported", signs)
            other = next(
                (c for c in true[n + 1 :] + true[:n] if c.citations[0].start != claim.citations[0].start), None
            )
            if other:
                yield _row("made", f"{name}/{document.id}", claim.text, other.citations, "not_supported", signs)


def _row(  # noqa: PLR0917
    kind: str, group: str, text: str, citations: Sequence[Citation], label: str, signs: FittedEntailment
) -> ClaimExample:
    source = make_cited_text(citations)
    return ClaimExample(
        kind, group, signs.values(" ".join(source.text.split()), text), label, bool(fact_findings(text, source))
    )


def fit_mix(rows: Sequence[ClaimExample], kind: EvidenceKind) -> EntailmentWeights:
    """Fit weights on all of ``rows``, and thresholds on scores of rows that the weights were not fitted on."""
    scores = held_out(rows, kind)
    print_separation(rows, scores, kind)
    supported = _supported_from(rows, scores)
    return EntailmentWeights(_weights(rows, kind), supported, min(_partly_from(rows, scores), supported))


def held_out(rows: Sequence[ClaimExample], kind: EvidenceKind) -> NDArray[np.float64]:
    """Score each row with weights fitted on the other four fifths of the groups."""
    groups = sorted({row.group for row in rows})
    fold = {group: n % _FOLDS for n, group in enumerate(groups)}
    scores = np.zeros(len(rows))
    for n in range(_FOLDS):
        mix = EntailmentWeights(_weights([row for row in rows if fold[row.group] != n], kind), 0.5, 0.5)
        for at, row in enumerate(rows):
            if fold[row.group] == n:
                scores[at] = entailment_probability(mix, row.values)
    return scores


def print_separation(rows: Sequence[ClaimExample], scores: NDArray[np.float64], kind: EvidenceKind) -> None:
    """Print how well held-out scores tell claims that follow from others."""
    for which in ("found", "given", "made"):
        of = [n for n, row in enumerate(rows) if row.kind == which]
        labels = [rows[n].follows for n in of]
        print(f"{kind}, {which} evidence: AUROC {auroc([float(scores[n]) for n in of], labels):.3f} of {len(of)}")


def _weights(rows: Sequence[ClaimExample], kind: EvidenceKind) -> dict[str, float]:
    made = sum(row.kind == "made" for row in rows)
    total = len(rows) - made
    weights = np.array([_MADE * total / made if row.kind == "made" else 1.0 for row in rows])
    labels = np.array([float(row.follows) for row in rows])
    bounds = weight_bounds(FEATURES, _AGAINST, _UNUSED[kind])
    return fit_logistic(np.array([row.values for row in rows]), labels, weights, FEATURES, bounds)


def _supported_from(rows: Sequence[ClaimExample], scores: NDArray[np.float64]) -> float:
    """Choose the threshold of best balanced accuracy on WiCE at which nearly all true made claims still pass."""
    made = [n for n, row in enumerate(rows) if row.kind == "made" and row.follows]
    most = float(np.quantile(scores[made], 1 - _KEPT))
    wice = [n for n, row in enumerate(rows) if row.kind != "made"]
    follows = np.array([rows[n].follows for n in wice])
    clean = np.array([not rows[n].found for n in wice])

    def balanced(threshold: float) -> float:
        said = clean & (scores[wice] >= threshold)
        return float(said[follows].mean() + (~said[~follows]).mean()) / 2

    options = [t for t in np.linspace(0.05, 0.95, 91) if t <= most] or [most]
    best = max(options, key=balanced)
    print(f"supported from {best:.2f}: balanced accuracy {balanced(float(best)):.3f}, made claims allow {most:.2f}")
    return round(float(best), 3)


def _partly_from(rows: Sequence[ClaimExample], scores: NDArray[np.float64]) -> float:
    """Choose the threshold that best tells claims of which some follows from those of which nothing does."""
    some = np.array([row.label != "not_supported" for row in rows])

    def balanced(threshold: float) -> float:
        return float((scores[some] >= threshold).mean() + (scores[~some] < threshold).mean()) / 2

    return round(float(max(np.linspace(0.05, 0.95, 91), key=balanced)), 3)


if __name__ == "__main__":
    main()
