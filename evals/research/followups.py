"""What making a follow-up whole is worth: ``python -m evals.research.followups --data FOLDER``.

Retrieval, as Markdown, of the last turn alone, after the question before it, and made whole, by first turns and
follow-ups: over ``FOLDER/mtragun``, and of ``seeds/evals/followups.jsonl`` over the same documents and our articles.
Then what is answered over our articles alone. On the half that no rule was tuned on, unless ``--half tune``.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.datasets.cases import load_cases
from evals.datasets.resolve import resolve_evidence
from evals.research.benchmarks.sets import BenchmarkSet, half_of, load_set
from evals.research.benchmarks.systems.onrecord import Onrecord
from evals.research.flags import add_half_flag
from evals.schema import Case, Span
from evals.scoring.metrics.retrieval import distinct
from evals.scoring.metrics.spans import Interval
from evals.stats.interval import CaseScore
from evals.stats.paired import compare
from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.errors import OnrecordError
from index.ingest.build import build
from index.ingest.plan import plan
from index.reading.load import load
from index.schema import Document
from index.storage.open import index_fingerprint, open_for_writing
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.question.standalone.condense import condense
from rag.reading.attribution import prefer_asked_speaker
from rag.reading.sentence_ranker import Quote, average_rankings
from rag.retrieval.cross_encoder import make_cross_encoder
from rag.schema import Citation, Turn

CASES = Path("seeds/evals/followups.jsonl")
SEEDS = (Path("seeds/news"), Path("seeds/documents"))
_DEEP = 10  # ranks looked at
_PASSAGES = 30  # that make ten documents

Ranks = Mapping[str, int]  # the rank of the first right thing found, by case; 0 for none


@dataclass(frozen=True, slots=True)
class SearchVariant:
    """A way to search a turn of a conversation."""

    name: str
    made: Callable[[str, Sequence[Turn]], str]


ALONE = SearchVariant("last turn alone", lambda question, _: question)
BOTH = SearchVariant("question before + last turn", lambda question, history: f"{history[-1].question} {question}")
WHOLE = SearchVariant("made whole by rules", lambda question, history: condense(question, history).question)
SEARCH_VARIANTS = (ALONE, BOTH, WHOLE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 with one line on stderr when there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.followups", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder that holds mtragun; without it only our own set is asked")
    add_half_flag(parser)
    parser.add_argument("--cases", type=Path, default=CASES, help="default: seeds/evals/followups.jsonl")
    parser.add_argument("--index", type=Path, metavar="FOLDER", help="keep the indexes there between runs")
    parser.add_argument("--all", action="store_true", help="list every turn with its ranks")
    options = parser.parse_args(arguments)
    try:
        with _kept(options.index) as folder:
            ours = _ours(options)
            if options.data:
                held = load_set("mtragun", options.data / "mtragun", options.half)
                system = _system(folder / "haystack", [*held.documents.values(), *ours.documents.values()])
                _print_imported(held, system, options)
                _print_found(ours, system, options)
            _print_answered(ours, folder / "ours", options)
    except OnrecordError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


@dataclass(frozen=True, slots=True)
class _Ours:
    """Our own set: the articles, one half of the cases, and where their evidence stands."""

    documents: Mapping[str, Document]
    cases: Sequence[Case]
    gold: Mapping[str, tuple[Span, ...]]

    @property
    def answerable(self) -> list[Case]:
        """The cases that the articles answer."""
        return [case for case in self.cases if case.answerable]


def _ours(options: argparse.Namespace) -> _Ours:
    documents = {d.id: d for place in SEEDS for d in map(load, sorted(place.glob("*.txt")))}
    cases = [case for case in load_cases(options.cases) if half_of(f"{case.group}.txt") == options.half]
    return _Ours(documents, cases, {case.id: resolve_evidence(case, documents) for case in cases})


def _print_imported(held: BenchmarkSet, system: Onrecord, options: argparse.Namespace) -> None:
    def rank(case: Case, question: str) -> int:
        found = distinct(name for name, _, _ in system.search(question, _PASSAGES))
        return _first(name in held.relevance[case.id] for name in found[:_DEEP])

    print(f"## mtragun, {options.half} half, ranks of documents\n")
    _print_retrieval(held.answerable, rank, options)
    _print_openings((*held.answerable, *held.unanswerable))


def _print_found(ours: _Ours, system: Onrecord, options: argparse.Namespace) -> None:
    def rank(case: Case, question: str) -> int:
        places = system.search(question, _DEEP)
        return _first(any(_meet(place, span) for span in ours.gold[case.id]) for place in places)

    print(f"## followups.jsonl, {options.half} half, ranks of passages among mtragun's\n")
    _print_retrieval(ours.answerable, rank, options)


def _print_answered(ours: _Ours, folder: Path, options: argparse.Namespace) -> None:
    embedder = SentenceTransformerEmbedder()
    with open_for_writing(IndexConfig(data_dir=folder), index_fingerprint(embedder, Chunking())) as store:
        build(store, embedder, Chunking(), plan(store, SEEDS))
        pipeline = make_pipeline(store, embedder, RagConfig(), make_cross_encoder(RagConfig().reranker))

        def rank(case: Case, question: str) -> int:
            whole = condense(case.question, case.history)
            core = whole.core if question == whole.question else question
            return _first(_holds(quote, ours.gold[case.id]) for quote in _sentences(question, core, pipeline)[:_DEEP])

        print(f"## followups.jsonl, {options.half} half, ranks of sentences of our articles alone\n")
        _print_retrieval(ours.answerable, rank, options)
        _print_answers(ours.cases, ours.gold, pipeline)


def _sentences(question: str, core: str, pipeline: Pipeline) -> tuple[Quote, ...]:
    """Score the sentences as the pipeline does."""
    hits, idf = pipeline.search(question), pipeline.store.keyword.idf
    found = pipeline.ranker.rank(question, hits, idf)
    if core != question:
        found = average_rankings(found, pipeline.ranker.rank(core, hits, idf))
    return prefer_asked_speaker(found, question, pipeline.speeches)


def _system(folder: Path, documents: Sequence[Document]) -> Onrecord:
    embedder = SentenceTransformerEmbedder()
    folder.mkdir(parents=True, exist_ok=True)
    system = Onrecord(folder, embedder, embedder)
    done = folder / "indexed"
    if not done.exists():
        system.index(documents)
        done.touch()
    return system


def _print_retrieval(cases: Sequence[Case], rank: Callable[[Case, str], int], options: argparse.Namespace) -> None:
    ranks = {way.name: {case.id: _rank(way, case, rank) for case in cases} for way in SEARCH_VARIANTS}
    later = [case for case in cases if case.history]
    _print_table("first turns", [case for case in cases if not case.history], ranks)
    _print_table("follow-ups", later, ranks)
    changed = [case for case in later if condense(case.question, case.history).changed]
    _print_table("follow-ups that were changed", changed, ranks)
    for tag in sorted({tag for case in later for tag in case.tags}):
        _print_tag(tag, [case for case in later if tag in case.tags], ranks)
    print()
    if options.all:
        for case in later:
            print(f"- {' → '.join(str(ranks[way.name][case.id]) for way in SEARCH_VARIANTS)} `{case.id}`", end=" ")
            print(f"{case.question} → {condense(case.question, case.history).question}")
        print()


def _print_openings(cases: Sequence[Case]) -> None:
    """Print how many first turns, which stand alone, are changed when they follow another conversation."""
    pairs = zip(cases, (*cases[1:], *cases[:1]), strict=True)
    after = [
        (case.history[0].question if case.history else case.question, other.history)
        for case, other in pairs
        if other.history
    ]
    changed = [question for question, history in after if condense(question, history).changed]
    print(f"First turns changed when they follow another conversation: {len(changed)}/{len(after)}\n")


def _rank(way: SearchVariant, case: Case, rank: Callable[[Case, str], int]) -> int:
    return rank(case, way.made(case.question, case.history) if case.history else case.question)


def _print_table(name: str, cases: Sequence[Case], ranks: Mapping[str, Ranks]) -> None:
    if not cases:
        return
    print(f"**{name}** (n = {len(cases)})\n")
    print("|  | hit@1 | hit@4 | hit@10 | MRR@10 |\n| --- | --: | --: | --: | --: |")
    for way, held in ranks.items():
        cells = (sum(s.value or 0 for s in _scores(cases, held, k)) / len(cases) for k in (1, 4, 10, None))
        print(f"| {way} | {' | '.join(f'{cell:.3f}' for cell in cells)} |")
    for way in list(ranks)[1:]:
        apart = (_apart(cases, ranks[ALONE.name], ranks[way], k) for k in (1, 4, 10, None))
        print(f"| {way} − alone | {' | '.join(apart)} |")
    print()


def _print_tag(tag: str, cases: Sequence[Case], ranks: Mapping[str, Ranks]) -> None:
    told = (f"{way} {sum(0 < held[c.id] <= 1 for c in cases)}/{len(cases)}" for way, held in ranks.items())
    print(f"- {tag}, first found: {'; '.join(told)}")


def _apart(cases: Sequence[Case], before: Ranks, after: Ranks, k: int | None) -> str:
    found = compare(_scores(cases, before, k), _scores(cases, after, k))
    interval = f" ({found.low:+.3f} to {found.high:+.3f})" if found.low is not None else ""
    return f"{found.difference:+.3f}{interval}"


def _scores(cases: Sequence[Case], ranks: Ranks, k: int | None) -> list[CaseScore]:
    """Score a hit among the first ``k``, or the reciprocal rank where ``k`` is None."""
    return [
        CaseScore(case.id, case.group, (1 / rank if rank else 0.0) if k is None else float(0 < rank <= k))
        for case in cases
        for rank in [ranks[case.id]]
    ]


def _print_answers(cases: Sequence[Case], gold: Mapping[str, tuple[Span, ...]], pipeline: Pipeline) -> None:
    print("**answers to follow-ups**\n\n|  | gold sentence shown | answerable refused | unanswerable refused |")
    print("| --- | --: | --: | --: |")
    later = [case for case in cases if case.history]
    n = sum(case.answerable for case in later)
    for name, alone in (("last turn alone", True), ("with the conversation", False)):
        answers = {case.id: pipeline.ask(case.question, () if alone else case.history) for case in later}
        shown = sum(any(_holds(c, gold[case.id]) for c in answers[case.id].citations) for case in later)
        refused = sum(case.answerable and answers[case.id].refused for case in later)
        rightly = sum(not case.answerable and answers[case.id].refused for case in later)
        print(f"| {name} | {shown}/{n} = {shown / n:.2f} | {refused}/{n} | {rightly}/{len(later) - n} |")
    print()


def _holds(found: Quote | Citation, spans: Sequence[Span]) -> bool:
    return any(_meet((found.passage.document_id, found.start, found.end), span) for span in spans)


def _meet(place: Interval, span: Span) -> bool:
    document, start, end = place
    return document == span.document_id and start < span.end and span.start < end


def _first(right: Iterator[bool]) -> int:
    return next((n for n, each in enumerate(right, 1) if each), 0)


if __name__ == "__main__":
    sys.exit(main())
