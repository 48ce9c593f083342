"""Measure indexing beside its own encoder and LlamaIndex's pipeline.

``python -m evals.research.speed.indexing --data FOLDER``

In each round the three do the same documents in turn, so that whatever else the machine does slows them alike; what
counts is the ratio within a round. Processor time is printed too, which other work disturbs less.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from evals.research.benchmarks.sets import find_sets, load_set
from evals.research.benchmarks.systems.llamaindex import LlamaIndexDefault
from evals.research.speed.growth import TEN_MILLION, CostModel, StoreSize, fit_cost, grow_store, resident_memory
from evals.research.speed.plot import plot
from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.embedding.contextual import text_in_context
from index.embedding.factory import ConfiguredEmbedder, embedder_for
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.errors import OnrecordError
from index.ingest.build import build
from index.ingest.plan import plan
from index.schema import Document
from index.storage.open import index_fingerprint, open_for_writing

_FITTED = 3  # sizes, besides the last, that a model is fitted on before it is checked
_LLAMA_BATCH = 10  # llama_index.core.constants.DEFAULT_EMBED_BATCH_SIZE
BARE, OURS, LLAMA = "encoder alone", "Onrecord", "LlamaIndex default"


@dataclass(frozen=True, slots=True)
class IndexingRun:
    """One system's turn: documents and the passages they became, seconds by the clock and of the processor."""

    system: str
    documents: int
    passages: int
    seconds: float
    processor: float
    memory: int


@dataclass(frozen=True, slots=True)
class SpeedRatio:
    """How many times as fast the system ``of`` was as the system ``to``, a number a round.

    Compared are seconds by the clock and seconds of the processor.
    """

    of: str
    to: str
    by_clock: tuple[float, ...]
    by_processor: tuple[float, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure indexing; return 0, or 1 with one line on stderr that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.speed.indexing", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a folder of sets")
    parser.add_argument("--set", default="squad2", help="whose documents are indexed; default: squad2")
    parser.add_argument("--backend", default="auto", help="what runs the model; default: auto")
    parser.add_argument("--documents", type=int, nargs="+", default=[64, 128, 256], help="so many, one after another")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--grow", type=int, nargs="+", default=[1024, 2048, 4096, 8192, 16384], metavar="PASSAGES")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="write the plots there")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write all figures")
    options = parser.parse_args(arguments)
    try:
        report(options)
    except OnrecordError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def report(options: argparse.Namespace) -> None:
    """Measure what the options ask for, print it, and write the files they name."""
    places = dict(find_sets(options.data))
    if options.set not in places:
        raise OnrecordError(f"{options.data} holds no set {options.set!r}. There are {', '.join(places)}.")
    documents = list(load_set(options.set, places[options.set], "report").documents.values())
    config = IndexConfig(backend=options.backend)
    ours, torch = embedder_for(config), SentenceTransformerEmbedder()
    warm_up(ours, torch, documents[:2])
    by_size: dict[int, list[IndexingRun]] = {}
    for size in options.documents:
        by_size[size] = [done for _ in range(options.rounds) for done in one_round(ours, torch, documents[:size])]
        print(as_markdown(size, by_size[size], ours.running_backend), flush=True)
    grown: list[StoreSize] = []
    if options.grow:
        with tempfile.TemporaryDirectory(prefix="onrecord-growth-") as folder:
            grown = grow_store(Path(folder), options.grow)
        print(growth_as_markdown(grown, rate_of(by_size)), flush=True)
    if options.out:
        whole = {"turns": {n: [asdict(d) for d in turns] for n, turns in by_size.items()}}
        options.out.write_text(json.dumps({**whole, "grown": [asdict(g) for g in grown]}, indent=1) + "\n")
    if options.plots:
        draw(options.plots, by_size, grown)


def warm_up(ours: ConfiguredEmbedder, torch: SentenceTransformerEmbedder, documents: Sequence[Document]) -> None:
    """Load models and import everything, which takes seconds once and not once a passage."""
    one_round(ours, torch, documents)


def one_round(
    ours: ConfiguredEmbedder, torch: SentenceTransformerEmbedder, documents: Sequence[Document]
) -> list[IndexingRun]:
    """Index the documents with each system in turn."""
    cut = [passage for document in documents for passage in chunk(document, Chunking())]
    texts = [text_in_context(passage) for passage in cut]

    def alone() -> int:
        return len(ours.embed(texts))

    with tempfile.TemporaryDirectory(prefix="onrecord-indexing-") as made:
        folder = Path(made)
        files = folder / "documents"
        files.mkdir()
        for number, document in enumerate(documents):
            (files / f"{number:06}.txt").write_text(document.text, encoding="utf-8")

        def indexed() -> int:
            config = IndexConfig(data_dir=folder / "ours")
            with open_for_writing(config, index_fingerprint(ours, Chunking())) as store:
                return build(store, ours, Chunking(), plan(store, [files])).passages

        llama = LlamaIndexDefault(folder / "llama", torch, torch, _LLAMA_BATCH)
        return [
            _timed(BARE, len(documents), alone),
            _timed(OURS, len(documents), indexed),
            _timed(LLAMA, len(documents), lambda: llama.index(documents)),
        ]


