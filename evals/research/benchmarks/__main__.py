"""``python -m evals.research.benchmarks --data FOLDER``: every set in the folder, every system, one table."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from evals.research.benchmarks.conditions import conditions
from evals.research.benchmarks.measure import count_steps
from evals.research.benchmarks.metrics.figures import SetFigures
from evals.research.benchmarks.run import run_set
from evals.research.benchmarks.sets import BenchmarkSet, find_sets, foreign_questions, load_set, sample
from evals.research.benchmarks.systems.shared_vectors import SharedVectors
from evals.research.benchmarks.table import as_markdown
from evals.research.flags import add_half_flag
from index.embedding.protocol import Embedder
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.errors import OnrecordError

RESULTS = Path(__file__).parents[1] / "results" / "BENCHMARKS.md"
_QUESTIONS, _FOREIGN = 1_000, 150
_QUICK_QUESTIONS, _QUICK_FOREIGN, _QUICK_CHARACTERS = 60, 25, 100_000


def main(arguments: Sequence[str] | None = None, embedder: Embedder | None = None) -> int:
    """Run the benchmarks; return 0, or 1 with one line on stderr that says what is wrong."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(given)
    if options.questions is None:
        options.questions = _QUICK_QUESTIONS if options.quick else _QUESTIONS
    if options.foreign is None:
        options.foreign = _QUICK_FOREIGN if options.quick else _FOREIGN
    try:
        report(options, given, embedder or SentenceTransformerEmbedder())
    except OnrecordError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def report(options: argparse.Namespace, arguments: list[str], embedder: Embedder) -> None:
    """Run what the options ask for, print the report, and write the files they name."""
    conditioned = conditions(arguments, options.half, embedder.fingerprint)
    everything = load_sets(options)
    by_name = {one.name: one for one in everything}
    sets = [by_name[name] for name in options.only or by_name if name in by_name]
    if not sets:
        raise OnrecordError(f"None of the sets is named so. There are {', '.join(by_name)}.")
    shared = SharedVectors(embedder)
    if options.vectors and options.vectors.exists():
        shared.load(options.vectors)
    embedder.embed(["the model is loaded before anything is timed"])
    foreign = {one.name: foreign_questions(everything, one, options.foreign) for one in sets}
    total = sum(count_steps(one, foreign[one.name]) for one in sets)
    found: list[SetFigures] = []
    with tqdm(total=total, unit="", disable=None) as bar:

        def progress(doing: str, done: int) -> None:
            bar.set_description(doing, refresh=not done)
            bar.update(done)

        for one in sets:
            asked = foreign[one.name]
            found.append(run_set(one, asked, embedder, shared, progress, chunkers=not options.quick))
            keep(options, conditioned, found, shared)
    text = as_markdown(conditioned, found)
    print(text)
    if options.write:
        RESULTS.write_text(text, encoding="utf-8")


def keep(
    options: argparse.Namespace,
    conditioned: Mapping[str, str],
    found: Sequence[SetFigures],
    shared: SharedVectors,
) -> None:
    """Write the results so far, so that stopping early loses one set at most."""
    if options.vectors:
        shared.save(options.vectors)
    if options.out:
        whole = {"conditions": conditioned, "sets": [asdict(one) for one in found]}
        options.out.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def load_sets(options: argparse.Namespace) -> list[BenchmarkSet]:
    """Load every set, cut to its half and sampled; foreign questions need all of them.

    Raises OnrecordError when there is none.
    """
    if not options.data.exists():
        raise OnrecordError(f"There is no {options.data}. Name the folder that holds the sets with --data.")
    places = dict(find_sets(options.data))
    if options.quick and not options.only:
        # Long documents cannot be cut short, and a corpus about everything asks nothing hard, least of all in part.
        places = {name: path for name, path in places.items() if name not in ("chunking", "clapnq", "mtragun")}
    if not places:
        raise OnrecordError(f"{options.data} holds no set that can be read. Name another folder with --data.")
    characters = _QUICK_CHARACTERS if options.quick else None
    return [sample(load_set(name, path, options.half), options.questions, characters) for name, path in places.items()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.research.benchmarks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="a set, or a folder of sets")
    parser.add_argument("--only", nargs="+", metavar="SET", help="these sets alone, in this order, by folder name")
    add_half_flag(parser)
    parser.add_argument("--quick", action="store_true", help="fewer questions over parts of the corpora")
    parser.add_argument("--questions", type=int, help="at most so many of a kind and set")
    parser.add_argument("--foreign", type=int, help="so many questions of other sets")
    parser.add_argument("--vectors", type=Path, metavar="FILE.npz", help="remember vectors between runs")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write all figures")
    parser.add_argument("--write", action="store_true", help="write evals/research/results/BENCHMARKS.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())
