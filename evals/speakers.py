"""How well the speaker is known, and what knowing it is worth: ``python -m evals.speakers``.

Two measurements over ``seeds/news``. Labels: the speaker and the manner of every sentence against
``labels.jsonl``. Answers: the questions of ``seeds/evals/speakers.jsonl``, with attribution and without. Both on
the half of the articles that nothing was tuned on, unless ``--half tune``.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evals.benchmarks.split import half
from evals.cases import load_cases
from evals.resolve import resolve
from evals.schema import Case, Span
from index.build import build, plan
from index.chunk import Chunking
from index.config import IndexConfig
from index.embed import SentenceTransformerEmbedder
from index.load import load
from index.open import fingerprint, open_for_writing
from index.schema import Document
from index.sentences import sentence_spans
from rag.attribution import Speeches
from rag.config import RagConfig
from rag.fold import fold
from rag.pipeline import Pipeline, make_pipeline
from rag.quote import Quote
from rag.schema import Answer
from rag.speech import speech

NEWS = Path("seeds/news")
CASES = Path("seeds/evals/speakers.jsonl")


@dataclass(frozen=True, slots=True)
class Label:
    """Whose words a sentence reports and how, both empty for nobody's. A speaker without a name has a role."""

    document: str
    quote: str
    speaker: str
    manner: str


class Unattributed(Speeches):
    """The pipeline as it would be if it did not care who speaks."""

    def attribute(self, quotes: Sequence[Quote], question: str) -> tuple[Quote, ...]:
        """``quotes`` as they are."""
        return tuple(quotes)


def load_labels(path: Path) -> tuple[Label, ...]:
    """The labels of a JSON-lines file."""
    return tuple(Label(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m evals.speakers", description=__doc__)
    parser.add_argument("--half", choices=("tune", "report"), default="report", help="default: report")
    parser.add_argument("--news", type=Path, default=NEWS, help="default: seeds/news")
    parser.add_argument("--cases", type=Path, default=CASES, help="default: seeds/evals/speakers.jsonl")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    options = parser.parse_args(arguments)
    chosen = options.half
    documents = {path.name: load(path) for path in sorted(options.news.glob("*.txt"))}
    labels = [x for x in load_labels(options.news / "labels.jsonl") if half(x.document) == chosen]
    wrong = list(_report_labels(labels, documents))
    cases = [case for case in load_cases(options.cases) if half(f"{case.group}.txt") == chosen]
    with tempfile.TemporaryDirectory() as folder:
        wrong += _report_answers(cases, documents.values(), options.news, Path(folder))
    if options.wrong:
        print("", *wrong, sep="\n")
    return 0


def _report_labels(labels: Sequence[Label], documents: dict[str, Document]) -> Iterator[str]:
    counts = dict.fromkeys(("speech", "found", "named", "unsaid", "misnamed", "manner", "other", "false"), 0)
    said = {name: _by_words(document) for name, document in documents.items()}
    for label in labels:
        speaker, manner = said[label.document].get(label.quote, ("", ""))
        if not label.manner:
            counts["other"] += 1
            counts["false"] += bool(manner)
            if manner:
                yield f"nobody's, taken for {speaker or 'somebody'}'s: {label.quote}"
            continue
        named = set(fold(label.speaker).split()) <= set(fold(speaker).split())
        counts["speech"] += 1
        counts["found"] += bool(manner)
        counts["named"] += named
        counts["unsaid"] += bool(manner) and not speaker
        counts["misnamed"] += bool(speaker) and not named
        counts["manner"] += manner == label.manner
        if not named or manner != label.manner:
            yield f"{label.speaker}, {label.manner}, taken for {speaker or '?'}, {manner or 'none'}: {label.quote}"
    spoken = counts["speech"]
    print(f"sentences that report words: {spoken}")
    for name in ("found", "named", "unsaid", "misnamed", "manner"):
        print(f"  {_MEANINGS[name]}: {counts[name]}/{spoken} = {counts[name] / spoken:.2f}")
    print(f"sentences that report nobody's words, taken for speech: {counts['false']}/{counts['other']}")


_MEANINGS = {
    "found": "known as speech",
    "named": "right speaker",
    "unsaid": "speaker left open",
    "misnamed": "wrong speaker",
    "manner": "right manner",
}


def _by_words(document: Document) -> dict[str, tuple[str, str]]:
    spans = sentence_spans(document.text)
    found = zip(spans, speech(document.text, spans), strict=True)
    return {document.text[a:b]: (said.speaker, said.kind) for (a, b), said in found if said is not None}


def _report_answers(cases: Sequence[Case], documents: Iterable[Document], news: Path, folder: Path) -> list[str]:
    embedder = SentenceTransformerEmbedder()
    wrong: list[str] = []
    with open_for_writing(IndexConfig(data_dir=folder), fingerprint(embedder, Chunking())) as store:
        build(store, embedder, Chunking(), plan(store, [news]))
        with_it = make_pipeline(store, embedder, RagConfig())
        gold = {case.id: resolve(case, {d.id: d for d in documents}) for case in cases}
        for name, pipeline in (("without", replace(with_it, speeches=Unattributed(store.document))), ("with", with_it)):
            print(f"{name} attribution")
            wrong += [f"{name} attribution: {each}" for each in _report_run(cases, gold, pipeline)]
    return wrong


def _report_run(cases: Sequence[Case], gold: dict[str, tuple[Span, ...]], pipeline: Pipeline) -> Iterator[str]:
    wide = replace(pipeline, config=replace(pipeline.config, refuse_below=0.0, max_sentences=1))
    first = cited = refused = labelled = 0
    answerable = [case for case in cases if case.answerable]
    for case in answerable:
        answer = pipeline.ask(case.question)
        best = wide.ask(case.question)
        right = _cites(best, gold[case.id])
        first += right
        cited += _cites(answer, gold[case.id])
        refused += answer.refused
        labelled += all(citation.manner for citation in answer.citations) and not answer.refused
        if not right:
            yield f"{case.id}: {case.question} → {best.text}"
    others = [case for case in cases if not case.answerable]
    kept = [case for case in others if pipeline.ask(case.question).refused]
    n = len(answerable)
    print(f"  best sentence is gold: {first}/{n} = {first / n:.2f}")
    print(f"  gold among the cited sentences, refusals counted as misses: {cited}/{n} = {cited / n:.2f}")
    print(f"  answerable questions refused: {refused}/{n}")
    print(f"  every cited sentence labelled as speech: {labelled}/{n}")
    print(f"  unanswerable questions refused: {len(kept)}/{len(others)}")


def _cites(answer: Answer, spans: Iterable[Span]) -> bool:
    return any(
        c.passage.document_id == span.document_id and c.start < span.end and span.start < c.end
        for c in answer.citations
        for span in spans
    )


if __name__ == "__main__":
    sys.exit(main())