def _timed(system: str, documents: int, work: Callable[[], int]) -> IndexingRun:
    since, processor = time.perf_counter(), time.process_time()
    passages = work()
    spent = time.perf_counter() - since, time.process_time() - processor
    return IndexingRun(system, documents, passages, *spent, resident_memory())


def ratios(turns: Sequence[IndexingRun]) -> list[SpeedRatio]:
    """Divide Onrecord's documents a second by those of either other, round by round."""
    of = {name: [turn for turn in turns if turn.system == name] for name in (BARE, OURS, LLAMA)}
    return [
        SpeedRatio(
            OURS,
            other,
            tuple(b.seconds / a.seconds for a, b in zip(of[OURS], of[other], strict=True)),
            tuple(b.processor / a.processor for a, b in zip(of[OURS], of[other], strict=True)),
        )
        for other in (BARE, LLAMA)
    ]


def rate_of(by_size: dict[int, list[IndexingRun]]) -> float:
    """Return the passages a processor second that Onrecord indexes, at the largest size."""
    turns = [turn for turn in by_size[max(by_size)] if turn.system == OURS]
    return median(turn.passages / turn.processor for turn in turns)


def as_markdown(size: int, turns: Sequence[IndexingRun], running: str) -> str:
    """Write the table of one size."""
    lines = [f"{size} documents, Onrecord on {running}:", ""]
    lines += ["| | passages | documents/s | passages/s | processor ms a passage |", "| --- | --: | --: | --: | --: |"]
    for name in (BARE, OURS, LLAMA):
        own = [turn for turn in turns if turn.system == name]
        rates = (median(t.documents / t.seconds for t in own), median(t.passages / t.seconds for t in own))
        work = median(1_000 * t.processor / t.passages for t in own)
        lines.append(f"| {name} | {own[0].passages:,} | {rates[0]:.1f} | {rates[1]:.1f} | {work:.1f} |")
    lines.append("")
    for ratio in ratios(turns):
        clock, processor = _spread(ratio.by_clock), _spread(ratio.by_processor)
        lines.append(f"- {ratio.of} to {ratio.to}: {clock} by the clock, {processor} by processor time")
    return "\n".join(lines) + "\n"


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def growth_as_markdown(grown: Sequence[StoreSize], rate: float) -> str:
    """Write what the store costs by size, the fitted model, how well it holds, and the cost of ten million passages."""
    lines = ["| passages | writing, processor ms a passage | disk, bytes a passage | … of it tokens | memory, MB |"]
    lines.append("| --: | --: | --: | --: | --: |")
    lines += [
        f"| {g.passages:,} | {1_000 * g.seconds_a_passage:.2f} | {g.disk / g.passages:,.0f} "
        f"| {g.tokens / g.passages:,.0f} | {g.memory / 1e6:,.0f} |"
        for g in grown
    ]
    if len(grown) > _FITTED:
        lines += ["", _checked(fit_cost(grown[:-1]), grown)]
    model = fit_cost(grown)
    hours = (model.seconds_for(TEN_MILLION) + TEN_MILLION / rate) / 3600
    lines += [
        "",
        f"- writing: {1_000 * model.seconds:.2f} ms + {1_000 * model.slope:.3f} ms · log2(passages) of processor time",
        f"- ten million passages: {hours:,.0f} processor hours, of which encoding {TEN_MILLION / rate / 3600:,.0f}; "
        f"{model.disk * TEN_MILLION / 1e9:,.0f} GB of disk; {model.memory * TEN_MILLION / 1e9:,.0f} GB of memory",
    ]
    return "\n".join(lines) + "\n"


def _checked(before: CostModel, grown: Sequence[StoreSize]) -> str:
    """Compare the model of all sizes but the last with what the last showed."""
    last, previous = grown[-1], grown[-2]
    told = before.seconds_for(last.passages) - before.seconds_for(previous.passages)
    was = last.seconds_a_passage * (last.passages - previous.passages)
    return (
        f"Fitted without the last size, the model tells of it {told:.1f} s of writing ({was:.1f} s measured), "
        f"{before.disk * (last.passages - previous.passages) / 1e6:,.1f} MB more disk "
        f"({(last.disk - previous.disk) / 1e6:,.1f} measured) and "
        f"{before.memory * (last.passages - previous.passages) / 1e6:,.1f} MB more memory "
        f"({(last.memory - previous.memory) / 1e6:,.1f} measured)."
    )


def draw(folder: Path, by_size: dict[int, list[IndexingRun]], grown: Sequence[StoreSize]) -> None:
    """Write ``indexing.svg`` and ``growth.svg``."""
    speeds = {
        name: [
            (float(size), median(t.documents / t.seconds for t in turns if t.system == name))
            for size, turns in by_size.items()
        ]
        for name in (BARE, OURS, LLAMA)
    }
    (folder / "indexing.svg").write_text(plot("Indexing", "documents", "documents a second", speeds), encoding="utf-8")
    if grown:
        costs = {
            "writing, processor ms": [(float(g.passages), 1_000 * g.seconds_a_passage) for g in grown],
            "disk, kB": [(float(g.passages), g.disk / g.passages / 1_000) for g in grown],
        }
        drawn = plot("What a passage costs", "passages in the index", "a passage", costs)
        (folder / "growth.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
