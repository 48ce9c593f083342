"""Damage done for real is found, named and repaired."""

import shutil
import sqlite3
from argparse import Namespace
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import jobs_apart as jobs
import pytest
from jobs_apart import CUT, NotedEmbedder, carry_out, found_by_word, whole, write_documents

from index.config import IndexConfig
from index.duplicates.near_duplicates import NearDuplicateIndex
from index.errors import IndexBrokenError
from index.ingest.file_cache import FILE as DIGESTS
from index.maintenance.check import CheckResult, check_index
from index.maintenance.repair import make_openable, repair_index
from index.storage.open import open_for_reading, open_for_writing
from index.storage.store import Store
from ui.cli.commands import doctor
from ui.settings import configuration

FILES = 8


def damaged(home: Path, damage: Callable[[Store], None]) -> None:
    with open_for_writing(IndexConfig(data_dir=home / "data"), {}) as store:
        damage(store)


def look(home: Path) -> tuple[dict[str, str], CheckResult]:
    with open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        found = check_index(store, home / "data", tokens=True)
    return {finding.check: finding.message for finding in found.findings}, found


def cannot_be_opened(home: Path) -> None:
    with pytest.raises(IndexBrokenError, match=r"graph of passages .* is damaged.*onrecord doctor --repair"):
        look(home)


def repair(home: Path, expected: str) -> None:
    """In processes of their own, since Chroma keeps in memory what was damaged on disk."""
    if expected == "unopenable":
        carry_out(cannot_be_opened, home)
    else:
        carry_out(_found, home, expected)
    carry_out(_mended, home)
    carry_out(_sound, home)


def _found(home: Path, expected: str) -> None:
    said, _ = look(home)
    assert expected in said, said


def _mended(home: Path) -> None:
    make_openable(IndexConfig(data_dir=home / "data"))
    with open_for_writing(IndexConfig(data_dir=home / "data"), {}) as store:
        found = check_index(store, home / "data", tokens=True)
        done = repair_index(store, NotedEmbedder(home / "embedded.log"), CUT, found, data_dir=home / "data")
        assert done


def _sound(home: Path) -> None:
    said, found = look(home)
    assert said == {}
    with open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        for info in store.documents():
            whole(store, info.id)
            found_by_word(store, info.id)
        assert store.count() == found.passages


def _asked(home: Path) -> None:
    with open_for_reading(IndexConfig(data_dir=home / "data")) as store:
        store.keyword.search("river", 3)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made")
    write_documents(home / "documents", FILES, 400)  # Chroma writes vectors out every 1,000
    carry_out(jobs.index, home)
    carry_out(_asked, home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "data", tmp_path / "data")
    return tmp_path


def some_passages(store: Store) -> list[str]:
    return [passage.id for passage in store.passages_of(store.documents()[0].id)]


def lose_passages(home: Path) -> None:
    damaged(home, lambda store: store._database.passages.delete(some_passages(store)[2:4]))


def alter_passage(home: Path) -> None:
    def alter(store: Store) -> None:
        id_ = some_passages(store)[0]
        store._database.passages.update(id_, store.vectors([id_])[id_].tolist(), documents="Other words.")

    damaged(home, alter)


def lose_tokens(home: Path) -> None:
    with closing(sqlite3.connect(home / "data/chroma/tokens.sqlite3")) as connection, connection:
        connection.execute("delete from codes where document in (select min(document) from codes)")


def lose_all_tokens(home: Path) -> None:
    (home / "data/chroma/tokens.sqlite3").unlink()


def stray_passages(home: Path) -> None:
    def lose_head(store: Store) -> None:
        id_ = store.documents()[0].id
        store._database.documents.delete(where={"document_id": id_})

    damaged(home, lose_head)


def half_written(home: Path) -> None:
    damaged(
        home,
        lambda store: store._database.documents.update(f"{store.documents()[0].id}#0", metadatas={"finished": False}),
    )


def alter_text(home: Path) -> None:
    def alter(store: Store) -> None:
        info = store.documents()[0]
        store._database.documents.update(f"{info.id}#0", [0.5], documents="x" * info.size)

    damaged(home, alter)


def keyword_cut(home: Path) -> None:
    for file in (home / "data/chroma/keyword").rglob("*.json"):
        file.write_text("{")


def keyword_behind(home: Path) -> None:
    def put(store: Store) -> None:
        store.keyword.replace(store.documents()[0].id, ())
        store.keyword.flush()

    damaged(home, put)


