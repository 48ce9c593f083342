"""``python -m evals.research.claims.measure --data FOLDER``: how well written claims are verified, as Markdown.

On WiCE's reporting half, and on claims made true and false from reporting halves. ``--write`` puts the tables into
``evals/research/results/CLAIMS.md``, between its marks. ``--entailment`` takes an NLI cross-encoder in place of the
mix.
"""

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
from tqdm import tqdm

from evals.research.benchmarks.sets import Half
from evals.research.calibration.entailment import CITED, given_evidence
from evals.research.claims.made_claims import CLEAN, FALSE
from evals.research.claims.sources import claim_documents, claims_from
from evals.research.claims.wice import WiceClaim, load_wice_claims
from evals.research.flags import add_data_flag, add_half_flag
from evals.scoring.metrics.refusal import auroc
from evals.stats.bootstrap import t_quantile
from evals.stats.interval import CaseScore, estimate
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.schema import Document
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder
from rag.schema import Citation, Claim
from rag.verify.entailment import Entailment, make_entailment
from rag.verify.support import support_candidates
from rag.verify.verifier import Verifier

REPORT = Path(__file__).parents[1] / "results" / "CLAIMS.md"
_BEGIN, _END = "<!-- tables: python -m evals.research.claims.measure --write -->", "<!-- end of tables -->"
_VERDICTS = ("supported", "partly", "unsupported")
_LABELS = ("supported", "partially_supported", "not_supported")
_DRAWS = 10_000


@dataclass(frozen=True)
class WiceResult:
    """One claim of WiCE with its verdict, and the entailment score of the same words."""

    group: str
    label: str
    verdict: str
    score: float


@dataclass(frozen=True)
class MadeClaimResult:
    """One made claim with its verdict and the milliseconds it took."""

    set_name: str
    document: str
    kind: str
    verdict: str
    reason: str
    claim: str
    took: float


