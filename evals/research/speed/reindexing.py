"""Measure what indexing again costs, when nothing and when one file of many has changed.

``python -m evals.research.speed.reindexing``

The files are made of shuffled sentences of the news articles in ``seeds/news``, one passage each. Commands are run as a
user runs them, in processes of their own, so every second counts, that of starting Python too. The time to load the
model is measured apart, as the time until a first text is embedded. With ``--drawn`` the first run's vectors are drawn
at random instead of embedded, which the later runs cannot tell.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.protocol import Vectors
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.ingest.build import build
from index.ingest.file_cache import FileCache, save_file_cache
from index.ingest.plan import plan
from index.reading.load import find_files, load
from index.storage.open import index_fingerprint, open_for_writing
from index.text.sentences import sentence_spans

NEWS = Path("seeds/news")
_SENTENCES = 6  # of a made file
_IN_A_FOLDER = 500  # files
_DIMENSIONS = 384  # of the default model's vectors
_HEAVY = """
heavy = [name for name in ("torch", "sentence_transformers") if name in sys.modules]
print(" and ".join(heavy) or "neither torch nor the model", file=sys.stderr)
"""
_RUN = f"import sys; from ui.cli.main import main; code = main(sys.argv[1:]){_HEAVY}sys.exit(code)"
_MODEL = (
    "import sys; from index.embedding.sentence_transformers import SentenceTransformerEmbedder as E; "
    f"E().embed(['One.']){_HEAVY}"
)


def main() -> None:
    """Time first and later runs of ``onrecord index`` and print a table."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.speed.reindexing")
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3, help="runs of each of the short ones; the median is told")
    parser.add_argument("--drawn", action="store_true", help="draw the first run's vectors")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="onrecord-rerun-") as folder:
        documents = Path(folder) / "documents"
        made = make_files(documents, options.files)
        first = index_drawn(Path(folder)) if options.drawn else measure_command(folder, "index", "documents")
        again = [measure_command(folder, "index", "documents") for _ in range(options.times)]
        dry = [measure_command(folder, "index", "documents", "--dry-run") for _ in range(options.times)]
        changed = []
        for n in range(options.times):
            made[n].write_text(f"{made[n].read_text(encoding='utf-8')} Changed {n}.", encoding="utf-8")
            changed.append(measure_command(folder, "index", "documents"))
        documents.rename(Path(folder) / "moved")
        moved = measure_command(folder, "index", "moved")
        model = [measure_program([sys.executable, "-c", _MODEL], Path.cwd()) for _ in range(options.times)]
    print(f"{options.files:,} files\n\n| run | seconds | of a core | loaded |\n| --- | --: | --: | --- |")
    for name, all_taken in (
        ("first, vectors drawn" if options.drawn else "first", [first]),
        ("again, nothing changed", again),
        ("`--dry-run`", dry),
        ("one file changed", changed),
        ("the folder moved", [moved]),
        ("loading the model", model),
    ):
        one = sorted(all_taken, key=lambda taken: taken.seconds)[len(all_taken) // 2]
        print(f"| {name} | {one.seconds:.1f} | {one.of_a_core:.1f} | {one.loaded} |")


@dataclass(frozen=True, slots=True)
class RunCost:
    """What a run took: seconds by the clock, and of a processor core, which other work beside it lengthens less;
    and which heavy libraries it loaded."""

    seconds: float
    of_a_core: float
    loaded: str = ""


class _Drawn:
    """Vectors as the model's, but drawn."""

    def __init__(self) -> None:
        self.fingerprint = SentenceTransformerEmbedder().fingerprint
        self._chance = np.random.default_rng(0)

    def embed(self, texts: Sequence[str]) -> Vectors:
        drawn = self._chance.standard_normal((len(texts), _DIMENSIONS)).astype(np.float32)
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))

    def embed_query(self, text: str) -> Vectors:
        return np.asarray(self.embed([text])[0])


def index_drawn(folder: Path) -> RunCost:
    """Index the documents with drawn vectors."""
    since, used = time.perf_counter(), time.process_time()
    embedder = _Drawn()
    config = IndexConfig(folder / IndexConfig().data_dir)
    with open_for_writing(config, index_fingerprint(embedder, Chunking())) as store:
        digests = FileCache()
        planned = plan(store, [folder / "documents"], digests)
        save_file_cache(config.data_dir, digests)
        build(store, embedder, Chunking(), planned)
        store.close()
    return RunCost(time.perf_counter() - since, time.process_time() - used)


def make_files(folder: Path, count: int) -> list[Path]:
    """Write made files and return their paths."""
    chance = random.Random(0)
    texts = [load(path).text for path in find_files([NEWS])]
    sentences = [text[a:b] for text in texts for a, b in sentence_spans(text)]
    made = []
    for n in range(count):
        path = folder / f"{n // _IN_A_FOLDER:03}" / f"{n:05}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Report {n}.\n\n{' '.join(chance.sample(sentences, _SENTENCES))}", encoding="utf-8")
        made.append(path)
    return made


def measure_command(folder: str, *arguments: str) -> RunCost:
    """Measure one ``onrecord`` command."""
    return measure_program([sys.executable, "-c", _RUN, *arguments], Path(folder))


def measure_program(command: list[str], folder: Path) -> RunCost:
    """Measure a program whose last line on standard error names what it loaded."""
    path = os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])
    since, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    seconds, after = time.perf_counter() - since, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return RunCost(seconds, used, done.stderr.strip().splitlines()[-1])


if __name__ == "__main__":
    main()
