import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from conftest import WordEmbedder

from index.chunking.chunk import Chunking, chunk
from index.config import IndexConfig
from index.errors import IndexBrokenError, IndexBusyError, IndexMismatchError, IndexMissingError
from index.ingest.build import build
from index.ingest.plan import plan
from index.schema import Document, FileRecord, Passage, Section
from index.storage.chroma.client import named_failures
from index.storage.chroma.vectors import add_passages
from index.storage.open import index_fingerprint, open_for_reading, open_for_writing
from index.storage.shared_handle import SharedHandle
from index.storage.store import Store
from index.storage.token_codes.file import TokenCodesFile
from index.system.locking import UNCHANGED, lock


def document(name: str, text: str) -> Document:
    return Document(
        name, f"Title of {name}", f"/somewhere/{name}.txt", text, {"date": "2025-02-12"}, (Section(0, "heading", "H"),)
    )


def put(store: Store, words: WordEmbedder, doc: Document) -> None:
    passages = chunk(doc, Chunking())
    store.add(doc, passages, words.embed([p.text for p in passages]))


def test_a_document_comes_back_as_it_was(store: Store, words: WordEmbedder) -> None:
    long = document("long", "A sentence with “quotes” and 😀. " * 20_000)
    put(store, words, long)
    assert store.document("long") == long
    assert all(p.text == long.text[p.start : p.end] for p in store.passages())
    assert store.documents()[0].passages == store.count()


def test_ids_and_single_documents_are_known_without_the_list_and_follow_what_is_written(
    store: Store, words: WordEmbedder
) -> None:
    assert store.ids() == frozenset()
    put(store, words, document("one", "The first."))
    put(store, words, document("two", "The second."))
    assert store.ids() == {"one", "two"}
    assert store.document_infos(["two", "three"]).keys() == {"two"}
    store.remove("one")
    assert (store.has("one"), store.has("two")) == (False, True)
    assert store.document_infos(["one", "two"]) == {info.id: info for info in store.documents()}
    put(store, words, document("one", "The first."))
    assert store.ids() == {"one", "two"} == store.document_infos(["one", "two"]).keys()


def test_a_document_that_is_being_removed_is_not_listed_by_who_reads_the_list_meanwhile(
    store: Store, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, words, document("one", "The first."))
    change = type(store._database.documents).update

    def update_after_a_look(*given, **named) -> None:  # noqa: ANN002, ANN003
        assert [info.id for info in store.documents()] == ["one"]
        change(*given, **named)

    monkeypatch.setattr(type(store._database.documents), "update", update_after_a_look)
    store.remove("one")
    assert store.documents() == []


def test_nearest_gives_true_cosines_best_first(store: Store, words: WordEmbedder) -> None:
    for name, text in {"cats": "Cats purr at night.", "dogs": "Dogs bark at noon.", "fish": "Fish swim."}.items():
        put(store, words, document(name, text))
    query = words.embed_query("cats purr")
    found = store.nearest(query, 3)
    assert found[0][0].startswith("cats:")
    vectors = store.vectors([id_ for id_, _ in found])
    for id_, cosine in found:
        assert cosine == pytest.approx(float(vectors[id_] @ query), abs=1e-4)
    assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)


def test_an_unfinished_document_is_invisible_and_swept(
    store: Store, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, words, document("whole", "A whole one."))

    def interrupted(collection, passages, vectors) -> None:  # noqa: ANN001
        add_passages(collection, passages[:1], vectors[:1])
        raise KeyboardInterrupt

    monkeypatch.setattr("index.storage.writer.add_passages", interrupted)
    with pytest.raises(KeyboardInterrupt):
        put(store, words, document("half", "Half of it. " * 400))
    assert [d.id for d in store.documents()] == ["whole"]
    assert {p.document_id for p in store.passages()} == {"whole"}
    assert all(id_.startswith("whole:") for id_, _ in store.nearest(words.embed_query("half of it"), 5))
    with pytest.raises(IndexMissingError):
        store.document("half")
    assert store.sweep() == 1
    assert store.count() == 1


def test_a_document_goes_with_its_last_file(store: Store, words: WordEmbedder) -> None:
    put(store, words, document("twice", "The same words in two files."))
    store.record_file(FileRecord("/a.txt", "00", "twice"))
    store.record_file(FileRecord("/b.txt", "00", "twice"))
    store.forget_file("/a.txt")
    assert store.has("twice")
    store.forget_file("/b.txt")
    assert not store.has("twice")
    assert store.count() == 0


def test_an_index_made_otherwise_is_refused_with_the_way_out(store: Store, words: WordEmbedder) -> None:
    store.check(index_fingerprint(words, Chunking()))
    with pytest.raises(IndexMismatchError, match=r"chunking was.*onrecord rebuild"):
        store.check(index_fingerprint(words, Chunking(90)))


def test_a_writer_is_alone_but_for_readers_between_two_writes(config: IndexConfig, words: WordEmbedder) -> None:
    made_with = index_fingerprint(words, Chunking())
    with open_for_writing(config, made_with) as store:
        with open_for_reading(config) as one, open_for_reading(config) as other:
            assert one.count() == other.count() == 0
        with pytest.raises(IndexBusyError, match=UNCHANGED), open_for_writing(config, made_with):
            pass
        with store.pause_writes(), pytest.raises(IndexBusyError, match="being written"):
            SharedHandle(config.data_dir, patience=0.3)


