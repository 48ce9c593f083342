"""Rebuilding from stored texts: what is kept, what is made anew, and that a kill loses nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, TokenWordEmbedder, WordEmbedder

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.errors import IndexMismatchError, IndexMissingError
from index.ingest.build import build
from index.ingest.plan import plan
from index.ingest.rebuild import rebuild
from index.storage.open import collections_in, index_fingerprint, open_for_reading, open_for_writing
from index.storage.store import Store

SMALL = Chunking(12)


def fill(store: Store, embedder: WordEmbedder, folder: Path, count: int = 4) -> None:
    for n in range(count):
        text = " ".join(f"Sentence {m} of text {n} is here." for m in range(12)) if n else "A short one."
        (folder / f"f{n}.txt").write_text(text)
    build(store, embedder, Chunking(), plan(store, [folder]))


def state(store: Store) -> set[tuple[str, str, str]]:
    return {(p.id, p.text, p.source) for p in store.passages()}


def whole(store: Store) -> None:
    """Every document is there with all its passages, found by their vectors."""
    for info in store.documents():
        passages = store.passages_of(info.id)
        assert len(passages) == info.passages > 0
        text = store.document(info.id).text
        assert all(text[p.start : p.end] == p.text for p in passages)
        assert len(store.vectors([p.id for p in passages])) == len(passages)


def test_both_parts_are_made_anew_and_the_old_is_gone(store: Store, words: WordEmbedder, folder: Path) -> None:
    fill(store, words, folder)
    files, before = store.files(), words.embedded
    done = rebuild(store, words, SMALL)
    assert (done.documents, done.before, done.embedded) == (4, 0, done.passages)
    assert words.embedded == before + done.passages
    whole(store)
    assert store.files() == files
    assert store.count() == done.passages
    assert store.index_names() == ("default",)
    assert store.nearest(words.embed_query("short one"), 1)[0][0] in {p.id for p in store.passages()}
    assert len(plan(store, [folder]).same) == 4


def test_rechunking_keeps_the_vectors_of_passages_that_stay(config: IndexConfig, folder: Path) -> None:
    words = TokenWordEmbedder()
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        fill(store, words, folder)
        ids = [p.id for p in store.passages()]
        vectors, codes, before = store.vectors(ids), store.token_codes(ids), words.embedded
        done = rebuild(store, words, SMALL, embed=False)
        stay = [p.id for p in store.passages() if p.id in vectors]
        assert len(stay) == 1  # the short one
        assert (done.embedded, words.embedded - before) == (done.passages - 1, done.passages - 1)
        assert (store.vectors(stay)[stay[0]] == vectors[stay[0]]).all()
        assert (store.token_codes(stay)[stay[0]].signs == codes[stay[0]].signs).all()
        assert store.token_size()[0] == done.passages
        before = words.embedded
        assert rebuild(store, words, SMALL, embed=False).embedded == 0
        assert words.embedded == before


def test_embedding_only_keeps_the_passages(store: Store, words: WordEmbedder, folder: Path) -> None:
    fill(store, words, folder)
    before, other = state(store), TokenWordEmbedder()
    done = rebuild(store, other, SMALL, rechunk=False)
    assert state(store) == before
    assert done.embedded == done.passages == other.embedded == store.token_size()[0]
    store.check({"model": other.fingerprint, "chunking": Chunking().fingerprint})
    rebuild(store, words, SMALL, tokens=False)
    assert store.token_size()[0] == 0


def test_vectors_of_another_model_are_never_kept(store: Store, words: WordEmbedder, folder: Path) -> None:
    fill(store, words, folder)
    before = state(store)
    with pytest.raises(IndexMismatchError, match="without --rechunk"):
        rebuild(store, TokenWordEmbedder(), SMALL, embed=False)
    assert state(store) == before


def test_a_rebuild_that_was_stopped_goes_on_though_the_index_changed_meanwhile(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, words, folder)
    monkeypatch.setattr("index.ingest.rebuild._PASSAGES_PER_BATCH", 1)
    before = state(store)

    def stop(done: int, total: int, name: str) -> None:
        if done == 2 and "passages" not in name:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(store, words, SMALL, stop)
    assert state(store) == before
    assert store.index_names() == ("default",)
    (folder / "f0.txt").unlink()
    (folder / "f1.txt").rename(folder / "moved.txt")
    (folder / "new.txt").write_text("A new one.")
    build(store, words, Chunking(), plan(store, [folder]))
    done = rebuild(store, words, SMALL)
    assert done.before >= 0
    whole(store)
    assert {Path(info.source).stem for info in store.documents()} == {"moved", "f2", "f3", "new"}
    # One for other settings begins anew.
    with pytest.raises(KeyboardInterrupt):
        rebuild(store, words, Chunking(20), stop)
    assert rebuild(store, words, SMALL).before == 0


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from chromadb import Collection
from chromadb.api.client import Client
from conftest import TokenWordEmbedder
from index.ingest import rebuild as module
from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.storage.open import open_for_writing
from index.storage.token_codes.file import TokenCodesFile

what, number = sys.argv[2], int(sys.argv[3])
calls = 0

def killing(owner, name):
    first = getattr(owner, name)
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return first(*args, **kwargs)
    setattr(owner, name, call)

module._PASSAGES_PER_BATCH = 1
killing(*{"write": (module, "_write"), "rename": (Collection, "modify"), "drop": (Client, "delete_collection"),
          "tokens": (TokenCodesFile, "replace_with")}[what])
with open_for_writing(IndexConfig(data_dir=Path(sys.argv[1])), {}) as store:
    module.rebuild(store, TokenWordEmbedder(), Chunking(12))
"""

