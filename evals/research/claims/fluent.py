"""``python -m evals.research.claims.fluent``: how fluent claims, written by hand, are verified, as Markdown.

``seeds/labels/claims.jsonl`` holds true and false claims in the style of a strong language model, each with the
sentences it cites. Only *supported* claims count as true; one that holds in part is to be flagged like a false one.
Intervals are resampled by document. ``--entailment`` takes an NLI cross-encoder in place of the mix.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
from tqdm import tqdm

from evals.scoring.metrics.refusal import auroc
from evals.stats.bootstrap import t_quantile
from evals.stats.interval import CaseScore, estimate
from index.chunking.chunk import Chunking, chunk
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.reading.load import load
from index.schema import Document
from rag.reading.speech_lookup import SpeechLookup
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder
from rag.schema import Citation, Claim, Verdict
from rag.verify.entailment import Entailment, make_entailment
from rag.verify.verifier import Verifier

SEEDS = Path(__file__).parents[3] / "seeds"
FOLDERS = ("news", "documents", "claims")
Half = Literal["tune", "report"]
_DRAWS = 2_000
_VERDICT_SCORES: Mapping[Verdict, float] = {"supported": 1.0, "partly": 0.5, "unsupported": 0.0}


@dataclass(frozen=True, slots=True)
class FluentClaim:
    """A claim with the whole sentences of ``document``, a file's name, that it cites.

    ``label`` is what a reader of the cited sentences alone finds; ``kind`` says how the claim was worded or made
    false. All claims of a document are in the same half.
    """

    id: str
    text: str
    label: Verdict
    kind: str
    half: Half
    document: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FluentResult:
    """A claim with its verdict, the reason for it, and the entailment score of the same words in [0, 1]."""

    claim: FluentClaim
    verdict: Verdict
    reason: str
    score: float

    @property
    def true(self) -> bool:
        """Whether the claim is labelled supported."""
        return self.claim.label == "supported"


def main(arguments: Sequence[str] | None = None) -> None:
    """Check the claims of one half, or of each, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.claims.fluent", description=__doc__)
    parser.add_argument("--claims", type=Path, default=SEEDS / "labels" / "claims.jsonl")
    parser.add_argument("--half", choices=get_args(Half), action="append", help="default: both")
    parser.add_argument("--entailment", default="", help="an NLI cross-encoder by folder or hub name")
    parser.add_argument("--wrong", action="store_true", help="print every claim that goes wrong")
    options = parser.parse_args(arguments)
    claims = load_fluent_claims(options.claims)
    entailment = make_entailment(
        options.entailment, SentenceTransformerEmbedder(), make_cross_encoder(DEFAULT_RERANKER)
    )
    results = {
        half: check_fluent_claims([one for one in claims if one.half == half], entailment)
        for half in options.half or get_args(Half)
    }
    print("\n".join(summary_table(results)), "\n".join(kind_table(results)), sep="\n\n")
    if options.wrong:
        for result in (one for of in results.values() for one in of):
            if (result.verdict == "supported") != result.true:
                claim = result.claim
                print(f"\n{claim.id}, {claim.kind}, {result.verdict} ({result.reason}): {claim.text}")


