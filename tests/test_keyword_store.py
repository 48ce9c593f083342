"""The keyword index kept in step with what it is derived from, whatever happened to either."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from conftest import ROOT, WordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.keyword.keyword_index import KeywordIndex
from index.schema import Document, Passage
from index.storage.open import index_fingerprint, open_for_reading, open_for_writing
from index.storage.store import Store
from index.system.locking import lock


class Held:
    """What a keyword index is derived from, and which documents were read of it."""

    def __init__(self, folder: Path, **texts: str) -> None:
        self.folder = folder
        self.texts = texts
        self.read: list[str] = []
        self.made_with = "one"

    def passages(self, document: str) -> list[Passage]:
        words = self.texts.get(document, "").split()
        return [Passage(document, n, n + len(word), word) for n, word in enumerate(words)]

    def opened(self) -> KeywordIndex:
        return KeywordIndex(self.folder, lambda: self.made_with, self._listed, self._passages)

    def _listed(self) -> dict[str, int]:
        return {name: len(text.split()) for name, text in self.texts.items()}

    def _passages(self, documents: Sequence[str]) -> Iterator[Passage]:
        self.read += documents
        for document in documents:
            yield from self.passages(document)


@pytest.fixture
def held(tmp_path: Path) -> Held:
    """Two documents, indexed."""
    made = Held(tmp_path / "keyword", a="grey bridge", b="grey river")
    assert len(made.opened()) == 4
    made.read.clear()
    return made


def found(store: KeywordIndex, query: str) -> list[str]:
    return [id_.split(":")[0] for id_ in store.search(query, 9)]


def test_nothing_is_read_again_when_nothing_has_changed(held: Held) -> None:
    store = held.opened()
    assert found(store, "grey") == ["a", "b"]
    assert held.read == []


def test_only_what_differs_is_read_after_a_process_ended_too_soon(held: Held) -> None:
    store = held.opened()
    held.texts["c"] = "grey toll"
    store.replace("c", held.passages("c"))  # never settled
    del held.texts["a"]
    store = held.opened()
    assert found(store, "grey") == ["b", "c"]
    assert held.read == ["c"]
    assert store.idf("bridge") == store.idf("unseen")


def test_what_is_put_is_found_at_once_and_by_the_next_process_once_settled(held: Held) -> None:
    store = held.opened()
    held.texts["c"] = "toll"
    store.replace("c", held.passages("c"))
    assert found(store, "toll") == ["c"]
    del held.texts["a"]
    store.replace("a", ())
    assert found(store, "grey") == ["b"]
    held.texts["a"] = "toll"
    store.replace("a", held.passages("a"))
    store.flush()
    assert found(held.opened(), "toll") == ["a", "c"]
    assert held.read == []


def test_much_of_it_is_committed_before_anybody_asks(held: Held) -> None:
    held.texts["long"] = "word " * 2_500
    store = held.opened()
    store.replace("long", held.passages("long"))
    assert len(held.opened()) == 2_504
    assert held.read == []


def _truncated(folder: Path) -> None:
    for file in folder.rglob("*.term"):
        file.write_bytes(file.read_bytes()[:10])


def _garbled(folder: Path) -> None:
    for file in folder.rglob("*.idx"):
        file.write_bytes(bytes(len(file.read_bytes()) - 100) + file.read_bytes()[-100:])


def _without_meta(folder: Path) -> None:
    for file in folder.rglob("meta.json"):
        file.unlink()


def _without_a_file(folder: Path) -> None:
    for file in folder.rglob("*.store"):
        file.unlink()


@pytest.mark.parametrize("damage", [_truncated, _without_meta, _without_a_file, _garbled])
def test_a_damaged_index_is_derived_anew(held: Held, damage: Callable[[Path], None]) -> None:
    damage(held.folder)
    store = held.opened()
    assert found(store, "grey") == ["a", "b"]
    assert store.idf("grey") == held.opened().idf("grey") < store.idf("unseen")
    held.read.clear()
    assert found(held.opened(), "bridge") == ["a"]
    assert held.read == []


def test_one_made_with_other_settings_is_derived_anew(held: Held) -> None:
    held.made_with = "other"
    assert found(held.opened(), "grey") == ["a", "b"]
    assert sorted(held.read) == ["a", "b"]
    assert len([path for path in held.folder.iterdir() if path.is_dir()]) == 1


def test_who_must_wait_for_the_lock_works_in_memory(held: Held) -> None:
    held.texts["c"] = "toll"
    with lock(held.folder, write=True):
        store = held.opened()
        assert found(store, "toll") == ["c"]
        held.texts["d"] = "toll"
        store.replace("d", held.passages("d"))
        assert found(store, "toll") == ["c", "d"]
    held.read.clear()
    assert found(held.opened(), "toll") == ["c", "d"]
    assert sorted(held.read) == ["c", "d"]


_READS_ONLY = """
import os, sys
from pathlib import Path
from index.keyword.bm25 import Bm25Index
from index.keyword.keyword_index import KeywordIndex
from index.schema import Passage
Bm25Index().replace({"": [Passage("", 0, 4, "toll")]})  # all is imported before this account may read no more
if os.geteuid() == 0:
    os.setuid(65534)
