"""Documents of many kinds to make claims from: the starter articles, and one half of public sets."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from evals.research.benchmarks.sets import Half, find_sets, half_of, load_set
from evals.research.claims.made_claims import MadeClaim, make_claims, sample_claims
from index.chunking.chunk import Chunking, chunk
from index.reading.load import load
from index.schema import Document, Passage
from rag.schema import Citation, Claim

SETS = ("squad2", "news2022", "clapnq")
_SEEDS = Path(__file__).parents[3] / "seeds"
_OF_A_DOCUMENT = 4  # claims of each kind made from one document
_DOCUMENTS = 30  # of each public set
SEED = 2026


def claim_documents(data: Path, wanted: Half, most: int = _DOCUMENTS) -> Iterator[tuple[str, Document]]:
    """Yield set name and document: the starter articles of one half, then up to ``most`` of each public set."""
    for path in sorted([*(_SEEDS / "news").glob("*.txt"), *(_SEEDS / "documents").glob("*.txt")]):
        if half_of(path.name) == wanted:
            yield "seeds", load(path)
    places = dict(find_sets(data)) if data.is_dir() else {}
    for name in SETS:
        if name in places:
            given = load_set(name, places[name], wanted)
            mine = [d for d in given.documents.values() if not given.whole_corpus or half_of(d.id) == wanted]
            yield from ((name, document) for document in islice(sorted(mine, key=lambda d: shuffled_key(d.id)), most))


def shuffled_key(name: str) -> str:
    """Return a key that puts documents in an order that has nothing to do with their subjects."""
    return name[::-1]


def claims_from(document: Document, seed: int = SEED) -> Iterator[tuple[MadeClaim, Claim]]:
    """Yield true and false claims made from a document, citing the sentences they were made from."""
    passages = chunk(document, Chunking())
    for made in sample_claims(list(make_claims(document.text, seed)), _OF_A_DOCUMENT, seed):
        citations = tuple(filter(None, (cite_span(passages, *span) for span in made.spans)))
        if len(citations) == len(made.spans):
            numbered = tuple(replace(c, marker=n) for n, c in enumerate(citations, start=1))
            yield made, Claim(made.claim, numbered, "unsupported", "not checked yet")


def cite_span(passages: tuple[Passage, ...] | list[Passage], start: int, end: int) -> Citation | None:
    """Cite the characters from ``start`` to ``end``, in a passage that holds them all; None without one."""
    holding = next((p for p in passages if p.start <= start and end <= p.end), None)
    return Citation(1, holding, start, end) if holding and start < end else None
