"""A small world for tests of runs: documents, cases about them, and answerers that are wrong in known ways."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from evals.datasets.resolve import resolve_evidence
from evals.runner.conditions import record_conditions
from evals.runner.records import Run
from evals.runner.run import PreparedSet
from evals.schema import Case, Evidence
from evals.scoring.deterministic import deterministic_scorers
from evals.scoring.gold import case_groups, resolve_gold
from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.ingest.build import build
from index.ingest.plan import plan
from index.reading.load import load
from index.schema import Document, Hit, Passage
from index.storage.open import index_fingerprint, open_for_writing
from rag.schema import Answer, Citation, Claim, Turn


def load_documents(paths: Iterable[Path]) -> dict[str, Document]:
    """The documents in the files, by id."""
    return {document.id: document for document in map(load, sorted(paths))}


def check_evidence(case: Case, documents: Mapping[str, Document]) -> None:
    """The evidence of a case stands in its documents, word for word, and there is some just where it is answerable."""
    spans = resolve_evidence(case, documents)
    held = [documents[span.document_id].text[span.start : span.end] for span in spans]
    assert held == [item.quote for item in case.evidence]
    assert bool(spans) == bool(case.answers) == case.answerable


TOWNS = ("Arles", "Brno", "Cork", "Delft", "Evora", "Fano", "Ghent", "Hvar")


def sentence(town: str, number: int) -> str:
    return f"The bridge of {town} has {number} arches."


def _document(town: str, number: int) -> Document:
    text = f"{sentence(town, number)} It was built by monks. The market of {town} opens on day {number}."
    return replace(load(Path(f"{town}.txt"), text.encode()), source=f"docs/{town}.txt")


DOCUMENTS = {town: _document(town, n) for n, town in enumerate(TOWNS, start=11)}


def answerable_cases() -> tuple[Case, ...]:
    return tuple(
        Case(
            f"arches-{town}",
            f"How many arches has the bridge of {town}?",
            answers=(str(n),),
            evidence=(Evidence(f"{town}.txt", sentence(town, n)),),
            tags=("how-many",),
        )
        for n, town in enumerate(TOWNS, start=11)
    )


def unanswerable_cases() -> tuple[Case, ...]:
    return tuple(Case(f"mayor-{town}", f"Who is mayor of {town}?", answerable=False) for town in TOWNS[:4])


CASES = (*answerable_cases(), *unanswerable_cases())


def town_of(question: str) -> str:
    return next(town for town in TOWNS if town in question)


def passage(town: str, documents: dict[str, Document] = DOCUMENTS) -> Passage:
    document = documents[town]
    return Passage(document.id, 0, len(document.text), document.text, document.title, document.source)


def quote(question: str, place: Passage, start: int, end: int, confidence: float = 0.9) -> Answer:
    claim_text = place.text[start:end]
    claim = Claim(claim_text, (Citation(1, place, start, end),), "supported", "verbatim in the source")
    return Answer(question, question, (claim,), (Hit(place, 1.0),), refused=False, confidence=confidence)


def good(question: str, history: Sequence[Turn] = ()) -> Answer:
    """Quotes the right sentence, and refuses what is not there."""
    place = passage(town_of(question))
    if "mayor" in question:
        return Answer(question, question, (), (Hit(place, 1.0),), True, "The documents don't say.", 0.1)
    return quote(question, place, 0, place.text.index("arches.") + len("arches."))


def off(question: str, history: Sequence[Turn] = ()) -> Answer:
    """As ``good``, but quotes the second sentence instead."""
    answer = good(question)
    if answer.refused:
        return answer
    place = passage(town_of(question))
    start = place.text.index("It was")
    return quote(question, place, start, start + len("It was built by monks."))


def prepared_set(cases: Sequence[Case] = CASES) -> PreparedSet:
    gold = resolve_gold(cases, DOCUMENTS)
    texts = {document.id: document.text for document in DOCUMENTS.values()}
    return PreparedSet(cases, gold, case_groups(cases, gold), texts, deterministic_scorers(), refuse_below=0.2)


def header(name: str = "run", answerer: str = "good") -> Run:
    recorded = record_conditions(
        settings={}, index={"documents": 8}, scorers=deterministic_scorers(), set="towns.jsonl"
    )
    return Run(name, "towns", "0" * 64, answerer, "2025-03-01T10:00:00+00:00", "", recorded)


class WordEmbedder:
    """Vectors from hashed words: quick, and the same on every machine."""

    def __init__(self, fingerprint: str) -> None:
        self.fingerprint = fingerprint

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> np.ndarray:
        vector = np.full(384, 1e-3, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % 384] += 1
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def write_documents(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for town, document in DOCUMENTS.items():
        (folder / f"{town}.txt").write_text(document.text, encoding="utf-8")
    return folder


def make_index(data_dir: Path, documents: Path) -> IndexConfig:
    """An index that the default settings accept, made without loading a model."""
    config = replace(IndexConfig(), data_dir=data_dir)
    model = SentenceTransformerEmbedder(config.model)
    made_with = index_fingerprint(model, Chunking(config.chunk_words))
    with open_for_writing(config, made_with) as store:
        build(store, WordEmbedder(model.fingerprint), Chunking(config.chunk_words), plan(store, [documents]))
    return config


# A module for `--answerer answers:…`: it reads the towns' documents itself.
ANSWERS = """
import sys, time
sys.path.insert(0, {tests!r})
from eval_fixtures import good, off, town_of

def slow(question, history):
    time.sleep(0.1)
    return good(question)

def text(question, history):
    return good(question).claims[0].text if "arches" in question else ""

def crashes(question, history):
    if "Cork" in question or "Delft" in question:
        raise RuntimeError("no bridge\\nthere")
    if "Brno" in question:
        sys.exit(3)
    if "Arles" in question:
        time.sleep(30)
    return text(question, history)

not_callable = 3
"""
