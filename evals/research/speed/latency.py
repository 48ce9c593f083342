"""``python -m evals.research.speed.latency``: what a question costs at 1,000 and at 50,000 passages.

The passages are made up of shuffled sentences of the news articles in ``seeds/news``, with vectors and token codes
drawn at random around those of the real ones, so that nothing has to be embedded 50,000 times; the questions and
everything done with them are real.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.contextual import embed_passages
from index.embedding.factory import embedder_for
from index.embedding.protocol import Embedder, Vectors
from index.embedding.token_codes import TokenCodes
from index.reading.load import find_files, load
from index.schema import Document
from index.storage.open import index_fingerprint
from index.storage.store import Store
from index.text.sentences import sentence_spans
from index.text.terms import STOPWORDS, fold_word_spans
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.retrieval.cross_encoder import NO_RERANKER, make_cross_encoder

NEWS = Path("seeds/news")
_SENTENCES = 10  # of a made passage
_PASSAGES = 25  # of a made document
_NOISE = 0.05  # of each coordinate of a unit vector


def main() -> None:
    """Measure latency at each size and print a table."""
    parser = argparse.ArgumentParser(prog="python -m evals.research.speed.latency")
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 50_000])
    parser.add_argument("--questions", type=int, default=60)
    options = parser.parse_args()
    embedder = embedder_for(IndexConfig())
    print(
        "| passages | reranker | retrieve p50 | quote p50 | p50, ms | p95, ms |\n| --: | --- | --: | --: | --: | --: |"
    )
    for size in options.passages:
        with tempfile.TemporaryDirectory(prefix="onrecord-latency-") as folder, one_blas_thread():
            store = Store(Path(folder), "latency", index_fingerprint(embedder, Chunking()))
            sentences = fill_store(store, embedder, size)
            asked = [f"What is known about {' '.join(s.split()[2:7])}?" for s in sentences[: options.questions]]
            for name in (RagConfig().reranker, NO_RERANKER):
                pipeline = make_pipeline(store, embedder, RagConfig(), make_cross_encoder(name))
                cells = " | ".join(f"{ms:.0f}" for ms in measure_latency(pipeline, asked))
                print(f"| {store.count():,} | {name} | {cells} |")


def measure_latency(pipeline: Pipeline, questions: Sequence[str]) -> tuple[float, float, float, float]:
    """Return milliseconds: the medians of retrieving and of quoting, the median and 95th percentile of the whole."""
    pipeline.ask("Is everything loaded?")
    whole: list[float] = []
    laps: list[dict[str, float]] = []
    for question in questions:
        since = time.perf_counter()
        laps.append(dict(pipeline.ask(question).timings))
        whole.append(1000 * (time.perf_counter() - since))
    step = {name: 1000 * float(np.median([lap[name] for lap in laps])) for name in ("retrieve", "quote")}
    return step["retrieve"], step["quote"], float(np.median(whole)), float(np.quantile(whole, 0.95))


def fill_store(store: Store, embedder: Embedder, size: int) -> list[str]:
    """Write at least ``size`` made passages; return the sentences they are made of, shuffled."""
    chance, drawn = random.Random(0), np.random.default_rng(0)
    sentences, vectors, codes = real_passages(embedder, store, chance)
    number = 0
    while store.count() < size:
        document = _document(number, sentences, chance)
        passages = chunk(document, Chunking())
        like = drawn.integers(0, len(vectors), len(passages))
        coded = [resize_codes(codes[i], p.text) for i, p in zip(like, passages, strict=True)]
        store.add(document, passages, vectors_near(vectors[like], drawn), coded)
        number += 1
    return sentences


def real_passages(
    embedder: Embedder, store: Store, chance: random.Random
) -> tuple[list[str], Vectors, list[TokenCodes]]:
    """Return shuffled sentences of the news articles, and the vectors and token codes of their passages."""
    found = [passage for path in find_files([NEWS]) for passage in chunk(load(path), Chunking())]
    vectors, codes = embed_passages(embedder, found, store.ensure_rotation)
    sentences = [p.text[a:b] for p in found for a, b in sentence_spans(p.text) if len(p.text[a:b].split()) > 8]  # noqa: PLR2004
    chance.shuffle(sentences)
    return sentences, vectors, list(codes)


def _document(number: int, sentences: Sequence[str], chance: random.Random) -> Document:
    text = " ".join(chance.choices(sentences, k=_SENTENCES * _PASSAGES))
    return Document(f"{number:016x}", f"Report {number}", f"report-{number}.txt", text)


def vectors_near(vectors: Vectors, drawn: np.random.Generator) -> Vectors:
    """Draw unit vectors near the given ones."""
    moved = vectors + _NOISE * drawn.standard_normal(vectors.shape)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def resize_codes(codes: TokenCodes, text: str) -> TokenCodes:
    """Fit the codes to another text, one for each of its telling words, begun again where there are too few.

    The distances between the words are mixed: made of a few hundred sentences, texts would have more in common than
    articles of different authors have.
    """
    starts = [start for word, start, _ in fold_word_spans(text) if word not in STOPWORDS]
    apart = np.diff(starts, prepend=0)
    np.random.default_rng(crc32(text.encode())).shuffle(apart)
    return TokenCodes(np.resize(codes.signs, (len(starts), codes.signs.shape[1])), np.cumsum(apart).astype(np.int32))


if __name__ == "__main__":
    main()
