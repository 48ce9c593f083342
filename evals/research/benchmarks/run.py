"""One set measured, from its documents to its figures."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from evals.research.benchmarks.measure import Measurements, Progress, measure
from evals.research.benchmarks.metrics.answering import answer_figures
from evals.research.benchmarks.metrics.cost import cost_figures
from evals.research.benchmarks.metrics.figures import SetFigures
from evals.research.benchmarks.metrics.refusing import refusal_figures, risk_coverage_curve
from evals.research.benchmarks.metrics.retrieval import retrieval_figures
from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.benchmarks.systems.baselines import Dense, Keyword
from evals.research.benchmarks.systems.chunkers import fixed_tokens, recursive_tokens
from evals.research.benchmarks.systems.llamaindex import LlamaIndexDefault
from evals.research.benchmarks.systems.onrecord import Onrecord, System
from evals.research.benchmarks.systems.shared_vectors import SharedVectors
from evals.schema import Case
from index.embedding.blas_threads import one_blas_thread
from index.embedding.protocol import Embedder

CHUNK_SIZES = (200, 400)
"""Tokens, of the chunkers compared on sets that are judged by spans."""


def run_set(
    given: BenchmarkSet,
    foreign: Sequence[Case],
    embedder: Embedder,
    shared: SharedVectors,
    progress: Progress,
    *,
    chunkers: bool,
) -> SetFigures:
    """Run every system over the set, in a temporary folder.

    ``chunkers`` adds those of Chroma's report on sets that are judged by spans.
    """
    with tempfile.TemporaryDirectory(prefix="onrecord-benchmark-") as folder, one_blas_thread():
        ours = Onrecord(Path(folder) / "onrecord", embedder, shared)
        others = baselines(Path(folder), embedder, shared)
        if chunkers and given.by_spans:
            others += chunker_baselines(embedder, shared)
        return all_figures(measure(given, foreign, ours, others, shared, progress=progress), ours.name)


def baselines(folder: Path, embedder: Embedder, shared: SharedVectors) -> list[System]:
    """Build the systems that Onrecord is compared with."""
    return [
        Dense(embedder, shared),
        Keyword(),
        LlamaIndexDefault(folder / "llamaindex", embedder, shared),
    ]


def chunker_baselines(embedder: Embedder, shared: SharedVectors) -> list[System]:
    """Build dense search over the chunks of other chunkers."""
    cuts = {"fixed": fixed_tokens, "recursive": recursive_tokens}
    return [
        Dense(embedder, shared, partial(cut, size=size), f"dense, {name} {size} tokens")
        for size in CHUNK_SIZES
        for name, cut in cuts.items()
    ]


def all_figures(measured: Measurements, ours: str) -> SetFigures:
    """Compute every figure of what came back."""
    given = measured.given
    retrieval, apart = retrieval_figures(measured, ours)
    size = {
        "documents": len(given.documents),
        "passages": measured.indexing[ours].passages,
        "answerable questions": len(given.answerable),
        "unanswerable": len(given.unanswerable),
        "foreign": len(measured.foreign),
    }
    return SetFigures(
        name=given.name,
        whole_corpus=given.whole_corpus,
        size=size,
        retrieval=retrieval,
        differences=apart,
        answers=answer_figures(measured, ours),
        refusal=refusal_figures(measured, ours),
        cost=cost_figures(measured, ours),
        risk_coverage=risk_coverage_curve(measured),
    )