def load_fluent_claims(path: Path) -> list[FluentClaim]:
    """Read claims from a JSON-lines file. Raises ValueError for a claim that cites none or several documents."""
    return [_claim(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def load_documents(seeds: Path = SEEDS) -> dict[str, Document]:
    """Read every document that claims are about, by its file's name."""
    return {path.name: load(path) for folder in FOLDERS for path in sorted((seeds / folder).glob("*.txt"))}


def cite_quotes(document: Document, quotes: Sequence[str]) -> tuple[Citation, ...]:
    """Cite the words of ``quotes`` in ``document``, numbered from 1. Raises ValueError for words it does not hold."""
    passages = chunk(document, Chunking())
    citations = []
    for marker, quote in enumerate(quotes, start=1):
        start = document.text.index(quote)
        end = start + len(quote)
        passage = next((p for p in passages if p.start <= start and end <= p.end), None)
        if passage is None:
            raise ValueError(f"no passage of {document.title} holds all of: {quote}")
        citations.append(Citation(marker, passage, start, end))
    return tuple(citations)


def check_fluent_claims(claims: Sequence[FluentClaim], entailment: Entailment) -> list[FluentResult]:
    """Check each claim against its citations, with the verifier that written answers are checked with."""
    by_name = load_documents()
    by_id = {document.id: document for document in by_name.values()}
    verifier = Verifier(by_id.__getitem__, SpeechLookup(by_id.__getitem__).of_document, entailment)
    results = []
    for claim in tqdm(claims, disable=None):
        citations = cite_quotes(by_name[claim.document], claim.quotes)
        checked = verifier.check(Claim(claim.text, citations, "unsupported", "not checked yet"))
        premise = " ".join(" ".join(c.text.split()) for c in citations)
        score = entailment.score(premise, claim.text)
        results.append(FluentResult(claim, checked.verdict, checked.reason, score))
    return results


def summary_table(results: Mapping[str, Sequence[FluentResult]]) -> Iterator[str]:
    """Yield the figures of each half with their 95 % intervals and numbers of claims."""
    yield f"| fluent claims | {' | '.join(results)} |"
    yield "|---|" + "--:|" * len(results)
    rows: Mapping[str, Callable[[Sequence[FluentResult]], str]] = {
        "AUROC of the entailment score": lambda of: _area(of, lambda one: one.score),
        "AUROC of the verdict": lambda of: _area(of, lambda one: _VERDICT_SCORES[one.verdict]),
        # The area under a yes-or-no verdict's curve is the mean of both classes' shares told right.
        "balanced accuracy of *supported*": lambda of: _area(of, lambda one: float(one.verdict == "supported")),
        "false called supported": lambda of: _share([r for r in of if not r.true], {"supported"}),
        "true called unsupported": lambda of: _share([r for r in of if r.true], {"unsupported"}),
        "true called partly or unsupported": lambda of: _share([r for r in of if r.true], {"partly", "unsupported"}),
    }
    for name, figure in rows.items():
        yield f"| {name} | {' | '.join(figure(of) for of in results.values())} |"


def kind_table(results: Mapping[str, Sequence[FluentResult]]) -> Iterator[str]:
    """Yield of each kind of claim the share that is called supported: false kinds first."""
    every = [one for of in results.values() for one in of]
    yield f"| called supported | {' | '.join(results)} |"
    yield "|---|" + "--:|" * len(results)
    for true in (False, True):
        for kind in sorted({one.claim.kind for one in every if one.true == true}):
            cells = ([one for one in of if one.true == true and one.claim.kind == kind] for of in results.values())
            counts = (f"{sum(one.verdict == 'supported' for one in cell)}/{len(cell)}" for cell in cells)
            yield f"| {'true' if true else 'false'}: {kind} | {' | '.join(counts)} |"


def _claim(row: Mapping[str, object]) -> FluentClaim:
    citations = row["citations"]
    assert isinstance(citations, list)
    documents = {str(one["document"]) for one in citations}
    if len(documents) != 1:
        raise ValueError(f"{row['id']} cites {len(documents)} documents, not one")
    return FluentClaim(
        id=str(row["id"]),
        text=str(row["claim"]),
        label=row["label"],  # type: ignore[arg-type]
        kind=str(row["kind"]),
        half=row["half"],  # type: ignore[arg-type]
        document=documents.pop(),
        quotes=tuple(str(one["quote"]) for one in citations),
    )


def _share(of: Sequence[FluentResult], verdicts: set[Verdict]) -> str:
    found = estimate(CaseScore(one.claim.id, one.claim.document, float(one.verdict in verdicts)) for one in of)
    if found.mean is None or found.low is None or found.high is None:
        return f"– (n {found.n})"
    return f"{found.mean:.3f} ({found.low:.3f}–{found.high:.3f}, n {found.n})"


def _area(of: Sequence[FluentResult], score: Callable[[FluentResult], float]) -> str:
    """The AUROC of ``score``; the interval is the cluster bootstrap's, widened as in ``evals.stats.bootstrap``."""
    scores, true = np.array([score(one) for one in of]), np.array([one.true for one in of])
    value = auroc(scores.tolist(), true.tolist())
    names = sorted({one.claim.document for one in of})
    if value is None or len(names) < 2:  # noqa: PLR2004
        return f"– (n {len(of)})"
    members = [np.flatnonzero([one.claim.document == name for one in of]) for name in names]
    drawn = np.random.default_rng(0).integers(0, len(names), size=(_DRAWS, len(names)))
    picked = (np.concatenate([members[n] for n in draw]) for draw in drawn)
    areas = [area for rows in picked if (area := auroc(scores[rows].tolist(), true[rows].tolist())) is not None]
    few = len(names) / (len(names) - 1)
    tail = NormalDist().cdf(-(few**0.5) * t_quantile(0.95, len(names) - 1))
    low, high = np.quantile(areas, (tail, 1 - tail))
    return f"{value:.3f} ({low:.3f}–{high:.3f}, n {len(of)})"


if __name__ == "__main__":
    main()
