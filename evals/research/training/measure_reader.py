"""Measure the packaged reader on what it was not trained on: ``python -m evals.research.training.measure_reader``.

The reader alone, without search: it reads every sentence of the document that a question is about. Given are how much
of the answer it marks (token F1 as in SQuAD), and how well its log-odds tell questions that the document answers from
those that it does not (AUROC); intervals are of 95 %, documents being drawn.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.research.benchmarks.sets import Half, half_of
from evals.research.flags import add_data_flag, add_half_flag
from evals.research.training.written import passage_sentences, read_written
from evals.scoring.metrics.answers import token_f1
from evals.scoring.metrics.refusal import auroc
from evals.stats.interval import CaseScore, estimate
from index.reading.load import load
from index.schema import Document
from rag.config import RagConfig
from rag.reading.evidence_model import sigmoid
from rag.reading.reader.onnx_reader import SentenceReader, make_reader


@dataclass(frozen=True, slots=True)
class AskedDocument:
    """A question about a document; ``answers`` are alternatives, empty where it does not say."""

    question: str
    document: Document
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What was marked in answer, and the log-odds that the document answers at all."""

    asked: AskedDocument
    marked: str
    answered: float


def main() -> None:
    """Print a row of figures for each set."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.training.measure_reader", description=__doc__)
    add_data_flag(parser)
    add_half_flag(parser, default="tune", of="SQuAD 2.0")
    parser.add_argument("--questions", type=int, default=150, help="of each kind")
    options = parser.parse_args()
    reader = make_reader(RagConfig().reader)
    if reader is None:
        parser.error("no reader is configured")
    print("| set | answered | F1 of the marked words | not answered | AUROC |\n| --- | --: | --: | --: | --: |")
    squad = read_squad(options.data / "squad2" / "dev-half-v2.0.json", options.half)
    for name, asked in ((f"SQuAD 2.0, {options.half} half", squad), ("written documents", written_questions())):
        print(row(name, [read(reader, one) for one in drawn(asked, options.questions)]), flush=True)


def read_squad(file: Path, half: Half) -> list[AskedDocument]:
    """Read the questions of SQuAD 2.0's ``file``, each about its paragraph."""
    found = []
    for article in json.loads(file.read_text("utf-8"))["data"]:
        if half_of(article["title"]) == half:
            for paragraph in article["paragraphs"]:
                document = load(Path(f"{article['title']}.txt"), paragraph["context"].encode())
                for qa in paragraph["qas"]:
                    answers = () if qa["is_impossible"] else tuple(answer["text"] for answer in qa["answers"])
                    found.append(AskedDocument(qa["question"], document, answers))
    return found


def written_questions() -> list[AskedDocument]:
    """Return the questions of the written documents that the reader was not trained on."""
    return [
        AskedDocument(question.text, one.document, (question.answer,) if question.answer else ())
        for one in read_written()
        if one.part == "evidence"
        for question in one.questions
    ]


def drawn(asked: Sequence[AskedDocument], most: int) -> list[AskedDocument]:
    """Draw at most so many that are answered, and that are not, always the same."""
    rng = random.Random(0)
    kinds = ([one for one in asked if bool(one.answers) is answered] for answered in (True, False))
    return [one for kind in kinds for one in rng.sample(kind, min(most, len(kind)))]


def read(reader: SentenceReader, asked: AskedDocument) -> Read:
    """Read every sentence of the document; the likeliest one gives the marked words and the log-odds."""
    found = reader.read(asked.question, list(passage_sentences(asked.document)))
    best = max(found, key=lambda one: sigmoid(one.answered) * one.here)
    return Read(asked, asked.document.text[best.start : best.end], max(one.answered for one in found))


def row(name: str, found: Sequence[Read]) -> str:
    """Return a row of the table: how much of the answers is marked, and how well the log-odds tell."""
    answered = [one for one in found if one.asked.answers]
    marked = estimate(
        CaseScore(str(n), one.asked.document.source, token_f1(one.marked, one.asked.answers))
        for n, one in enumerate(answered)
    )
    told = auroc([one.answered for one in found], [bool(one.asked.answers) for one in found])
    between = f" ({marked.low:.2f}–{marked.high:.2f})" if marked.low is not None and marked.high is not None else ""
    share = "–" if marked.mean is None else f"{marked.mean:.2f}{between}"
    apart = "–" if told is None else f"{told:.2f}"
    return f"| {name} | {len(answered)} | {share} | {len(found) - len(answered)} | {apart} |"


if __name__ == "__main__":
    main()