POINTS = [("write", 3), ("rename", 1), ("rename", 2), ("rename", 3), ("rename", 4), ("drop", 1), ("drop", 2)]
POINTS += [("drop", 3), ("tokens", 1), ("write", 1)]
QUICK = [("write", 3), ("rename", 2)]


@pytest.mark.parametrize(
    ("what", "number"),
    [pytest.param(*point, marks=() if point in QUICK else pytest.mark.slow) for point in POINTS],
)
def test_killed_at_any_moment_the_index_is_whole(config: IndexConfig, folder: Path, what: str, number: int) -> None:
    words = TokenWordEmbedder()
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        fill(store, words, folder)
        before = state(store)
        store.close()
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [sys.executable, "-c", KILLED, str(config.data_dir), what, str(number)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with open_for_reading(config) as store:  # a reader changes nothing and sees one whole index
        whole(store)
        committed = what != "write" and (what, number) != ("rename", 1)
        assert len(store.documents()) == len(store.files()) == 4
        assert (state(store) != before) == committed
        assert store.fingerprint["chunking"] == (Chunking(12) if committed else Chunking()).fingerprint
        assert store.token_size()[0] == store.count()
        assert store.index_names() == ("default",)
        store.close()
    with open_for_writing(config, {}) as store:
        again = rebuild(store, words, Chunking(12))
        assert again.before == (2 if (what, number) == ("write", 3) else 4 if (what, number) == ("rename", 1) else 0)
        whole(store)
        assert store.token_size()[0] == store.count()
        left = {collection.name for collection in store._database.client.list_collections()}
        assert left == {"default.passages", "default.documents", "default.files"}


def test_a_collection_that_is_not_there_is_named_with_those_that_are(
    words: WordEmbedder, folder: Path, config: IndexConfig
) -> None:
    assert collections_in(config) == ()
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        fill(store, words, folder, 1)
        with pytest.raises(IndexMissingError, match=r"no collection 'pres'.*There are: 'default'"):
            Store(config.store_dir, "pres", {})
    with open_for_writing(IndexConfig(config.data_dir, "press"), index_fingerprint(words, Chunking())) as other:
        fill(other, words, folder, 2)
        assert len(other.documents()) == 2
    assert collections_in(config) == ("default", "press")


def test_a_rebuild_that_fails_closes_what_it_filled(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, words, folder)
    opened, closed = [], []
    first, last = Store.open_rebuild, Store.close
    monkeypatch.setattr(Store, "open_rebuild", lambda self, made: opened.append(first(self, made)) or opened[-1])
    monkeypatch.setattr(Store, "close", lambda self: closed.append(self) or last(self))
    monkeypatch.setattr(words, "embed", lambda texts: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rebuild(store, words, SMALL)
    assert closed == opened != []
    whole(store)
