from pathlib import Path

import numpy as np
import pytest
from conftest import TokenWordEmbedder, WordEmbedder

from evals.research.benchmarks.sets import BenchmarkSet
from evals.research.calibration.corpora import Observation, SentenceFeatures, observe_set
from evals.research.calibration.fit import best_sentence, fit_answerable, fit_sentence
from evals.research.calibration.fit_summary import describe_fit
from evals.research.speed.latency import fill_store, measure_latency
from evals.schema import Case, Evidence
from index.chunking.chunk import Chunking
from index.schema import Document
from index.storage.open import index_fingerprint
from index.storage.store import Store
from rag.config import RagConfig
from rag.pipeline import make_pipeline
from rag.reading.evidence_model import EVIDENCE_KINDS, EvidenceWeights, load_weights, probability
from rag.reading.features import FEATURES

LATE = FEATURES.index("late")
MISSING = FEATURES.index("names_missing")


def sentence(late: float, holds: bool, missing: float = 0.0) -> SentenceFeatures:
    values = [0.0] * len(FEATURES)
    values[LATE], values[MISSING] = late, missing
    return SentenceFeatures(tuple(values), holds, False)


def asked(number: int, kind: str, *sentences: SentenceFeatures) -> Observation:
    return Observation(Case(str(number), "Q?", group=str(number)), kind, "made", "made.whole", sentences)


def made(seed: int = 0, flip: float = 1.0) -> list[Observation]:
    """Questions whose answering sentence is nearer, and unanswerable ones where none is near."""
    chance = np.random.default_rng(seed)
    near = [0.5 + flip * 0.3 * chance.random() for _ in range(40)]
    answerable = [
        asked(n, "answerable", sentence(x, True), sentence(x - flip * 0.3, False)) for n, x in enumerate(near)
    ]
    foreign = [asked(100 + n, "foreign", sentence(0.2 * chance.random(), False, 1.0)) for n in range(40)]
    return answerable + foreign


def test_the_fit_finds_the_answering_sentence_and_the_foreign_question() -> None:
    questions = made()
    model = fit_sentence(questions, "tokens")
    assert all(best_sentence(one, model).holds for one in questions if one.kind == "answerable")
    answerable = fit_answerable(questions, model, "tokens", threshold=0.3, refused=0.05)
    sure = {
        kind: [probability(answerable, best_sentence(o, model).values) for o in questions if o.kind == kind]
        for kind in ("answerable", "foreign")
    }
    assert np.mean(np.array(sure["answerable"]) < 0.3) <= 0.05
    assert max(sure["foreign"]) < 0.3
    lines = "\n".join(describe_fit(questions, EvidenceWeights(model, answerable)))
    assert "AUROC foreign 1.000" in lines
    assert "made whole: answer inside 1, 2, 3 sentences: 1.000" in lines


def test_a_weight_never_gets_the_wrong_sign() -> None:
    """Even where the questions at hand say that nearness counts against a sentence."""
    model = fit_sentence(made(flip=-1.0), "tokens")
    assert model.get("late", 0.0) >= 0.0
    assert "cross" not in model


@pytest.mark.parametrize("kind", EVIDENCE_KINDS)
def test_the_shipped_weights_are_of_known_features_and_right_signs(kind: str) -> None:
    weights = load_weights(kind)  # type: ignore[arg-type]
    for model in (weights.sentence, weights.answerable):
        assert model.keys() <= {*FEATURES, "bias"}
        for name, weight in model.items():
            against = name in ("names_missing", "numbers_missing", "wrong_kind", "fragment")
            assert name == "bias" or (weight <= 0 if against else weight >= 0), name


def test_worlds_are_asked_through_the_product(tmp_path: Path) -> None:
    texts = {
        f"T{g}-{n}": f"The {name} number {n} opened in {1900 + n}."
        for g, name in enumerate(("bridge", "tower"))
        for n in range(8)
    }
    documents = {id_: Document(id_, id_.split("-")[0], f"{id_}.txt", text) for id_, text in texts.items()}
    cases = tuple(
        Case(
            id_,
            f"When did the {text.split()[1]} number {text.split()[3]} open?",
            answers=(text[-5:-1],),
            evidence=(Evidence(id_, quote=text),),
            group=id_.split("-")[0],
            documents=(id_,),
        )
        for id_, text in texts.items()
    )
    given_set = BenchmarkSet("made", documents, cases, (), whole_corpus=False)
    found = list(
        observe_set(given_set, [Case("s", "Who ate the pear?", answerable=False)], WordEmbedder(), tmp_path, None)
    )
    kinds = {one.kind for one in found}
    assert kinds == {"answerable", "elsewhere", "foreign"}
    whole = [one for one in found if one.corpus == "made.whole" and one.kind == "answerable"]
    assert len(whole) == len(cases)
    assert all(any(s.holds for s in one.sentences) for one in whole)
    assert not any(s.holds for one in found if one.kind != "answerable" for s in one.sentences)


def test_latency_is_measured_on_made_passages(tmp_path: Path) -> None:
    embedder = TokenWordEmbedder()
    store = Store(tmp_path, "latency", index_fingerprint(embedder, Chunking()))
    sentences = fill_store(store, embedder, 100)
    assert 100 <= store.count() <= 150
    assert store.token_size()[0] == store.count()
    retrieve, quote, p50, p95 = measure_latency(make_pipeline(store, embedder, RagConfig(), None), sentences[:3])
    assert 0 < retrieve < p50 <= p95
    assert 0 < quote < p50
