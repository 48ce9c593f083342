"""Indexing spread over Ray workers gives the index of a single process, byte for byte, whichever worker dies."""

import os
import random
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.blas_threads import one_blas_thread
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.ingest.build import build
from index.ingest.plan import plan
from index.ingest.ray.build import ClusterError, WorkerSettings, build_on_cluster, connect_cluster
from index.ingest.report import BuildReport
from index.storage.open import index_fingerprint, open_for_writing
from index.storage.store import Store

CHUNKING = Chunking(60)


def write_articles(folder: Path, many: int = 26) -> None:
    folder.mkdir()
    chance = random.Random(3)
    words = "river bridge harbour council minister treaty budget school factory railway storm election".split()
    for n in range(many):
        told = (" ".join(chance.choices(words, k=chance.randint(4, 30))).capitalize() + f" {k}." for k in range(60))
        (folder / f"a{n:03}.txt").write_text(f"Article {n}\n\n" + " ".join(told))
    (folder / "again.txt").write_text((folder / "a000.txt").read_text())
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")


def contents(store: Store) -> tuple[object, ...]:
    passages = {p.id: p for p in store.passages()}
    vectors = {id_: v.tobytes() for id_, v in store.vectors(sorted(passages)).items()}
    codes = {id_: (c.signs.tobytes(), c.starts.tobytes()) for id_, c in store.token_codes(sorted(passages)).items()}
    return passages, vectors, codes, store.files(), store.documents()


def workers() -> list[int]:
    """The process ids of this cluster's encoders."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if b"ray::MapWorker" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_spread_index_is_the_single_one_even_when_a_worker_is_killed(
    tmp_path: Path, minilm: SentenceTransformerEmbedder
) -> None:
    pytest.importorskip("ray", reason="needs onrecord[ray]")
    write_articles(tmp_path / "articles")
    made_with = index_fingerprint(minilm, CHUNKING)
    reports: list[BuildReport] = []
    with open_for_writing(IndexConfig(data_dir=tmp_path / "single"), made_with) as store, one_blas_thread():
        began = time.monotonic()
        reports.append(build(store, minilm, CHUNKING, plan(store, [tmp_path / "articles"])))
        print(f"single {time.monotonic() - began:.1f} s")
        single = contents(store)
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.2):
            if len(running := workers()) >= 2:
                over.wait(4)  # in the midst of a batch, or about to begin one
                os.kill(running[0], signal.SIGKILL)
                killed.append(running[0])
                return

    with (
        connect_cluster("", 2) as on,
        open_for_writing(IndexConfig(data_dir=tmp_path / "spread"), made_with) as store,
    ):
        killer = threading.Thread(target=kill)
        killer.start()
        began = time.monotonic()
        encoding = WorkerSettings(minilm, IndexConfig(backend="torch"), minilm.fingerprint)
        reports.append(build_on_cluster(store, encoding, CHUNKING, plan(store, [tmp_path / "articles"]), on))
        print(f"spread {time.monotonic() - began:.1f} s")
        over.set()
        killer.join()
        spread = contents(store)
    assert len(killed) == 1
    assert reports[0] == reports[1]
    assert reports[0].passages > 512
    assert len(reports[0].failed) == 1
    for mine, theirs in zip(single, spread, strict=True):
        assert mine == theirs
    vectors = single[1]
    assert isinstance(vectors, dict)
    assert np.frombuffer(next(iter(vectors.values())), dtype=np.float32).shape == (384,)


def test_a_cluster_that_is_not_there_is_named() -> None:
    pytest.importorskip("ray", reason="needs onrecord[ray]")
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:9.*ray start --head"), connect_cluster("127.0.0.1:9", 0):
        pass


def test_without_ray_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(ClusterError, match=r"pip install 'onrecord\[ray\]'"), connect_cluster("", 1):
        pass
