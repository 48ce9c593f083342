"""Work on an index in a process of its own, which can be killed: jobs by name, and what must hold afterwards."""

import hashlib
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from conftest import TokenWordEmbedder

from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.embedding.protocol import Vectors
from index.embedding.token_codes import TokenVectors
from index.errors import IndexMissingError
from index.ingest.build import build
from index.ingest.plan import plan
from index.ingest.rebuild import rebuild
from index.storage.open import SharedStore, index_fingerprint, open_for_reading, open_for_writing, open_shared
from index.storage.store import Store

WORDS = "river bridge harbour council minister treaty budget school factory railway storm election".split()
CUT = Chunking(30)
_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(
    [
        "jobs_apart",
        "chromadb",
        "llama_index.vector_stores.chroma",
        "tantivy",
        "chromadb.api.rust",
        "ui.library.service",
        "ui.library.steps",
    ]
)
_CALLS = ("add", "upsert", "update", "delete", "modify")


class NotedEmbedder(TokenWordEmbedder):
    """Writes down what it embeds, so that a killed process still says what it did. ``pause`` in seconds a batch."""

    def __init__(self, log: Path, pause: float = 0.0) -> None:
        super().__init__()
        self._log = log
        self._pause = pause

    def embed_tokens(self, texts: Sequence[str]) -> tuple[Vectors, list[TokenVectors]]:
        time.sleep(self._pause)
        found = super().embed_tokens(texts)
        with self._log.open("a", encoding="utf-8") as log:
            log.writelines(f"{_mark(text)}\n" for text in texts)
        return found

    def _tokens(self, text: str) -> TokenVectors:
        words = text.split(" ")
        ends = np.cumsum([len(word) + 1 for word in words]).astype(np.int32) - 1
        places = np.stack([ends - [len(word) for word in words], ends], axis=1).astype(np.int32)
        return TokenVectors(np.stack([_vector(word) for word in words]), places)