def main() -> None:
    """Verify made claims and WiCE's, print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.claims.measure", description=__doc__)
    add_data_flag(parser)
    add_half_flag(parser)
    parser.add_argument("--entailment", default="", help="an NLI cross-encoder by folder or hub name")
    parser.add_argument("--wrong", action="store_true", help="print every made claim that goes wrong")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    entailment = make_entailment(
        options.entailment, SentenceTransformerEmbedder(), make_cross_encoder(DEFAULT_RERANKER)
    )
    tried = list(check_made_claims(options.data, options.half, entailment))
    lines = [*made_table(tried), ""]
    wice = options.data / "wice" / "claim-dev.jsonl"
    if wice.exists():
        lines += wice_tables(list(load_wice_claims(wice, options.half)), entailment)
    print("\n".join(lines))
    if options.wrong:
        for one in tried:
            if (one.verdict == "supported") != (one.kind in CLEAN):
                print(f"\n{one.kind}, {one.set_name}, {one.verdict} ({one.reason}): {one.claim}")
    if options.write:
        before, _, rest = REPORT.read_text("utf-8").partition(_BEGIN)
        after = rest.partition(_END)[2]
        REPORT.write_text("\n".join([before + _BEGIN, "", *lines, "", _END + after]), encoding="utf-8")


def verifier_of(documents: Mapping[str, Document], entailment: Entailment) -> Verifier:
    """Build a verifier over documents at hand."""
    read: Callable[[str], Document] = documents.__getitem__
    return Verifier(read, SpeechLookup(read).of_document, entailment)


def check_made_claims(data: Path, half: Half, entailment: Entailment) -> Iterator[MadeClaimResult]:
    """Check every made claim of ``half``."""
    for name, document in tqdm(list(claim_documents(data, half)), disable=None):
        verifier = verifier_of({document.id: document}, entailment)
        verifier.speeches(document.id)
        for made, claim in claims_from(document):
            begun = time.perf_counter()
            checked = verifier.check(claim)
            took = 1000 * (time.perf_counter() - begun)
            yield MadeClaimResult(name, document.id, made.kind, checked.verdict, checked.reason, made.claim, took)


def made_table(tried: Sequence[MadeClaimResult]) -> Iterator[str]:
    """Write the table of false alarms among true claims and of false claims caught, by kind and set."""
    sets = list(dict.fromkeys(one.set_name for one in tried))
    yield "| claims | not called supported | " + " | ".join(sets) + " |"
    yield "|---|--:|" + "--:|" * len(sets)
    for kind in (*CLEAN, *FALSE):
        of_kind = [one for one in tried if one.kind == kind]
        if of_kind:
            by_set = (_share([one for one in of_kind if one.set_name == name]) for name in sets)
            yield f"| {kind} | {_interval(of_kind)} | {' | '.join(by_set)} |"
    for name, kinds in (("all true", CLEAN), ("all false", FALSE)):
        yield f"| **{name}** | {_interval([one for one in tried if one.kind in kinds])} |" + " |" * len(sets)
    slow = sorted(one.took for one in tried if one.kind != "verbatim")
    if slow:
        yield ""
        most = slow[int(0.95 * len(slow))]
        yield f"Milliseconds a claim: median {statistics.median(slow):.0f}, 95 % below {most:.0f}."


def _share(of: Sequence[MadeClaimResult]) -> str:
    return f"{sum(one.verdict != 'supported' for one in of)}/{len(of)}" if of else "–"


def _interval(of: Sequence[MadeClaimResult]) -> str:
    if not of:
        return "–"
    scores = [CaseScore(str(n), one.document, float(one.verdict != "supported")) for n, one in enumerate(of)]
    found = estimate(scores)
    return (
        f"{_share(of)} = {found.mean:.3f} ({found.low:.3f}–{found.high:.3f})" if found.low is not None else _share(of)
    )


def wice_tables(claims: Sequence[WiceClaim], entailment: Entailment) -> Iterator[str]:
    """Write balanced accuracy with found and with given evidence, how verdicts fall, and what evidence is found."""
    found = [(one, sorted(_found(one)[:CITED], key=lambda c: c.start)) for one in claims]
    given = [(one, given_evidence(one) or cited) for one, cited in found]
    judged = {
        f"the {CITED} sentences found": check_wice_claims(found, entailment),
        "the annotators’ sentences": check_wice_claims(given, entailment),
    }
    yield f"| WiCE, {len(claims)} claims, against | balanced accuracy | F1 | AUROC of the score |"
    yield "|---|--:|--:|--:|"
    for name, of in judged.items():
        true = [one.label == "supported" for one in of]
        said = [one.verdict == "supported" for one in of]
        b = balanced_accuracy(said, true, [one.group for one in of])
        area = auroc([one.score for one in of], true)
        yield f"| {name} | {b.value:.3f} ({b.low:.3f}–{b.high:.3f}) | {b.f1:.3f} | {area:.3f} |"
    for name, of in judged.items():
        yield ""
        yield f"| against {name} | {' | '.join(_VERDICTS)} |"
        yield "|---|" + "--:|" * len(_VERDICTS)
        counts = Counter((one.label, one.verdict) for one in of)
        for label in _LABELS:
            yield f"| {label.replace('_', ' ')} | {' | '.join(str(counts[label, v]) for v in _VERDICTS)} |"
    yield ""
    with_evidence = [one for one in claims if one.evidence]
    shares = [f"{n}: {statistics.mean(evidence_recall(one, n) for one in with_evidence):.3f}" for n in (1, 2, CITED, 8)]
    yield f"Share of an annotated set of evidence among the first sentences found ({len(with_evidence)} claims): "
    yield "; ".join(shares) + "."


def check_wice_claims(
    pairs: Sequence[tuple[WiceClaim, Sequence[Citation]]], entailment: Entailment
) -> list[WiceResult]:
    """Check each claim with its citations."""
    judged = []
    for one, citations in tqdm(pairs, disable=None):
        verifier = verifier_of({one.document.id: one.document}, entailment)
        verdict = verifier.check(Claim(one.claim, tuple(citations), "unsupported", "not checked yet")).verdict
        premise = " ".join(" ".join(c.text.split()) for c in citations)
        score = entailment.score(premise, one.claim) if citations else 0.0
        judged.append(WiceResult(one.group, one.label, verdict, score))
    return judged


def evidence_recall(one: WiceClaim, most: int) -> float:
    """Return the share of the best covered set of evidence among the first ``most`` sentences found."""
    spans = [(c.start, c.end) for c in _found(one)[:most]]
    held = {n for n, (a, b) in enumerate(one.sentences) if any(s < b and a < e for s, e in spans)}
    return max(len(wanted & held) / len(wanted) for wanted in one.evidence)


def _found(one: WiceClaim) -> list[Citation]:
    return support_candidates(one.claim, one.hits)


@dataclass(frozen=True, slots=True)
class BalancedAccuracy:
    """The value with its interval, and F1 of the positive class."""

    value: float
    low: float
    high: float
    f1: float


def balanced_accuracy(
    said: Sequence[bool], true: Sequence[bool], groups: Sequence[Hashable], *, level: float = 0.95, seed: int = 0
) -> BalancedAccuracy:
    """Return the balanced accuracy of ``said`` against ``true``, with the interval of the cluster bootstrap.

    As ``evals.stats.bootstrap`` does for means. Raises ValueError unless both classes are there.
    """
    if len(set(true)) < 2:  # noqa: PLR2004
        raise ValueError("balanced accuracy needs cases of both classes")
    number: dict[Hashable, int] = {}
    index = np.array([number.setdefault(group, len(number)) for group in groups])
    hits, positive = np.array(said), np.array(true)
    parts = [positive & hits, positive, ~positive & ~hits, ~positive]
    counts = np.stack([np.bincount(index, weights=part, minlength=len(number)) for part in parts])
    drawn = np.random.default_rng(seed).integers(0, len(number), size=(_DRAWS, len(number)))
    tp, p, tn, n = counts[:, drawn].sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (tp / p + tn / n) / 2
    few = len(number) / max(1, len(number) - 1)
    tail = NormalDist().cdf(-(few**0.5) * t_quantile(level, max(1, len(number) - 1)))
    low, high = np.nanquantile(values, (tail, 1 - tail))
    right, all_p, right_n, all_n = counts.sum(axis=1)
    f1 = 2 * right / (all_p + hits.sum()) if all_p + hits.sum() else 0.0
    return BalancedAccuracy(float(right / all_p + right_n / all_n) / 2, float(low), float(high), float(f1))


if __name__ == "__main__":
    main()
