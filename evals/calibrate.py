"""Fit the weights of ``rag/evidence.json`` on the tuning halves of question sets.

``python -m evals.calibrate SQUAD.json [FURTHER_SET…]`` prints what it fitted and how the fit does on folds left
out; ``--write`` puts the weights in place. Two logistic regressions: does a sentence hold the answer, and is
there an answer at all. Weights are kept from having the wrong sign (more coverage never counts against a
sentence), which costs nothing on questions like the ones fitted and keeps the model sane on others.
"""

import argparse
import hashlib
import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.benchmarks.split import half
from evals.importers import Imported, read
from evals.resolve import resolve
from evals.schema import Case, Span
from index.chunk import Chunking, chunk
from index.embed import Embedder, SentenceTransformerEmbedder, Vectors
from index.open import fingerprint
from index.schema import Document
from index.store import Store
from rag.config import RagConfig
from rag.evidence import FEATURES, probability
from rag.quote import Quote, Quoter
from rag.retrieve import Retriever

Floats = NDArray[np.float64]
SEED = 20_26
_MISSING = ("names_missing", "numbers_missing", "wrong_kind")
_TINY = 3  # documents in a tiny world
_FOLDS = 3


@dataclass(frozen=True)
class Asked:
    """A question asked of a world: where its answer stands there, if anywhere, and the sentences it met."""

    case: Case
    kind: str  # "answerable", "adversarial" (its own document, no answer), "elsewhere" or "foreign"
    world: str
    gold: tuple[Span, ...]
    quotes: tuple[Quote, ...]


class Remembering:
    """An embedder that keeps every vector, since the same texts come up in many worlds."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: dict[str, Vectors] = {}
        self.fingerprint = embedder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See ``Embedder.embed``."""
        new = list(dict.fromkeys(t for t in texts if t not in self._kept))
        self._kept.update(zip(new, self._embedder.embed(new), strict=True) if new else ())
        return np.stack([self._kept[t] for t in texts]) if texts else np.zeros((0, 0), np.float32)

    def embed_query(self, text: str) -> Vectors:
        """See ``Embedder.embed_query``."""
        if f"?{text}" not in self._kept:
            self._kept[f"?{text}"] = self._embedder.embed_query(text)
        return self._kept[f"?{text}"]


class World:
    """A small corpus to ask questions of, through the product's own retrieval and quoting."""

    def __init__(self, folder: Path, name: str, documents: Iterable[Document], embedder: Remembering) -> None:
        self.name = name
        self.documents = {d.id: d for d in documents}
        store = Store(folder, name, fingerprint(embedder, Chunking()))
        for document in self.documents.values():
            passages = chunk(document, Chunking())
            store.add(document, passages, embedder.embed([p.text for p in passages]))
        self._retriever = Retriever(store, embedder, RagConfig())
        self._quoter = Quoter(embedder, store.vectors)

    def ask(self, case: Case, kind: str) -> Asked:
        """Ask without deciding anything."""
        hits = self._retriever.retrieve(case.question)
        quotes = self._quoter.quotes(case.question, hits, self._retriever.keyword().idf)
        gold = resolve(case, self.documents) if kind == "answerable" else ()
        return Asked(case, kind, self.name, gold, quotes)


def tuning_half(imported: Imported) -> Imported:
    """The documents and cases that may be tuned on."""
    documents = tuple(d for d in imported.documents if half(d.title) == "tune")
    cases = tuple(c for c in imported.cases if half(c.group) == "tune")
    return Imported(documents, cases, imported.notes)


def ask_everywhere(imported: Imported, strangers: Sequence[Case], questions: int, folder: Path) -> Iterator[Asked]:
    """Each question asked of the whole half, of its article alone, and of a few paragraphs."""
    chance = random.Random(SEED)
    embedder = Remembering(SentenceTransformerEmbedder(batch_size=64))
    by_title: dict[str, list[Document]] = {}
    for document in imported.documents:
        by_title.setdefault(document.title, []).append(document)
    whole = World(folder, "whole", imported.documents, embedder)
    articles = {t: World(folder, f"article{n}", ds, embedder) for n, (t, ds) in enumerate(by_title.items())}
    tiny = {
        t: [World(folder, f"tiny{n}.{m}", chance.sample(ds, _TINY), embedder) for m in range(6)]
        for n, (t, ds) in enumerate(by_title.items())
    }
    for case in chance.sample(imported.cases, min(questions, len(imported.cases))):
        kind = "answerable" if case.answerable else "adversarial"
        other = chance.choice([t for t in by_title if t != case.group])
        yield whole.ask(case, kind)
        yield articles[case.group].ask(case, kind)
        yield chance.choice([articles[other], *tiny[other]]).ask(case, "foreign")
        for world in tiny[case.group]:
            if any(name in world.documents for name in case.documents):
                yield world.ask(case, kind)
        elsewhere = [w for w in tiny[case.group] if not any(n in w.documents for n in case.documents)]
        yield chance.choice(elsewhere).ask(case, "elsewhere")
    for case in strangers:
        yield whole.ask(case, "foreign")