@cache
def _vector(word: str) -> Vectors:
    vector = np.random.default_rng(int.from_bytes(hashlib.md5(word.encode()).digest()[:4])).standard_normal(256)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _mark(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def write_documents(folder: Path, files: int, sentences: int, seed: int = 5) -> None:
    """Text files that each hold a word of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    for number in range(files):
        said = (" ".join(chance.choices(WORDS, k=8)).capitalize() + f" f{number}s{n}." for n in range(sentences))
        (folder / f"f{number}.txt").write_text(f"Only{number} speaks. " + " ".join(said), encoding="utf-8")


# Jobs


def index(home: Path, pause: float = 0.0) -> None:
    """Bring the index in step with the files."""
    with open_for_writing(_config(home), _made_with()) as store:
        build(store, _embedder(home, pause), CUT, plan(store, [home / "documents"]))


def rebuild_all(home: Path, pause: float = 0.0) -> None:
    """Chunk and embed everything anew, to the same passages."""
    with open_for_writing(_config(home), _made_with()) as store:
        rebuild(store, _embedder(home, pause), CUT)


def library(home: Path, pause: float = 0.0) -> None:
    """Remove and put back documents as the library does, one after the other."""
    from ui.library.collections import Collections
    from ui.library.files import LibraryFolder
    from ui.library.service import LibraryService
    from ui.library.steps import Deps
    from ui.library.trash import Trash
    from ui.library.uploads.check import check_file

    def shelf(shared: SharedStore) -> LibraryService:
        folder = LibraryFolder(home / "library")
        deps = Deps(
            shared.store, _embedder(home, pause), CUT, folder, Trash(folder.trash),
            Collections(home / "library", shared.store.documents),
        )  # fmt: skip
        return LibraryService(deps, shared.exclusive, check_file)

    with open_shared(_config(home), _made_with()) as shared:
        at = shelf(shared)
        for info in shared.store.documents()[:30]:
            removed = at.remove([info.id])
            removed.over.wait()
            at.undo(removed).over.wait()
        at.close()


JOBS: Mapping[str, Callable[[Path, float], None]] = {"index": index, "rebuild": rebuild_all, "library": library}


# Processes


@cache
def _server() -> None:
    """Start the process that imports everything once and is forked for each job; it finds modules by the environment."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def begin(job: Callable[..., Any], *given: Any) -> BaseProcess:
    """Have a job begun in a process of its own, which has Chroma to itself."""
    _server()
    process = _FORKED.Process(target=job, args=given, daemon=True)
    process.start()
    return process


def carry_out(job: Callable[..., Any], *given: Any) -> None:
    """Have it done."""
    process = begin(job, *given)
    process.join(240)
    assert process.exitcode == 0, f"{job.__name__} ended with {process.exitcode}"


def killed_at_call(name: str, home: Path, number: int, after: bool) -> None:
    """A job whose process kills itself before or ``after`` the call of this number that changes Chroma."""
    from chromadb.api.models.Collection import Collection

    left = number

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0 and not after:
                os.kill(os.getpid(), signal.SIGKILL)
            found = real(*given, **named)
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return call

    for called in _CALLS:
        setattr(Collection, called, counted(getattr(Collection, called)))
    JOBS[name](home, 0.0)


def check_whole(home: Path, finished: Path | None = None) -> None:
    """Every document that the index shows is whole; the texts of their passages are written to ``finished``."""
    with open_for_reading(_config(home)) as store:
        infos = store.documents()
        texts = [mark for info in infos for mark in whole(store, info.id)]
        for info in infos[:: max(1, len(infos) // 10)]:
            found_by_word(store, info.id)
    if finished is not None:
        finished.write_text("\n".join(texts), encoding="utf-8")


def check_whole_if_any(home: Path, finished: Path) -> None:
    """The same where there is an index yet."""
    finished.write_text("", encoding="utf-8")
    with suppress(IndexMissingError):
        check_whole(home, finished)


def whole(store: Store, document_id: str) -> list[str]:
    """Marks of the passages' texts of a document, of which everything is there."""
    document, passages = store.document(document_id), store.passages_of(document_id)
    assert [(p.start, p.end) for p in passages] == [(p.start, p.end) for p in chunk(document, CUT)]
    assert all(p.text == document.text[p.start : p.end] for p in passages)
    ids = [p.id for p in passages]
    vectors, codes = store.vectors(ids), store.token_codes(ids)
    assert vectors.keys() == codes.keys() == set(ids)
    nearest = {id_ for id_, cosine in store.nearest(vectors[ids[-1]], 5, frozenset([document_id])) if cosine > 0.999}
    assert ids[-1] in nearest, f"{ids[-1]} is not found by its vector"
    return [_mark(p.text) for p in passages]


def found_by_word(store: Store, document_id: str) -> None:
    """The word that only this document holds finds it."""
    word = store.document(document_id).text.split(" ", 1)[0]
    assert document_id in {id_.split(":")[0] for id_ in store.keyword.search(word, 5)}, f"{word} is not found"


def check_complete(home: Path, files: int, log: Path, before: Path) -> None:
    """All files are indexed, and nothing was embedded that was ``before``."""
    with open_for_reading(_config(home)) as store:
        assert len(store.documents()) == files
        for info in store.documents():
            whole(store, info.id)
            found_by_word(store, info.id)
        assert store.count() == sum(info.passages for info in store.documents())
        assert store.token_size()[0] == store.count()
    again = set(log.read_text().split()) & set(before.read_text().split()) if log.exists() else set()
    assert not again, f"{len(again)} passages of finished documents were embedded again"


def _config(home: Path) -> IndexConfig:
    return IndexConfig(data_dir=home / "data")


def _embedder(home: Path, pause: float) -> NotedEmbedder:
    return NotedEmbedder(home / "embedded.log", pause)


def _made_with() -> Mapping[str, str]:
    return index_fingerprint(NotedEmbedder(Path()), CUT)