def copies_lost(home: Path) -> None:
    (home / "data/chroma/near_duplicates.sqlite3").write_bytes(b"no database" * 500)


def digests_lost(home: Path) -> None:
    (home / "data" / DIGESTS).write_bytes(b"no database" * 500)


def _segments(home: Path) -> list[Path]:
    """The folders of vectors; those of passages are by far the largest."""
    folders = [path.parent for path in (home / "data/chroma").glob("*/data_level0.bin")]
    return sorted(folders, key=lambda path: -(path / "data_level0.bin").stat().st_size)


def vectors_deleted(home: Path) -> None:
    shutil.rmtree(_segments(home)[0])


def vectors_cut(home: Path) -> None:
    with (_segments(home)[0] / "data_level0.bin").open("r+b") as file:
        file.truncate(1000)


def vectors_unreadable(home: Path) -> None:
    (_segments(home)[0] / "index_metadata.pickle").write_bytes(b"junk")


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (lose_passages, "passages"),
        pytest.param(alter_passage, "passages", marks=pytest.mark.slow),
        pytest.param(alter_text, "texts", marks=pytest.mark.slow),
        (lose_tokens, "tokens"),
        pytest.param(lose_all_tokens, "tokens", marks=pytest.mark.slow),
        (stray_passages, "orphans"),
        pytest.param(half_written, "orphans", marks=pytest.mark.slow),
        (keyword_cut, "keyword"),
        pytest.param(keyword_behind, "keyword", marks=pytest.mark.slow),
        pytest.param(copies_lost, "copies", marks=pytest.mark.slow),
        pytest.param(digests_lost, "digests", marks=pytest.mark.slow),
        (vectors_deleted, "vectors"),
        pytest.param(vectors_cut, "unopenable", marks=pytest.mark.slow),
        pytest.param(vectors_unreadable, "passages", marks=pytest.mark.slow),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_damage_is_found_and_repaired(home: Path, damage: Callable[[Path], None], check: str) -> None:
    carry_out(damage, home)
    repair(home, check)


def test_the_command_repairs_an_index_that_cannot_even_be_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (_segments(home)[0] / "data_level0.bin").open("r+b") as file:
        file.seek(2_000)
        file.write(b"\xff" * 20_000)
    for line in ("_model", "_backend", "_reranker", "_language_model"):
        monkeypatch.setattr(doctor, line, lambda *given: "not asked here")
    monkeypatch.setattr(doctor, "embedder_for", lambda config: None)
    monkeypatch.setattr(doctor, "embedder_for_index", lambda store, config: NotedEmbedder(home / "embedded.log"))
    monkeypatch.setattr(doctor, "Chunking", lambda words: CUT)
    config = configuration({}, {"data_dir": str(home / "data")}, home / "none.toml")
    assert doctor.run(config, Namespace(json=False, repair=False)) == 1
    assert "doctor --repair" in capsys.readouterr().out
    assert doctor.run(config, Namespace(json=False, repair=True)) == 0
    said = capsys.readouterr().out
    assert "repaired  links that led nowhere were cut" in said
    assert "repaired  the graph was made anew" in said
    assert "ok    graph" in said
    carry_out(_sound, home)


def test_a_sound_index_has_nothing_to_say(made: Path) -> None:
    said, found = look(made)
    assert said == {}
    assert found.documents == FILES
    assert found.passages == found.passages_with_codes > 1_000


def test_a_rebuild_that_was_stopped_is_removed(home: Path) -> None:
    write_documents(home / "documents", FILES, 5, seed=9)
    process = jobs.begin(jobs.killed_at_call, "rebuild", home, 4, True)
    process.join(60)
    repair(home, "rebuild")


def test_a_full_disk_is_said_and_left(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = shutil.disk_usage(made)
    monkeypatch.setattr("index.maintenance.check.shutil.disk_usage", lambda path: usage._replace(free=1_000_000))
    said, _ = look(made)
    assert said == {"space": f"only 1 MB are free on the disk of {made / 'data'}"}


@pytest.mark.slow
def test_links_to_a_document_that_is_gone_are_dropped(home: Path) -> None:
    def gone(store: Store) -> None:
        info = store.documents()[0]
        store.remove(info.id)
        assert (
            NearDuplicateIndex(store.local_folder, store.name).count_out_of_step(
                frozenset(i.id for i in store.documents())
            )
            == 1
        )

    damaged(home, gone)
    repair(home, "copies")
