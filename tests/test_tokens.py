import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from conftest import TokenWordEmbedder, WordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.contextual import embed_passages, text_in_context
from index.embedding.sentence_transformers import SentenceTransformerEmbedder
from index.embedding.token_codes import (
    TokenCodes,
    TokenVectors,
    best_matches,
    content_tokens,
    encode_tokens,
    random_rotation,
)
from index.ingest.build import build
from index.ingest.plan import plan
from index.schema import Passage
from index.storage.open import index_fingerprint, open_for_reading, open_for_writing
from index.storage.store import Store
from index.storage.token_codes.file import TokenCodesFile

EMBEDDER = TokenWordEmbedder()
ROTATION = random_rotation(256)
WORDS = st.lists(st.sampled_from("bridge harbour grey 1932 the of opened Hegseth . ,".split()), min_size=1, max_size=12)


def tokens_of(text: str) -> TokenVectors:
    return EMBEDDER.embed_tokens([text])[1][0]


def codes_of(text: str) -> TokenCodes:
    return encode_tokens(tokens_of(text), ROTATION)


def test_a_rotation_changes_no_angle() -> None:
    rotation = random_rotation(64)
    assert np.allclose(rotation @ rotation.T, np.eye(64), atol=1e-5)


@settings(deadline=None)
@given(WORDS)
def test_codes_keep_every_place_and_have_unit_vectors(words: list[str]) -> None:
    tokens = tokens_of(" ".join(words))
    codes = encode_tokens(tokens, ROTATION)
    assert codes.starts.tolist() == tokens.offsets[:, 0].tolist()
    assert codes.signs.shape == (len(tokens.offsets), 256 // 8)
    assert np.allclose(np.linalg.norm(codes.vectors(256), axis=1), 1, atol=1e-5)


def test_one_bit_a_dimension_still_tells_a_word_from_another() -> None:
    near = best_matches(tokens_of("harbour").vectors @ ROTATION, [codes_of("the grey harbour bridge")])[0][0]
    assert near.argmax() == 2
    assert near[2] > 0.7
    assert max(near[i] for i in (0, 1, 3)) < 0.3


@settings(deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_many_texts_at_once_are_met_as_each_alone(texts: list[list[str]], question: list[str]) -> None:
    asked = tokens_of(" ".join(question)).vectors @ ROTATION
    codes = [codes_of(" ".join(words)) for words in texts]
    for together, code in zip(best_matches(asked, codes), codes, strict=True):
        assert np.allclose(together, best_matches(asked, [code])[0], atol=1e-5)


def test_a_dimension_that_fills_no_byte_is_kept_whole() -> None:
    drawn = np.random.default_rng(1).standard_normal((3, 10)).astype(np.float32)
    tokens = TokenVectors(
        drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.array([(0, 1), (2, 3), (4, 5)], np.int32)
    )
    rotation = random_rotation(10)
    codes = encode_tokens(tokens, rotation)
    assert codes.signs.shape == (3, 2)
    near = best_matches(tokens.vectors @ rotation, [codes])[0]
    assert near.argmax(axis=1).tolist() == [0, 1, 2]


def test_no_tokens_make_no_codes() -> None:
    none = TokenVectors(np.zeros((0, 0), np.float32), np.zeros((0, 2), np.int32))
    assert encode_tokens(none, random_rotation(64)).signs.shape == (0, 8)


def test_function_words_and_marks_are_left_out_but_no_part_of_a_name() -> None:
    text = "He said Hegseth spoke to us, then left."
    places = np.array([(0, 2), (3, 7), (8, 10), (10, 15), (16, 21), (22, 24), (25, 27), (27, 28)], dtype=np.int32)
    kept = content_tokens(text, TokenVectors(np.ones((8, 4), dtype=np.float32), places))
    assert [text[a:b] for a, b in kept.offsets] == ["said", "He", "gseth", "spoke"]
    assert kept.vectors.shape == (4, 4)


def test_a_text_of_function_words_alone_keeps_them() -> None:
    tokens = tokens_of("to be or not to be")
    assert content_tokens("to be or not to be", tokens) is tokens


def test_the_real_model_gives_the_same_vectors_with_its_tokens(minilm: SentenceTransformerEmbedder) -> None:
    texts = ["Hegseth said the force should not have Article 5 protections.", "Ünïcode “quotes” — 中文, don’t 😀.", "x"]
    vectors, tokens = minilm.embed_tokens(texts)
    assert np.allclose(vectors, minilm.embed(texts), atol=1e-5)
    for text, found in zip(texts, tokens, strict=True):
        assert np.allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-4)
        read = "".join(text[a:b] for a, b in found.offsets)
        assert read == "".join(text.split())
    query, asked = minilm.embed_query_tokens("Who spoke?")
    assert np.allclose(query, minilm.embed_query("Who spoke?"), atol=1e-5)
    assert len(asked.offsets) == len(asked.vectors) == 3


def test_a_passage_is_read_under_its_title_and_its_tokens_are_its_own() -> None:
    passage = Passage("d", 0, 21, "It opened in 1932, so", title="Harbour bridge")
    assert text_in_context(passage) == "Harbour bridge\nIt opened in 1932, so"
    _, codes = embed_passages(EMBEDDER, [passage], random_rotation)
    assert [passage.text[start:].split()[0] for start in codes[0].starts] == ["opened", "1932,"]


def test_words_behind_what_the_model_reads_at_once_have_tokens_too(minilm: SentenceTransformerEmbedder) -> None:
    text = "Number " + " ".join(f"{n}{n}" for n in range(100, 260)) + ". The grey harbour bridge opened at last."
    passage = Passage("d", 0, len(text), text, title="A list")
    _, codes = embed_passages(minilm, [passage, Passage("d", 0, 5, "Short")], random_rotation)
    words = [text[start:].split()[0] for start in codes[0].starts]
    assert words[-5:] == ["grey", "harbour", "bridge", "opened", "last."]
    assert len(set(codes[0].starts.tolist())) == len(codes[0].starts)
    assert codes[0].starts.tolist() == sorted(codes[0].starts.tolist())


def test_a_title_that_is_there_already_is_not_read_twice() -> None:
    assert text_in_context(Passage("d", 0, 18, "Harbour bridge\nOk.", title="Harbour bridge")) == "Harbour bridge\nOk."


def test_without_tokens_there_are_vectors_only(words: WordEmbedder) -> None:
    passages = [Passage("d", 0, 3, "One")]
    assert embed_passages(words, passages, random_rotation)[1] == ()
    vectors, codes = embed_passages(EMBEDDER, passages)
    assert vectors.shape == (1, 256)
    assert codes == ()


def test_codes_come_back_as_they_were_kept(tmp_path: Path) -> None:
    rotation = TokenCodesFile(tmp_path, "a").ensure_rotation(256)
    kept = {"d:0-9": codes_of("Grey bridge."), "d:9-20": codes_of("It opened in 1932.")}
    TokenCodesFile(tmp_path, "a").add("d", kept)
    again = TokenCodesFile(tmp_path, "a")
    assert again.rotation(256) is not None
    assert np.array_equal(again.ensure_rotation(256), rotation)
    found = again.codes(["d:9-20", "unknown", "d:0-9"])
    assert found.keys() == kept.keys()
    for id_, code in kept.items():
        assert np.array_equal(found[id_].signs, code.signs)
        assert np.array_equal(found[id_].starts, code.starts)
    assert again.size() == (2, sum(c.signs.nbytes + 4 * len(c.starts) for c in kept.values()))
    again.remove(["d"])
    assert again.codes(list(kept)) == {}


def test_collections_do_not_see_each_other(tmp_path: Path) -> None:
    TokenCodesFile(tmp_path, "a").add("d", {"p": codes_of("Grey bridge.")})
    other = TokenCodesFile(tmp_path, "b")
    assert other.codes(["p"]) == {}
    other.clear()
    assert TokenCodesFile(tmp_path, "a").size()[0] == 1


def test_reading_makes_no_file(tmp_path: Path) -> None:
    store = TokenCodesFile(tmp_path, "a")
    assert (store.codes(["p"]), store.rotation(256), store.size()) == ({}, None, (0, 0))
    store.remove(["d"])
    store.clear()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def token_config(tmp_path: Path, folder: Path) -> IndexConfig:
    (folder / "one.txt").write_text("The bridge opened in 1932. It is grey.", encoding="utf-8")
    (folder / "two.txt").write_text("Apples are red and sweet. Pears are not.", encoding="utf-8")
    return IndexConfig(data_dir=tmp_path / "tokens")


def built(config: IndexConfig, folder: Path, *, tokens: bool = True) -> None:
    with open_for_writing(config, index_fingerprint(EMBEDDER, Chunking())) as store:
        build(store, EMBEDDER, Chunking(), plan(store, [folder]), tokens=tokens)


def test_a_document_s_tokens_come_and_go_with_it(token_config: IndexConfig, folder: Path) -> None:
    built(token_config, folder)
    with open_for_reading(token_config) as store:
        ids = [p.id for p in store.passages()]
        assert store.token_codes(ids).keys() == set(ids)
        assert len(ids) == 2
    (folder / "two.txt").unlink()
    built(token_config, folder)
    with open_for_reading(token_config) as store:
        assert store.token_codes(ids).keys() == {p.id for p in store.passages()}


def test_the_switch_keeps_no_tokens(token_config: IndexConfig, folder: Path) -> None:
    built(token_config, folder, tokens=False)
    with open_for_reading(token_config) as store:
        assert store.token_size() == (0, 0)
        assert not (token_config.store_dir / "tokens.sqlite3").exists()


def test_starting_anew_forgets_tokens(token_config: IndexConfig, folder: Path) -> None:
    built(token_config, folder)
    with open_for_writing(token_config, index_fingerprint(EMBEDDER, Chunking())) as store:
        store.clear(index_fingerprint(EMBEDDER, Chunking()))
        assert store.token_size() == (0, 0)


def test_an_index_made_without_them_has_no_rotation(store: Store) -> None:
    assert store.rotation(256) is None


def locked(path: Path) -> sqlite3.Connection:
    """Another program that has the file to itself."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    return other


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.storage.sqlite_file.LOCK_TIMEOUT", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_lock_held_elsewhere_costs_nothing_once_it_is_let_go(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = TokenCodesFile(tmp_path, "a")
    store.add("d", {"d:0-1": codes_of("Grey bridge.")})
    with closing(locked(tmp_path / "tokens.sqlite3")):
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                store.add("d", {"d:1-2": codes_of("It opened.")})
    assert "trying again (1 of 2)" in caplog.text
    store.add("d", {"d:1-2": codes_of("It opened.")})
    assert store.codes(["d:0-1", "d:1-2"]).keys() == {"d:0-1", "d:1-2"}


@pytest.mark.usefixtures("impatient")
def test_a_write_that_fails_in_the_middle_is_taken_back_and_the_next_one_works(tmp_path: Path) -> None:
    store = TokenCodesFile(tmp_path, "a")
    store.add("d", {"d:0-1": codes_of("Grey bridge.")})
    reader = sqlite3.connect(tmp_path / "tokens.sqlite3")
    reader.execute("begin")
    reader.execute("select * from codes").fetchone()
    with closing(reader), pytest.raises(sqlite3.OperationalError, match="locked"):  # when it commits
        store.add("d", {"d:1-2": codes_of("It opened.")})
    assert store.codes(["d:1-2"]) == {}
    store.add("d", {"d:2-3": codes_of("It is grey.")})
    assert store.size()[0] == 2


def test_codes_of_an_earlier_version_are_read_and_added_to(tmp_path: Path) -> None:
    kept = codes_of("Grey bridge.")
    with closing(sqlite3.connect(tmp_path / "tokens.sqlite3")) as old, old:
        old.execute("create table rotation (dimension integer primary key, matrix blob not null)")
        old.execute(
            "create table codes (collection text, document text, passage text, signs blob, starts blob, "
            "primary key (collection, passage)) without rowid"
        )
        old.execute("create index codes_of_document on codes (collection, document)")
        old.execute("insert into codes values ('a', 'd', 'p', ?, ?)", (kept.signs.tobytes(), kept.starts.tobytes()))
    store = TokenCodesFile(tmp_path, "a")
    assert np.array_equal(store.codes(["p"])["p"].signs, kept.signs)
    store.add("d", {"q": kept})
    assert store.codes(["p", "q"]).keys() == {"p", "q"}


def test_overwritten_codes_are_left_out_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = {f"d:{n}-9": codes_of(f"Grey bridge number {n}.") for n in range(3)}
    TokenCodesFile(tmp_path, "a").add("d", kept)
    path = tmp_path / "tokens.sqlite3"
    signs = kept["d:1-9"].signs.tobytes()
    data = path.read_bytes()
    path.write_bytes(data.replace(signs, bytes(len(signs)), 1))
    assert TokenCodesFile(tmp_path, "a").codes(list(kept)).keys() == {"d:0-9", "d:2-9"}
    assert "d:1-9 are damaged" in caplog.text


def test_a_rotation_overwritten_in_places_is_known_again_and_one_that_is_lost_takes_its_codes(tmp_path: Path) -> None:
    store = TokenCodesFile(tmp_path, "a")
    rotation = store.ensure_rotation(256)
    store.add("d", {"p": codes_of("Grey bridge.")})

    def overwrite(start: int, count: int) -> TokenCodesFile:
        held = rotation.copy()
        held[start : start + count] = 7
        with closing(sqlite3.connect(tmp_path / "tokens.sqlite3")) as connection, connection:
            connection.execute("update rotation set matrix = ?", (held.tobytes(),))
        return TokenCodesFile(tmp_path, "a")

    again = overwrite(3, 9).rotation(256)
    assert again is not None
    assert np.array_equal(again, rotation)
    lost = overwrite(0, 250)
    assert lost.rotation(256) is None
    lost.ensure_rotation(256)
    assert lost.size() == (0, 0)


@pytest.mark.parametrize("cut", [0.0, 0.01, 0.5, 0.9])
def test_a_cut_file_is_done_without_and_what_can_be_read_is_salvaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cut: float
) -> None:
    for collection in ("a", "b"):
        store = TokenCodesFile(tmp_path, collection)
        rotation = store.ensure_rotation(256)
        store.add_all((f"d{n}", {f"d{n}:0-9": codes_of(f"Bridge {n}. " * 30)}) for n in range(60))
    path = tmp_path / "tokens.sqlite3"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * cut)])
    ids = [f"d{n}:0-9" for n in range(60)]
    damaged = TokenCodesFile(tmp_path, "a")
    damaged.codes(ids)
    damaged.rotation(256)
    damaged.size()
    damaged.documents()
    damaged.remove(["d1"])
    damaged.add("d", {"d:0-9": codes_of("Another.")})
    if not cut:
        assert damaged.is_sound()  # as if there were none
        return
    assert "done without" in caplog.text
    assert not damaged.is_sound()
    kept = damaged.salvage(ids)
    assert damaged.is_sound()
    assert damaged.size()[0] + TokenCodesFile(tmp_path, "b").size()[0] == kept
    assert kept > 60 or cut < 0.9
    damaged.ensure_rotation(256)
    damaged.add("d", {"d:0-9": codes_of("Another.")})
    assert TokenCodesFile(tmp_path, "a").codes(["d:0-9"])
    assert np.array_equal(damaged.ensure_rotation(256), rotation)