def read(documents):
    assert documents == ["c"], documents
    yield Passage("c", 0, 4, "toll")
assert not os.access(sys.argv[1], os.W_OK)
store = KeywordIndex(Path(sys.argv[1]), lambda: "one", lambda: {"a": 2, "b": 2, "c": 1}, read)
print(*store.search("grey", 9), *store.search("toll", 9))
"""


def test_who_may_only_read_works_on_a_copy() -> None:
    with tempfile.TemporaryDirectory() as made:
        held = Held(Path(made) / "keyword", a="grey bridge", b="grey river")
        held.opened().search("grey", 1)
        Path(made).chmod(0o755)
        paths = [held.folder, *held.folder.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "HOME": made}
        command = [sys.executable, "-c", _READS_ONLY, str(held.folder)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        for path in paths:
            path.chmod(0o755)
    assert done.stdout.split() == ["a:0-4", "b:0-4", "c:0-4"], done.stderr


def test_several_processes_that_find_something_missing_all_find_it(held: Held) -> None:
    held.texts |= {f"d{n}": "grey toll" for n in range(200)}
    found_by: list[int] = []
    stores = [held.opened() for _ in range(4)]
    threads = [threading.Thread(target=lambda s=s: found_by.append(len(s.search("toll", 500)))) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found_by == [200] * 4
    held.read.clear()
    assert len(held.opened()) == 404
    assert held.read == []


def test_questions_during_changes_see_each_document_whole_or_not_at_all(held: Held) -> None:
    store = held.opened()
    seen: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            seen.append(len(store.search("toll", 99)))

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(10):
        held.texts["c"] = "toll toll toll"
        store.replace("c", held.passages("c"))
        del held.texts["c"]
        store.replace("c", ())
    over.set()
    asking.join()
    assert set(seen) <= {0, 3}
    assert seen


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "remove", "settle", "killed"]), st.sampled_from("abc"), st.integers(1, 3)),
        max_size=8,
    )
)
def test_whatever_happened_the_next_process_finds_what_there_is(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as made:
        held = Held(Path(made) / "keyword")
        store = held.opened()
        for step, document, count in steps:
            if step == "put":
                held.texts[document] = "grey " * count
                store.replace(document, held.passages(document))
            elif step == "remove":
                held.texts.pop(document, None)
                store.replace(document, ())
            elif step == "settle":
                store.flush()
            else:
                store = held.opened()
        again = held.opened()
        expected = sorted(passage.id for document in held.texts for passage in held.passages(document))
        assert sorted(again.search("grey", 99)) == expected
        assert len(again) == len(expected)


def _put(store: Store, words: WordEmbedder, name: str, text: str) -> None:
    document = Document(name, f"Title of {name}", f"/{name}.txt", text)
    passages = chunk(document, Chunking())
    store.add(document, passages, words.embed([p.text for p in passages]))


def test_the_store_keeps_it_in_step(config: IndexConfig, words: WordEmbedder) -> None:
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        _put(store, words, "bridge", "The grey bridge is old.")
        _put(store, words, "river", "The river is wide.")
        assert found(store.keyword, "bridge") == ["bridge"]
        store.remove("bridge")
        assert found(store.keyword, "bridge") == []
        _put(store, words, "bridge", "The grey bridge is old.")
    with open_for_reading(config) as store:
        assert found(store.keyword, "bridge title") == ["bridge", "river"]
        assert len(store.keyword) == store.count() == 2


def test_without_its_folder_the_store_derives_it_from_chroma(config: IndexConfig, words: WordEmbedder) -> None:
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        _put(store, words, "bridge", "The grey bridge is old. " * 200)
        before = store.keyword.search("bridge", 99)
    for file in (config.store_dir / "keyword").rglob("*.*"):
        file.unlink(missing_ok=True) if file.is_file() else None
    with open_for_reading(config) as store:
        assert store.keyword.search("bridge", 99) == before
        assert len(before) == store.count() > 1


def test_starting_the_store_anew_empties_it(config: IndexConfig, words: WordEmbedder) -> None:
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        _put(store, words, "bridge", "The grey bridge is old.")
        assert len(store.keyword) == 1
        store.clear(index_fingerprint(words, Chunking(90)))
        assert len(store.keyword) == 0
        _put(store, words, "bridge", "The grey bridge is old.")
        assert found(store.keyword, "bridge") == ["bridge"]
