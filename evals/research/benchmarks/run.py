"""One set from its documents to its figures."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from evals.research.benchmarks.answering import answer_figures
from evals.research.benchmarks.chunkers import fixed_tokens, recursive
from evals.research.benchmarks.cost import cost_figures
from evals.research.benchmarks.figures import SetFigures
from evals.research.benchmarks.llamaindex import LlamaIndexDefault
from evals.research.benchmarks.measure import Measured, Progress, measure
from evals.research.benchmarks.refusing import curve, refusal_figures
from evals.research.benchmarks.retrieval import retrieval_figures
from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.benchmarks.systems import Dense, Keyword, Onrecord, System
from evals.research.benchmarks.vectors import SharedVectors
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
    """Every system over the set, in a folder that is gone afterwards.

    ``chunkers`` adds those of Chroma's report on sets that are judged by spans.
    """
    with tempfile.TemporaryDirectory(prefix="onrecord-benchmark-") as folder, one_blas_thread():
        ours = Onrecord(Path(folder) / "onrecord", embedder, shared)
        others = baselines(Path(folder), embedder, shared)
        if chunkers and given.by_spans:
            others += chunker_baselines(embedder, shared)
        return figures_of(measure(given, foreign, ours, others, shared, progress=progress), ours.name)


def baselines(folder: Path, embedder: Embedder, shared: SharedVectors) -> list[System]:
    """What Onrecord is compared with."""
    return [
        Dense(embedder, shared),
        Keyword(),
        LlamaIndexDefault(folder / "llamaindex", embedder, shared),
    ]


def chunker_baselines(embedder: Embedder, shared: SharedVectors) -> list[System]:
    """Dense search over the chunks of others."""
    cuts = {"fixed": fixed_tokens, "recursive": recursive}
    return [
        Dense(embedder, shared, partial(cut, size=size), f"dense, {name} {size} tokens")
        for size in CHUNK_SIZES
        for name, cut in cuts.items()
    ]


def figures_of(measured: Measured, ours: str) -> SetFigures:
    """Everything there is to say of what came back."""
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
        risk_coverage=curve(measured),
    )
