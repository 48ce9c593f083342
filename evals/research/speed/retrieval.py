"""``python -m evals.research.speed.retrieval``: what finding passages costs beside the least that it could cost.

The least is what any program over the same database does: embed the question and put one query to Chroma. Measured at
several sizes, each in a process of its own that opens an index of passages made up as for ``latency``; the questions
and all that is done with them are real. Both sides take turns, question by question. Processor time is that of all
threads, and is what a busy machine says something about.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from evals.research.speed.latency import real_passages, resize_codes, vectors_near
from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from index.embedding.protocol import Embedder, Vectors
from index.embedding.token_codes import TokenCodes
from index.schema import Document, Passage
from index.storage.open import index_fingerprint
from index.storage.store import Store
from index.storage.writer import DocumentEntry
from rag.config import RagConfig
from rag.pipeline import make_pipeline
from rag.retrieval.cross_encoder import NO_RERANKER, make_cross_encoder

_NAME = "retrieving"
_SENTENCES = 8  # of a made passage
_PASSAGES = 10  # of a made document
_AT_ONCE = 5_000  # passages written
_HEAD = (
    "passages",
    "least p50 / p95, ms",
    "Onrecord p50 / p95, ms",
    "times the least",
    "processor: least, Onrecord, ms",
    "with cross-encoder p50 / p95, ms",
    "opened and first found, s",
    "memory: least, Onrecord, with cross-encoder, MB",
    "on disk: Chroma, tokens, keyword, MB",
)


Times = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class RetrievalCost:
    """What was measured at one size: milliseconds as ``(median, 95th percentile, median of processor time)``,
    ``times`` the median of the questions' ratios, megabytes by what takes them."""

    passages: int
    least: Times
    without: Times
    crossed: Times
    times: float
    opened: float
    memory: tuple[float, float, float]
    disk: tuple[float, float, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size in a process of its own and print a table."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.speed.retrieval")
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="keep the made indexes here, and use those that are there")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.measure:
        print(json.dumps(asdict(measure(options.measure, options.questions))))
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-retrieving-") as made:
        print(_row(_HEAD) + "\n" + _row(["--:"] * len(_HEAD)))
        for size in options.passages:
            folder = (options.folder or Path(made)) / str(size)
            if not folder.exists():
                make_index(folder, size)
            print(_row(_cells(_measure_in_process(folder, options.questions))), flush=True)


