"""What eight bits cost: ``python -m evals.research.benchmarks.quantization --data FOLDER``.

The product twice over the same documents, the model at full precision and at eight bits, the same questions asked of
both. Printed as Markdown: what each gets right, and the difference with a 95 % interval clustered by document.
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.research.benchmarks.metrics.answering import answer_inside, evidence_f1
from evals.research.benchmarks.sets import BenchmarkSet, find_sets, foreign_questions, load_set, sample
from evals.research.benchmarks.systems.onrecord import Onrecord
from evals.schema import Case
from evals.scoring.metrics.spans import Interval
from evals.stats.interval import CaseScore
from evals.stats.paired import compare
from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.factory import embedder_for
from rag.schema import Answer

_SETS = ("squad2", "news2022", "clapnq")
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class SystemReply:
    """What one system found and answered for one case."""

    found: Sequence[Interval]
    answer: Answer


Score = Callable[[Case, SystemReply], float]


def main() -> None:
    """Compare the two backends on each set and print Markdown."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.benchmarks.quantization")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="+", default=_SETS, metavar="SET")
    parser.add_argument("--questions", type=int, default=1_000, help="at most so many of a kind and set")
    parser.add_argument("--foreign", type=int, default=150)
    options = parser.parse_args()
    everything = [load_set(name, path, "report") for name, path in find_sets(options.data) if name in options.only]
    print("| set | | n | full precision | eight bits | difference |\n| --- | --- | --: | --: | --: | --: |")
    for one in everything:
        given = sample(one, options.questions)
        foreign = foreign_questions(everything, one, options.foreign)
        exact, eight = (collect_replies(given, foreign, backend) for backend in ("onnx", "onnx-int8"))
        for line in table(given, foreign, exact, eight):
            print(f"| {one.name} | {line} |", flush=True)


def collect_replies(given: BenchmarkSet, foreign: Sequence[Case], backend: str) -> dict[str, SystemReply]:
    """Search and answer every question with this backend, by the case's id."""
    embedder = embedder_for(IndexConfig(backend=backend))
    with tempfile.TemporaryDirectory(prefix="onrecord-bits-") as folder, one_blas_thread():
        system = Onrecord(Path(folder), embedder, embedder)
        system.index(list(given.documents.values()))
        return {
            case.id: SystemReply(
                system.search(case.question, _DEPTH, case.history), system.ask(case.question, case.history)
            )
            for case in (*given.answerable, *given.unanswerable, *foreign)
        }


def table(
    given: BenchmarkSet, foreign: Sequence[Case], exact: dict[str, SystemReply], eight: dict[str, SystemReply]
) -> list[str]:
    """Write a line for each measure: cases, both means, the difference with its interval, won and lost."""

    def first(case: Case, reply: SystemReply) -> float:
        return float(bool(reply.found) and reply.found[0][0] in given.relevance[case.id])

    def reciprocal(case: Case, reply: SystemReply) -> float:
        ranked = dict.fromkeys(name for name, _, _ in reply.found)
        return next((1 / n for n, name in enumerate(ranked, 1) if name in given.relevance[case.id]), 0.0)

    def refused(case: Case, reply: SystemReply) -> float:
        return float(reply.answer.refused)

    short = [case for case in given.answerable if given.has_short_answer(case)]
    long = [case for case in given.answerable if given.gold[case.id] and not given.has_short_answer(case)]
    measures: list[tuple[str, Sequence[Case], Score]] = [
        ("right document first", given.answerable, first),
        ("MRR@10", given.answerable, reciprocal),
        ("answer in all cited", short, lambda case, reply: answer_inside(reply.answer, case, None)),
        ("evidence-sentence F1", long, lambda case, reply: evidence_f1(reply.answer, given.gold[case.id])),
        ("answerable refused", given.answerable, refused),
        ("unanswerable refused", given.unanswerable, refused),
        ("foreign refused", foreign, refused),
    ]
    return [_line(name, cases, score, exact, eight) for name, cases, score in measures if cases]


def _line(
    name: str, cases: Sequence[Case], score: Score, exact: dict[str, SystemReply], eight: dict[str, SystemReply]
) -> str:
    a, b = ([CaseScore(c.id, c.group, score(c, held[c.id])) for c in cases] for held in (exact, eight))
    found = compare(a, b)
    between = "" if found.low is None or found.high is None else f" ({found.low:+.3f} to {found.high:+.3f})"
    return (
        f"{name} | {found.n} | {found.mean_a:.3f} | {found.mean_b:.3f} | {found.difference:+.3f}{between}; "
        f"{found.wins} won, {found.losses} lost"
    )


if __name__ == "__main__":
    main()
