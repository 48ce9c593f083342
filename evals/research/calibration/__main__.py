"""``python -m evals.research.calibration --data FOLDER``: fit the weights of ``rag/evidence.json``.

Prints what the fit does on each set when it was fitted on the others, then the weights fitted on all; ``--write``
puts them in place. Only tuning halves are read (``evals/research/benchmarks/sets.py``).
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from evals.research.benchmarks.sets import BenchmarkSet, find_sets, foreign_questions, load_set, sample
from evals.research.calibration.corpora import Observation, observe_set
from evals.research.calibration.everyday_set import EVERYDAY, everyday_set
from evals.research.calibration.fit import fit_answerable, fit_sentence
from evals.research.calibration.fit_summary import describe_fit
from evals.research.calibration.written_set import ALONE, WRITTEN, written_sets
from evals.research.flags import add_data_flag
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from rag.config import RagConfig
from rag.reading.evidence_model import EvidenceKind, EvidenceWeights
from rag.retrieval.cross_encoder import DEFAULT_RERANKER, make_cross_encoder

SETS = ("squad2", "clapnq", "news2022", "chunking")
EVIDENCE = Path(__file__).parents[3] / "rag" / "reading" / "evidence.json"
_QUESTIONS, _FOREIGN, _CHARACTERS = 180, 150, 1_500_000
_ASKED_ALONE = 2  # questions of each kind asked of a document that is a set of its own
_REFUSED = 0.04  # of answerable questions, at the shipped threshold
# Log odds taken off where the reader takes part. Of the everyday questions for a fact (tuning half), 14 % of those with
# an answer are refused with it and 53 % of the others; without it 7 % and 42 %.
_STRICTER: dict[EvidenceKind, float] = {"reader": 0.8}


def main() -> None:
    """Fit the weights for each kind of evidence, print them, and write them where asked."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.calibration", description=__doc__)
    add_data_flag(parser)
    parser.add_argument("--without-tokens", action="store_true", help="fit for an index without tokens too")
    parser.add_argument("--questions", type=int, default=_QUESTIONS, help="of each set, at most")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    places = dict(find_sets(options.data))
    sets = [sample(load_set(name, places[name], "tune"), options.questions, _CHARACTERS) for name in SETS]
    sets.append(everyday_set())
    sets += [sample(one, _ASKED_ALONE if one.name == ALONE else options.questions) for one in written_sets()]
    held: dict[str, Any] = json.loads(EVIDENCE.read_text("utf-8"))
    for tokens in (True, False) if options.without_tokens else (True,):
        asked = list(observe_all(sets, min(options.questions, _FOREIGN), tokens=tokens))
        kinds: tuple[EvidenceKind, ...] = ("tokens", "cross", "reader") if tokens else ("cosine",)
        for kind in kinds:
            met = [only_read_sentences(one, kind) for one in asked]
            print_cross_validation(met, kind)
            weights = fit(met, kind)
            held[kind] = {"sentence": dict(weights.sentence), "answerable": dict(weights.answerable)}
            print(json.dumps({kind: held[kind]}, indent=2))
    if options.write:
        held["about"] = {
            "fitted_by": f"python -m evals.research.calibration --questions {options.questions} --write",
            "on": [f"{name}, tuning half" for name in (*SETS, EVERYDAY)]
            + ["documents written to train on, the quarter kept from the reader"],
            "reranker": DEFAULT_RERANKER,
            "report": "evals/research/results/CALIBRATION.md",
        }
        EVIDENCE.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")


def observe_all(sets: Sequence[BenchmarkSet], foreign: int, *, tokens: bool) -> Iterator[Observation]:
    """Ask each set its questions and so many ``foreign`` ones, of corpora indexed with tokens, which the models read.

    Foreign questions are never those of written documents, which are in two sets.

    Without ``tokens``, no model reads them either.
    """
    embedder = SentenceTransformerEmbedder()
    cross = make_cross_encoder(DEFAULT_RERANKER) if tokens else None
    asking = [one for one in sets if one.name not in (WRITTEN, ALONE)]
    for given in tqdm(sets, disable=None):
        strangers = foreign_questions(asking, given, _ASKED_ALONE if given.name == ALONE else foreign)
        with tempfile.TemporaryDirectory(prefix="onrecord-calibration-") as folder:
            yield from observe_set(given, strangers, embedder, Path(folder), cross)


def only_read_sentences(one: Observation, kind: EvidenceKind) -> Observation:
    """Keep, for a fit with the cross-encoder or the reader, only the sentences that it read."""
    kinds = {"cross": {"cross", "reader"}, "reader": {"reader"}}.get(kind)
    return replace(one, sentences=tuple(s for s in one.sentences if s.kind in kinds)) if kinds else one


def fit(asked: Sequence[Observation], kind: EvidenceKind) -> EvidenceWeights:
    """Fit both models on ``asked``."""
    sentence = fit_sentence(asked, kind)
    threshold = RagConfig().refuse_below
    answerable = fit_answerable(asked, sentence, kind, threshold=threshold, refused=_REFUSED)
    bias = round(answerable["bias"] - _STRICTER.get(kind, 0.0), 4)
    return EvidenceWeights(sentence, {**answerable, "bias": bias})


def print_cross_validation(asked: Sequence[Observation], kind: EvidenceKind) -> None:
    """Print how the fit on all sets of other documents does on each."""
    for name in dict.fromkeys(one.set_name for one in asked):
        others = [one for one in asked if _documents_of(one.set_name) != _documents_of(name)]
        for line in describe_fit([one for one in asked if one.set_name == name], fit(others or asked, kind)):
            print(line)


def _documents_of(set_name: str) -> str:
    """Return the same name for sets of the same documents, which do not test one another."""
    return WRITTEN if set_name == ALONE else set_name


if __name__ == "__main__":
    main()