def make_index(folder: Path, size: int) -> None:
    """Make an index of ``size`` made passages, and ``questions.json`` with questions of their words.

    Written many documents at a time, which ``Store.add`` does not do; of a document's own text, which no search
    reads, there is only the beginning.
    """
    embedder = embedder_for(IndexConfig())
    chance, drawn = random.Random(0), np.random.default_rng(0)
    with one_blas_thread():
        store = Store(folder, _NAME, index_fingerprint(embedder, Chunking()))
        sentences, vectors, codes = real_passages(embedder, store, chance)
        for start in range(0, size, _AT_ONCE):
            count = min(_AT_ONCE, size - start) // _PASSAGES
            made = [_document(start // _PASSAGES + n, sentences, chance) for n in range(count)]
            like = drawn.integers(0, len(vectors), count * _PASSAGES)
            _write(store, made, vectors_near(vectors[like], drawn), [codes[n] for n in like])
        store.close()
    asked = [f"What is known about {' '.join(s.split()[2:7])}?" for s in sentences]
    (folder / "questions.json").write_text(json.dumps(asked), encoding="utf-8")


def _document(number: int, sentences: Sequence[str], chance: random.Random) -> list[Passage]:
    name, start = f"{number:016x}", 0
    passages: list[Passage] = []
    for _ in range(_PASSAGES):
        text = " ".join(chance.choices(sentences, k=_SENTENCES))
        passages.append(Passage(name, start, start + len(text), text, f"Report {number}"))
        start += len(text) + 1
    return passages


def _write(store: Store, documents: Sequence[Sequence[Passage]], vectors: Vectors, codes: Sequence[TokenCodes]) -> None:
    entries, start = [], 0
    for passages in documents:
        part = slice(start, start + len(passages))
        text = " ".join(passage.text for passage in passages)
        document = Document(passages[0].document_id, passages[0].title, "made.txt", text)
        spreads = [resize_codes(code, p.text) for p, code in zip(passages, codes[part], strict=True)]
        entries.append(DocumentEntry(document, passages, vectors[part], spreads))
        start = part.stop
    store.add_all(entries)


def measure(folder: Path, count: int) -> RetrievalCost:
    """Measure the index in ``folder`` by ``count`` questions a side; the first question of all only warms up."""
    embedder = embedder_for(IndexConfig())
    questions = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    first, asked, others = questions[0], questions[1 : count + 1], questions[count + 1 : 2 * count + 1]
    embedder.embed_query_tokens(first)
    with one_blas_thread():
        least = _least(folder, embedder)
        least(first)
        memory = [_memory()]
        since = time.perf_counter()
        store = Store(folder, _NAME, {})
        without = make_pipeline(store, embedder, RagConfig(reranker=NO_RERANKER), None).retriever.retrieve
        without(first)
        opened = time.perf_counter() - since
        by_least, by_without, times = _in_turns(asked, least, without)
        memory.append(_memory())
        cross = make_cross_encoder(RagConfig().reranker)
        crossed = make_pipeline(store, embedder, RagConfig(), cross).retriever.retrieve
        crossed(first)
        by_crossed, _, _ = _in_turns(others, crossed, least)
        memory.append(_memory())
    held = (memory[0], memory[1], memory[2])
    return RetrievalCost(store.count(), by_least, by_without, by_crossed, times, opened, held, _disk(folder))


def _least(folder: Path, embedder: Embedder) -> Callable[[str], object]:
    """Return a single query for as many passages as Onrecord hands on, with Chroma's own defaults."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    collection = client.get_collection(f"{_NAME}.passages", embedding_function=None)
    k = RagConfig().top_k
    return lambda question: collection.query(query_embeddings=[embedder.embed_query(question).tolist()], n_results=k)


def _in_turns(
    questions: Sequence[str], one: Callable[[str], object], other: Callable[[str], object]
) -> tuple[Times, Times, float]:
    """Time both in turns: the times of each in milliseconds, and the median ratio of the second to the first.

    Who goes first changes, since the second finds more read.
    """
    took: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])
    for number, question in enumerate(questions):
        for side in (0, 1) if number % 2 else (1, 0):
            since, used = time.perf_counter(), time.process_time()
            (one, other)[side](question)
            took[side].append((1000 * (time.perf_counter() - since), 1000 * (time.process_time() - used)))
    ratios = [second[0] / first[0] for first, second in zip(*took, strict=True)]
    return _quantiles(took[0]), _quantiles(took[1]), float(np.median(ratios))


def _quantiles(took: Sequence[tuple[float, float]]) -> Times:
    by_clock, used = np.array(took).T
    return float(np.median(by_clock)), float(np.quantile(by_clock, 0.95)), float(np.median(used))


def _memory() -> float:
    """Return the most memory that this process has held so far, in megabytes."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (1_000_000 if sys.platform == "darwin" else 1_000)


def _disk(folder: Path) -> tuple[float, float, float]:
    sizes = {path: path.stat().st_size / 1e6 for path in folder.rglob("*") if path.is_file()}
    tokens = sum(size for path, size in sizes.items() if path.name.startswith("tokens."))
    keyword = sum(size for path, size in sizes.items() if path.is_relative_to(folder / "keyword"))
    return sum(sizes.values()) - tokens - keyword, tokens, keyword


def _measure_in_process(folder: Path, count: int) -> RetrievalCost:
    """Measure in a process that has done nothing else."""
    command = [
        sys.executable,
        "-m",
        "evals.research.speed.retrieval",
        "--measure",
        str(folder),
        "--questions",
        str(count),
    ]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return RetrievalCost(**json.loads(done.stdout.splitlines()[-1]))


def _cells(found: RetrievalCost) -> list[str]:
    return [
        f"{found.passages:,}",
        " / ".join(f"{ms:.1f}" for ms in found.least[:2]),
        " / ".join(f"{ms:.1f}" for ms in found.without[:2]),
        f"{found.times:.2f}",
        f"{found.least[2]:.1f}, {found.without[2]:.1f}",
        " / ".join(f"{ms:.1f}" for ms in found.crossed[:2]),
        f"{found.opened:.2f}",
        ", ".join(f"{mb:,.0f}" for mb in found.memory),
        ", ".join(f"{mb:,.1f}" for mb in found.disk),
    ]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
