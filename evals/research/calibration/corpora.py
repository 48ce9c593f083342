"""Small corpora to ask questions of, through the product's own retrieval and quoting."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.benchmarks.systems.shared_vectors import SharedVectors
from evals.schema import Case
from evals.scoring.metrics.answers import contains
from evals.scoring.metrics.citations import spans_match
from index.chunking.chunk import Chunking, chunk
from index.embedding.contextual import embed_passages
from index.embedding.protocol import Embedder, Vectors
from index.embedding.token_codes import TokenVectors
from index.schema import Document
from index.storage.open import index_fingerprint
from index.storage.store import Store
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.reading.evidence_model import EvidenceKind
from rag.reading.sentence_ranker import Quote
from rag.retrieval.cross_encoder import CrossEncoder

SEED = 2026
_TINY = 3  # documents in a tiny corpus
_TINY_WORLDS = 6  # of each group of questions


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """A sentence met by a question: its features, whether it holds the answer, and the kind of evidence."""

    values: tuple[float, ...]
    holds: bool
    kind: EvidenceKind


@dataclass(frozen=True)
class Observation:
    """A question asked of a corpus.

    ``kind`` is ``"answerable"``, ``"adversarial"`` (of its own subject, without an answer), ``"elsewhere"`` (the
    answer is in documents that are not there) or ``"foreign"``.
    """

    case: Case
    kind: str
    set_name: str
    corpus: str
    sentences: tuple[SentenceFeatures, ...]


class CachedQueryVectors(SharedVectors):
    """Shared vectors that remember questions too, since each is asked of several corpora."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__(embedder)
        self._asked: dict[str, tuple[Vectors, TokenVectors]] = {}

    def embed_query_tokens(self, text: str) -> tuple[Vectors, TokenVectors]:
        """See ``TokenEmbedder.embed_query_tokens``."""
        if text not in self._asked:
            self._asked[text] = super().embed_query_tokens(text)
        return self._asked[text]


class SmallCorpus:
    """One corpus, indexed with tokens; without a cross-encoder, without tokens either."""

    def __init__(
        self,
        folder: Path,
        name: str,
        documents: Iterable[Document],
        embedder: SharedVectors,
        cross: CrossEncoder | None,
    ) -> None:
        self.name = name
        self.documents = {d.id: d for d in documents}
        store = Store(folder, name, index_fingerprint(embedder, Chunking()))
        for document in self.documents.values():
            passages = chunk(document, Chunking())
            vectors, codes = embed_passages(embedder, passages, store.ensure_rotation if cross else None)
            store.add(document, passages, vectors, codes)
        self._pipeline: Pipeline = make_pipeline(store, embedder, RagConfig(), cross)

    def ask(self, case: Case, kind: str, given: BenchmarkSet) -> Observation:
        """Ask a question and return the features of its sentences, without deciding anything."""
        hits = self._pipeline.retriever.retrieve(case.question)
        quotes = self._pipeline.ranker.rank(case.question, hits, self._pipeline.store.keyword.idf)
        holds = _holder(case, given) if kind == "answerable" else _never
        found = (SentenceFeatures(q.features, holds(q), q.kind) for q in quotes)
        return Observation(case, kind, given.name, self.name, tuple(found))


def observe_set(
    given: BenchmarkSet, strangers: Sequence[Case], embedder: Embedder, folder: Path, cross: CrossEncoder | None
) -> Iterator[Observation]:
    """Ask each question of the whole set and, where documents are grouped by subject, of smaller corpora too.

    Those are of its subject alone with a few documents. Strangers are asked of all.
    """
    chance = random.Random(SEED)
    shared = CachedQueryVectors(embedder)
    whole = SmallCorpus(folder, f"{given.name}.whole", given.documents.values(), shared, cross)
    small = _SmallCorpora(given, shared, folder, chance, cross) if not given.whole_corpus else None
    for case in (*given.answerable, *given.unanswerable):
        kind = "answerable" if case.answerable else "adversarial"
        yield whole.ask(case, kind, given)
        if small:
            yield from small.ask(case, kind)
    for case in strangers:
        yield whole.ask(case, "foreign", given)


class _SmallCorpora:
    """The smaller corpora of a set whose documents are grouped by their titles."""

    def __init__(
        self,
        given: BenchmarkSet,
        shared: SharedVectors,
        folder: Path,
        chance: random.Random,
        cross: CrossEncoder | None,
    ) -> None:
        self._given = given
        self._chance = chance
        by_title: dict[str, list[Document]] = {}
        for document in given.documents.values():
            by_title.setdefault(document.title, []).append(document)
        grouped = {title: documents for title, documents in by_title.items() if len(documents) > 2 * _TINY}
        self._tiny: Mapping[str, list[SmallCorpus]] = {
            title: [
                SmallCorpus(folder, f"{given.name}.tiny{n}.{m}", chance.sample(documents, _TINY), shared, cross)
                for m in range(_TINY_WORLDS)
            ]
            for n, (title, documents) in enumerate(grouped.items())
        }

    def ask(self, case: Case, kind: str) -> Iterator[Observation]:
        own = self._tiny.get(case.group, [])
        names = set(self._given.relevance.get(case.id) or case.documents)
        having = [corpus for corpus in own if names & corpus.documents.keys()]
        lacking = [corpus for corpus in own if not names & corpus.documents.keys()]
        others = [corpus for title, corpora in self._tiny.items() if title != case.group for corpus in corpora]
        for corpus in having[:1]:
            yield corpus.ask(case, kind, self._given)
        if lacking:
            yield self._chance.choice(lacking).ask(case, "elsewhere", self._given)
        if others:
            yield self._chance.choice(others).ask(case, "foreign", self._given)


def _never(quote: Quote) -> bool:
    del quote
    return False


def _holder(case: Case, given: BenchmarkSet) -> Callable[[Quote], bool]:
    gold = [(span.document_id, span.start, span.end) for span in given.gold[case.id]]
    relevant = given.relevance[case.id]

    def holds(quote: Quote) -> bool:
        name = quote.passage.document_id
        if any(span[0] == name and spans_match((name, quote.start, quote.end), span) for span in gold):
            return True
        return not gold and name in relevant and bool(contains(quote.text, case.answers))

    return holds
