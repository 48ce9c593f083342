"""``python -m evals.calibration --data FOLDER``: fit the weights of ``rag/evidence.json``.

Prints what the fit does on each set when it was fitted on the others, then the weights fitted on all; ``--write``
puts them in place. Only tuning halves are read (``evals/benchmarks/split.py``).
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from evals.benchmarks.sets import BenchmarkSet, find_sets, foreign_questions, load_set, sample
from evals.calibration.fit import fit_answerable, fit_sentence
from evals.calibration.tell import told
from evals.calibration.worlds import Asked, ask_everywhere
from index.embed import SentenceTransformerEmbedder
from rag.config import RagConfig
from rag.weights import Kind, Weights

SETS = ("squad2", "clapnq", "news2022", "chunking")
EVIDENCE = Path(__file__).parents[2] / "rag" / "evidence.json"
_QUESTIONS, _FOREIGN, _CHARACTERS = 600, 150, 1_500_000
_REFUSED = 0.04  # of answerable questions, at the shipped threshold


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m evals.calibration", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--kinds", nargs="+", default=["tokens", "cosine"], choices=["tokens", "cosine"])
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    places = dict(find_sets(options.data))
    sets = [sample(load_set(name, places[name], "tune"), _QUESTIONS, _CHARACTERS) for name in SETS]
    held: dict[str, Any] = json.loads(EVIDENCE.read_text("utf-8"))
    for kind in options.kinds:
        asked = list(ask_all(sets, tokens=kind == "tokens"))
        tell(asked, kind)
        weights = fit(asked, kind)
        held[kind] = {"sentence": dict(weights.sentence), "answerable": dict(weights.answerable)}
        print(json.dumps({kind: held[kind]}, indent=2))
    if options.write:
        held["about"] = {
            "fitted_by": "python -m evals.calibration",
            "on": [f"{name}, tuning half" for name in SETS],
            "report": "evals/CALIBRATION.md",
        }
        EVIDENCE.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")


def ask_all(sets: Sequence[BenchmarkSet], *, tokens: bool) -> Iterator[Asked]:
    """Every question of every set, asked of worlds indexed with or without tokens."""
    embedder = SentenceTransformerEmbedder()
    for given in tqdm(sets, disable=None):
        strangers = foreign_questions(sets, given, _FOREIGN)
        with tempfile.TemporaryDirectory(prefix="onrecord-calibration-") as folder:
            yield from ask_everywhere(given, strangers, embedder, Path(folder), tokens=tokens)


def fit(asked: Sequence[Asked], kind: Kind) -> Weights:
    """Both models, fitted on ``asked``."""
    sentence = fit_sentence(asked, kind)
    threshold = RagConfig().refuse_below
    return Weights(sentence, fit_answerable(asked, sentence, kind, threshold=threshold, refused=_REFUSED))


def tell(asked: Sequence[Asked], kind: Kind) -> None:
    """Print how the fit on all other sets does on each."""
    for name in dict.fromkeys(one.set_name for one in asked):
        others = [one for one in asked if one.set_name != name]
        for line in told([one for one in asked if one.set_name == name], fit(others or asked, kind)):
            print(line)


if __name__ == "__main__":
    main()