def fit(rows: Floats, labels: Floats, weights: Floats, *, ridge: float = 0.5) -> dict[str, float]:
    """A logistic regression whose evidence weights are at least 0 and whose ``*_missing`` weights are at most 0."""
    from scipy.optimize import minimize

    padded = np.column_stack([rows, np.ones(len(rows))])
    signs = [(None, 0.0) if name in _MISSING else (0.0, None) for name in FEATURES]

    def loss(w: Floats) -> tuple[float, Floats]:
        z = padded @ w
        p = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
        value = float(np.sum(weights * (np.logaddexp(0, z) - labels * z)) + ridge * np.sum(w[:-1] ** 2))
        return value, padded.T @ (weights * (p - labels)) + 2 * ridge * np.append(w[:-1], 0.0)

    found = minimize(loss, np.zeros(padded.shape[1]), jac=True, method="L-BFGS-B", bounds=[*signs, (None, None)])
    return {name: round(float(w), 4) for name, w in zip((*FEATURES, "bias"), found.x, strict=True)}


def holds(quote: Quote, gold: Sequence[Span]) -> bool:
    """Whether the quote covers a gold span."""
    return any(
        quote.passage.document_id == s.document_id and quote.start <= s.start and s.end <= quote.end for s in gold
    )


def fit_sentence(asked: Sequence[Asked]) -> dict[str, float]:
    """The model of a sentence holding the answer; each question weighs the same."""
    rows, labels, weights = [], [], []
    for one in asked:
        if one.gold and one.quotes:
            rows += [q.values for q in one.quotes]
            labels += [float(holds(q, one.gold)) for q in one.quotes]
            weights += [10 / len(one.quotes)] * len(one.quotes)
    return fit(np.array(rows), np.array(labels), np.array(weights))


def best_quote(one: Asked, model: Mapping[str, float]) -> Quote:
    """The quote that the sentence model puts first."""
    return max(one.quotes, key=lambda q: probability(model, q.values))


_KIND_WEIGHT = {"answerable": 1.0, "foreign": 1.0, "elsewhere": 1.0, "adversarial": 0.3}


def fit_answerable(asked: Sequence[Asked], sentence: Mapping[str, float]) -> dict[str, float]:
    """The model of there being an answer, over the best sentence's features."""
    kept = [one for one in asked if one.quotes]
    rows = np.array([best_quote(one, sentence).values for one in kept])
    labels = np.array([float(one.kind == "answerable") for one in kept])
    return fit(rows, labels, np.array([_KIND_WEIGHT[one.kind] for one in kept]))


def fold(one: Asked) -> int:
    """Questions of one article stay in one fold."""
    return hashlib.sha256(f"fold:{one.case.group}".encode()).digest()[0] % _FOLDS


def tell(asked: Sequence[Asked], sentence: Mapping[str, float], answerable: Mapping[str, float]) -> None:
    """Print how the models do on questions."""
    for size in ("whole", "article", "tiny"):
        here = [one for one in asked if one.world.startswith(size) and one.quotes]
        answered = [one for one in here if one.kind == "answerable"]
        tops = [sorted(one.quotes, key=lambda q: -probability(sentence, q.values))[:3] for one in answered]
        inside = [
            np.mean([any(holds(q, one.gold) for q in top[:n]) for one, top in zip(answered, tops, strict=True)])
            for n in (1, 2, 3)
        ]
        if not answered:
            continue
        print(
            f"{size}: gold inside 1, 2, 3 sentences: {inside[0]:.3f} {inside[1]:.3f} {inside[2]:.3f} of {len(answered)}"
        )
        chance = {
            kind: np.array([probability(answerable, best_quote(o, sentence).values) for o in here if o.kind == kind])
            for kind in _KIND_WEIGHT
        }
        for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5):
            shares = "  ".join(f"{kind} {np.mean(p < threshold):.3f}" for kind, p in chance.items() if len(p))
            print(f"  refused below {threshold}: {shares}")


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m evals.calibrate")
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--questions", type=int, default=1200)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    first, *others = [read(path) for path in options.sets]
    strangers = [c for other in others for c in other.cases if half(c.group) == "tune"][:300]
    with tempfile.TemporaryDirectory() as folder:
        asked = list(ask_everywhere(tuning_half(first), strangers, options.questions, Path(folder)))
    left_out = [one for one in asked if fold(one) == 0]
    seen = [one for one in asked if fold(one) != 0]
    sentence = fit_sentence(seen)
    tell(left_out or asked, sentence, fit_answerable(seen, sentence))
    about = {
        "fitted_by": "python -m evals.calibrate",
        "on": [f"{path.name}, tuning half" for path in options.sets],
        "questions": options.questions,
        "report": "evals/CALIBRATION.md",
    }
    models: dict[str, Any] = {"about": about, "sentence": fit_sentence(asked)}
    models["answerable"] = fit_answerable(asked, models["sentence"])
    print(json.dumps(models, indent=2))
    if options.write:
        target = Path(__file__).parents[1] / "rag" / "evidence.json"
        target.write_text(json.dumps(models, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
