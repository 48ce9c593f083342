import random
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from conftest import WordEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.chunking.chunk import Chunking
from index.duplicates.minhash import HASHES, band_keys, estimate_similarity, signature
from index.duplicates.near_duplicates import FILE, MIN_LIKENESS, NearDuplicateIndex, near_duplicates
from index.ingest.build import build
from index.ingest.plan import plan
from index.schema import Document
from index.storage.store import Store

WORDS = [f"word{n}" for n in range(4_000)]


def article(seed: int, length: int = 400) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def edited(text: str, share: float) -> str:
    chance = random.Random(9)
    return " ".join(chance.choice(WORDS) if chance.random() < share else word for word in text.split())


def shared(a: str, b: str) -> float:
    """The true Jaccard index of runs of three words."""
    one, other = ({tuple(w[n : n + 3]) for n in range(max(len(w) - 2, 1))} for w in (a.split(), b.split()))
    return len(one & other) / len(one | other)


@given(
    st.lists(st.sampled_from("a b c d e f".split()), max_size=40),
    st.lists(st.sampled_from("a b c".split()), max_size=40),
)
def test_the_estimate_is_near_the_truth(one: list[str], other: list[str]) -> None:
    a, b = " ".join(one), " ".join(other)
    assert estimate_similarity(signature(a), signature(a)[None])[0] == 1
    if one and other:
        # Five standard errors.
        assert abs(estimate_similarity(signature(a), signature(b)[None])[0] - shared(a, b)) < 5 * np.sqrt(0.25 / HASHES)


def test_case_and_punctuation_count_for_nothing_and_length_for_no_memory() -> None:
    assert (signature("The bridge, opened!") == signature("the  bridge opened")).all()
    assert not (signature("one two") == signature("two one")).all()
    whole = signature(article(1, 10_000))
    assert whole.shape == (HASHES,)
    assert (whole == signature(article(1, 10_000) + "\n")).all()


@pytest.mark.parametrize(("share", "linked"), [(0.0, True), (0.02, True), (0.05, True), (0.2, False), (1.0, False)])
def test_slightly_edited_texts_are_linked_and_others_are_not(share: float, linked: bool) -> None:
    text = article(3, 800)
    other = edited(text, share)
    met = bool(set(band_keys(signature(text))) & set(band_keys(signature(other))))
    assert (met and estimate_similarity(signature(text), signature(other)[None])[0] >= MIN_LIKENESS) == linked


def test_links_follow_the_index(store: Store, words: WordEmbedder, folder: Path) -> None:
    texts = {"a": article(1), "b": edited(article(1), 0.02), "c": article(2), "d": article(1) + " A word more."}
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)

    def linked() -> dict[str, set[str]]:
        build(store, words, Chunking(), plan(store, [folder]))
        names = {info.id: Path(info.source).stem for info in store.documents()}
        return {names[id_]: {names[o.document_id] for o in others} for id_, others in near_duplicates(store).items()}

    assert linked() == {"a": {"b", "d"}, "b": {"a", "d"}, "d": {"a", "b"}}
    (folder / "d.txt").unlink()
    assert linked() == {"a": {"b"}, "b": {"a"}}
    (folder / "b.txt").write_text(article(7))
    (folder / "e.txt").write_text(edited(article(7), 0.01))
    assert linked() == {"b": {"e"}, "e": {"b"}}
    # Lost with its file, or never there since an older version made the index.
    for path in store.local_folder.glob("near_duplicates.sqlite3"):
        path.write_bytes(b"no database" * 500)
    assert near_duplicates(store) == {}
    linked()
    assert linked() == {"b": {"e"}, "e": {"b"}}


def test_a_thousand_prints_of_one_form_cost_no_million_links(tmp_path: Path) -> None:
    near = NearDuplicateIndex(tmp_path, "default")
    form = article(5, 200)
    near.add(Document(f"d{n}", "Form", f"/{n}", f"{form} {n}") for n in range(600))
    counts = [len(others) for others in near.links().values()]
    assert len(counts) == 600
    assert sum(counts) <= 600 * 2 * 20


def documents(name: str) -> list[Document]:
    text = article(1)
    return [Document(f"{name}{n}", "Title", f"/{n}", edited(text, 0.01 * n)) for n in range(2)]


def test_a_locked_file_is_kept_with_the_links_of_all_indexes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("index.storage.sqlite_file.LOCK_TIMEOUT", 0.01)
    one, other = NearDuplicateIndex(tmp_path, "one"), NearDuplicateIndex(tmp_path, "other")
    for near in (one, other):
        near.add(documents("d"))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as busy:
        busy.execute("begin immediate")
        one.add(documents("e"))
    assert "locked by another program" in caplog.text
    assert one.links().keys() == other.links().keys() == {"d0", "d1"}
    one.add(documents("e"))
    assert one.links().keys() == {"d0", "d1", "e0", "e1"}


def test_a_damaged_file_goes_and_a_sound_one_is_made_anew_for_one_index_alone(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = NearDuplicateIndex(store.local_folder, "other")
    other.add(documents("d"))
    near = NearDuplicateIndex(store.local_folder, store.name)
    near.add(documents("gone"))
    near.rebuild(store)
    assert near.links() == {}
    assert other.links().keys() == {"d0", "d1"}
    path = store.local_folder / FILE
    path.write_bytes(b"no database" * 500)
    assert other.links() == {}
    other.add(documents("d"))
    assert "is removed and will be made anew" in caplog.text
    assert not path.exists()


def test_rows_that_are_damaged_are_passed_over(tmp_path: Path) -> None:
    near = NearDuplicateIndex(tmp_path, "one")
    near.add(documents("d"))
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("update signatures set signature = x'00'")
        connection.execute("update links set likeness = 'x' where document = 'd0'")
    near.add(documents("e"))
    assert near.links().keys() == {"d1", "e0", "e1"}
