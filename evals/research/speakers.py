"""How well the speaker is known, and what knowing it is worth: ``python -m evals.research.speakers``.

Two measurements over ``seeds/news``. Labels: the speaker and the manner of every sentence against
``seeds/labels/news.jsonl``. Answers: the questions of ``seeds/evals/speakers.jsonl``, with attribution and without.
Both on the half of the articles that nothing was tuned on, unless ``--half tune``.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.datasets.cases import load_cases
from evals.datasets.resolve import resolve_evidence
from evals.research.benchmarks.sets import half_of
from evals.research.flags import add_half_flag
from evals.schema import Case, Span
from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.ingest.build import build
from index.ingest.plan import plan
from index.reading.load import load
from index.schema import Document
from index.storage.open import index_fingerprint, open_for_writing
from index.text.sentences import sentence_spans
from index.text.terms import fold_word
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.reading.attribution import prefer_asked_speaker
from rag.reading.sentence_ranker import Quote
from rag.retrieval.cross_encoder import make_cross_encoder
from rag.schema import Citation
from rag.speech.reported_speech import find_speech

NEWS = Path("seeds/news")
LABELS = Path("seeds/labels/news.jsonl")
CASES = Path("seeds/evals/speakers.jsonl")


@dataclass(frozen=True, slots=True)
class Label:
    """Whose words a sentence reports and how, both empty for nobody's. A speaker without a name has a role."""

    document: str
    quote: str
    speaker: str
    manner: str


def load_labels(path: Path) -> tuple[Label, ...]:
    """Read the labels of a JSON-lines file."""
    return tuple(Label(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure speakers and answers, and print both."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.speakers", description=__doc__)
    add_half_flag(parser)
    parser.add_argument("--news", type=Path, default=NEWS, help="default: seeds/news")
    parser.add_argument("--labels", type=Path, default=LABELS, help="default: seeds/labels/news.jsonl")
    parser.add_argument("--cases", type=Path, default=CASES, help="default: seeds/evals/speakers.jsonl")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    options = parser.parse_args(arguments)
    chosen = options.half
    documents = {path.name: load(path) for path in sorted(options.news.glob("*.txt"))}
    labels = [x for x in load_labels(options.labels) if half_of(x.document) == chosen]
    wrong = list(_report_labels(labels, documents))
    cases = [case for case in load_cases(options.cases) if half_of(f"{case.group}.txt") == chosen]
    with tempfile.TemporaryDirectory() as folder:
        wrong += _report_answers(cases, documents.values(), options.news, Path(folder))
    if options.wrong:
        print("", *wrong, sep="\n")
    return 0


def _report_labels(labels: Sequence[Label], documents: dict[str, Document]) -> Iterator[str]:
    outcomes: Counter[str] = Counter()
    said = {name: _by_words(document) for name, document in documents.items()}
    for label in labels:
        speaker, manner = said[label.document].get(label.quote, ("", ""))
        outcome = _outcome(label, speaker, manner)
        outcomes[outcome] += 1
        outcomes["manner"] += bool(label.manner) and manner == label.manner
        outcomes["speech"] += bool(label.manner)
        if outcome not in ("right speaker", "nobody's") or manner != label.manner:
            expected = f"{label.speaker}, {label.manner}" if label.manner else "nobody's words"
            yield f"{outcome}: {expected}; taken for {speaker or 'somebody'}, {manner or 'no speech'}: {label.quote}"
    spoken = outcomes["speech"]
    print(f"sentences that report words: {spoken}")
    for name in ("right speaker", "by a role, not the name", "speaker left open", "wrong speaker", "not seen"):
        print(f"  {name}: {outcomes[name]}/{spoken} = {outcomes[name] / spoken:.2f}")
    print(f"  direct or reported, right: {outcomes['manner']}/{spoken} = {outcomes['manner'] / spoken:.2f}")
    nobodys = outcomes["nobody's"] + outcomes["taken for speech"]
    print(f"sentences that report nobody's words, taken for speech: {outcomes['taken for speech']}/{nobodys}")


def _outcome(label: Label, speaker: str, manner: str) -> str:
    if not label.manner:
        return "taken for speech" if manner else "nobody's"
    if not manner:
        return "not seen"
    if not speaker:
        return "speaker left open"
    if set(fold_word(label.speaker).split()) <= set(fold_word(speaker).split()):
        return "right speaker"
    a_role = speaker.removeprefix("The ").islower()
    return "by a role, not the name" if a_role else "wrong speaker"


def _by_words(document: Document) -> dict[str, tuple[str, str]]:
    spans = sentence_spans(document.text)
    found = zip(spans, find_speech(document.text, spans), strict=True)
    return {document.text[a:b]: (said.speaker, said.kind) for (a, b), said in found if said is not None}


def _report_answers(cases: Sequence[Case], documents: Iterable[Document], news: Path, folder: Path) -> list[str]:
    embedder = SentenceTransformerEmbedder()
    with open_for_writing(IndexConfig(data_dir=folder), index_fingerprint(embedder, Chunking())) as store:
        build(store, embedder, Chunking(), plan(store, [news]))
        pipeline = make_pipeline(store, embedder, RagConfig(), make_cross_encoder(RagConfig().reranker))
        gold = {case.id: resolve_evidence(case, {d.id: d for d in documents}) for case in cases}
        return list(_report_run(cases, gold, pipeline))


def _report_run(cases: Sequence[Case], gold: dict[str, tuple[Span, ...]], pipeline: Pipeline) -> Iterator[str]:
    counts: Counter[str] = Counter()
    kinds: Counter[tuple[str, bool]] = Counter()
    for case in cases:
        answer = pipeline.ask(case.question)
        if not case.answerable:
            counts["unanswerable"] += 1
            counts["rightly refused"] += answer.refused
            continue
        without = _scored(case.question, pipeline)
        with_it = prefer_asked_speaker(without, case.question, pipeline.speeches)
        right = _holds(with_it[0], gold[case.id])
        counts["answerable"] += 1
        counts["without"] += _holds(without[0], gold[case.id])
        counts["with"] += right
        counts["cited"] += any(_holds(citation, gold[case.id]) for citation in answer.citations)
        counts["refused"] += answer.refused
        kinds.update((tag, right) for tag in case.tags)
        if not right:
            yield f"{case.id}: {case.question} → {with_it[0].text}"
    n = counts["answerable"]
    print(f"answerable questions: {n}")
    print(
        f"  best sentence is the gold one, without attribution: {counts['without']}/{n} = {counts['without'] / n:.2f}"
    )
    print(f"  best sentence is the gold one, with attribution: {counts['with']}/{n} = {counts['with'] / n:.2f}")
    for tag in ("direct", "reported", "pronoun", "role", "who-said"):
        print(f"    {tag}: {kinds[tag, True]}/{kinds[tag, True] + kinds[tag, False]}")
    print(f"  gold among what is shown, up to three sentences: {counts['cited']}/{n} = {counts['cited'] / n:.2f}")
    print(f"  refused: {counts['refused']}/{n}")
    print(f"unanswerable questions refused: {counts['rightly refused']}/{counts['unanswerable']}")


def _scored(question: str, pipeline: Pipeline) -> tuple[Quote, ...]:
    hits = pipeline.retriever.retrieve(question)
    return pipeline.ranker.rank(question, hits, pipeline.store.keyword.idf)


def _holds(words: Quote | Citation, spans: Iterable[Span]) -> bool:
    document = words.passage.document_id
    return any(document == s.document_id and words.start < s.end and s.start < words.end for s in spans)


if __name__ == "__main__":
    sys.exit(main())