def test_a_reader_that_does_not_let_go_keeps_a_writer_out(
    config: IndexConfig, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_with = index_fingerprint(words, Chunking())
    with open_for_writing(config, made_with):
        pass
    monkeypatch.setattr("index.system.locking.IndexLock.acquire_exclusive.__defaults__", (0.3, None))
    with (
        lock(config.data_dir, write=False),
        pytest.raises(IndexBusyError, match=UNCHANGED),
        open_for_writing(config, made_with),
    ):
        pass


def test_no_index_says_how_to_make_one(config: IndexConfig) -> None:
    with pytest.raises(IndexMissingError, match="onrecord index"), open_for_reading(config):
        pass


@pytest.mark.parametrize("damage", ["overwritten", "truncated"])
def test_a_damaged_database_is_named_not_traced(tmp_path: Path, words: WordEmbedder, damage: str) -> None:
    made = IndexConfig(data_dir=tmp_path / "made")
    with open_for_writing(made, index_fingerprint(words, Chunking())) as store:
        put(store, words, document("one", "Some words."))
    # A copy, because the first database stays open inside this process.
    damaged = IndexConfig(data_dir=tmp_path / "damaged")
    shutil.copytree(made.data_dir, damaged.data_dir)
    database = damaged.store_dir / "chroma.sqlite3"
    if damage == "overwritten":
        database.write_bytes(b"not a database at all" * 500)
    else:
        database.write_bytes(database.read_bytes()[:4096])
    with (
        pytest.raises(IndexBrokenError, match=r"damaged.*Your documents are untouched"),
        open_for_reading(damaged) as store,
    ):
        store.documents()


def test_a_document_is_out_of_sight_before_any_of_it_goes(
    store: Store, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, words, document("gone", "It goes. " * 400))
    seen: list[bool] = []
    first = TokenCodesFile.remove

    def look(self: TokenCodesFile, ids: Iterable[str]) -> None:
        seen.append(store.has("gone") or bool(store.documents()) or bool(list(store.passages())))
        first(self, ids)

    monkeypatch.setattr(TokenCodesFile, "remove", look)
    store.remove("gone")
    assert seen == [False]


def test_a_document_finished_while_passages_are_read_does_not_come_in_part(
    store: Store, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, words, document("first", "It was there before. " * 400))
    monkeypatch.setattr("index.storage.chroma.records.RECORDS_PER_REQUEST", 1)
    walks: list[Iterator[Passage]] = []

    def begun(collection, passages, vectors) -> None:  # noqa: ANN001
        add_passages(collection, passages, vectors)
        if not walks:
            walks.append(store.passages())
            next(walks[0])

    monkeypatch.setattr("index.storage.writer.add_passages", begun)
    put(store, words, document("second", "It came meanwhile. " * 400))
    assert store.has("second")
    assert {p.document_id for p in walks[0]} == {"first"}
    assert {p.document_id for p in store.passages()} == {"first", "second"}


@pytest.mark.parametrize("at_once", [1, 7])
def test_any_number_of_files_of_one_text_is_listed_changed_and_forgotten(
    store: Store, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """As if the database took ``at_once`` values in a statement."""
    monkeypatch.setattr("index.storage.chroma.records.RECORDS_PER_REQUEST", at_once)
    asked = _refusing_more_than(store, at_once, monkeypatch)
    put(store, words, document("one", "The same words in many files. " * 300))
    paths = [f"/a.zip!/{n}.txt" for n in range(20)]
    store.record_files([FileRecord(path, "00", "one") for path in paths])
    store.record_files([FileRecord(path, "00", "gone") for path in paths[:10]])
    assert store.files().keys() == set(paths)
    assert store.files_of("one") == sorted(paths[10:])
    store.release_documents(["one", "gone"])
    assert store.documents()[0].source == min(paths[10:])
    assert len(list(store.passages())) == len(store.passages_of("one")) == store.count() > 7
    assert store.vectors([p.id for p in store.passages()]).keys() == {p.id for p in store.passages()}
    store.forget_files(paths[:-1])
    assert store.files().keys() == {paths[-1]}
    store.remove("one")
    assert (store.documents(), store.files(), store.count()) == ([], {}, 0)
    assert asked


def _refusing_more_than(store: Store, most: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have Chroma fail as it does beyond 32,766 values: given by name, or found and read with more than their ids."""
    kind, asked = type(store._database.files), []
    get = kind.get

    def limited(self, ids=None, where=None, limit=None, include=("metadatas", "documents"), **more):  # noqa: ANN001, ANN003, ANN202
        asked.append(str(include))
        found = get(self, ids, where=where, limit=limit, include=list(include), **more)
        named = ids if isinstance(ids, list) else []
        if len(named) > most or (include and len(found["ids"]) > most):
            raise RuntimeError("too many SQL variables")
        return found

    monkeypatch.setattr(kind, "get", limited)
    return asked


@pytest.mark.slow
def test_an_archive_of_more_files_than_sqlite_takes_values_is_indexed_and_listed(
    store: Store, words: WordEmbedder, folder: Path
) -> None:
    with zipfile.ZipFile(folder / "many.zip", "w") as archive:
        for n in range(33_000):
            archive.writestr(f"{n}.txt", "One text.")
    assert build(store, words, Chunking(), plan(store, [folder])).new == 33_000
    (info,) = store.documents()
    assert len(store.files_of(info.id)) == len(store.files()) == 33_000
    again = plan(store, [folder])
    assert (len(again.same), again.new) == (33_000, ())
    (folder / "many.zip").unlink()
    build(store, words, Chunking(), plan(store, [folder]))
    assert (store.files(), store.documents()) == ({}, [])


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ("error returned from database: (code: 5) database is locked", IndexBusyError, "in use by another program"),
        ("(code: 1) too many SQL variables", IndexBrokenError, "Nothing is damaged"),
        ("database disk image is malformed", IndexBrokenError, "is damaged"),
    ],
)
def test_only_damage_is_called_damage(tmp_path: Path, said: str, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind, match=told), named_failures(tmp_path):
        raise RuntimeError(said)
