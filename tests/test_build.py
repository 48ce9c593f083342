import os
import re
import stat
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import WordEmbedder

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.protocol import Vectors
from index.errors import IndexBrokenError, UnreadableFileError
from index.ingest.build import build
from index.ingest.plan import plan
from index.ingest.rebuild import rebuild
from index.reading.stored_path import from_stored_path, to_stored_path
from index.storage.open import index_fingerprint, open_for_writing
from index.storage.store import Store
from index.storage.writer import DocumentEntry


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def bring_in_step(store: Store, words: WordEmbedder, *paths: Path):  # noqa: ANN201
    return build(store, words, Chunking(), plan(store, paths))


def titles(store: Store) -> set[str]:
    return {Path(d.source).stem for d in store.documents()}


def test_unchanged_files_are_skipped_changed_replaced_and_gone_removed(
    store: Store, words: WordEmbedder, folder: Path
) -> None:
    write(folder, same="It stays as it is.", changing="Before the change.", going="Soon gone.")
    assert bring_in_step(store, words, folder).new == 3
    embedded = words.embedded
    write(folder, changing="After the change.", coming="Just arrived.")
    (folder / "going.txt").unlink()
    report = bring_in_step(store, words, folder)
    assert (report.new, report.changed, report.same, report.gone) == (1, 1, 1, 1)
    assert words.embedded == embedded + 2
    assert titles(store) == {"same", "changing", "coming"}
    assert {p.text for p in store.passages()} == {"It stays as it is.", "After the change.", "Just arrived."}


def test_an_unchanged_run_embeds_nothing(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, one="One.", two="Two.")
    bring_in_step(store, words, folder)
    embedded = words.embedded
    assert bring_in_step(store, words, folder).same == 2
    assert words.embedded == embedded


def test_the_same_text_in_two_files_is_one_document(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, one="The very same words.", two="The very same words.")
    assert bring_in_step(store, words, folder).new == 2
    assert len(store.documents()) == 1
    (folder / "one.txt").unlink()
    bring_in_step(store, words, folder)
    assert len(store.documents()) == 1


def test_two_files_that_change_places_both_stay(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, a="The first text.", b="The second text.")
    bring_in_step(store, words, folder)
    write(folder, a="The second text.", b="The first text.")
    bring_in_step(store, words, folder)
    assert {p.text for p in store.passages()} == {"The first text.", "The second text."}
    assert bring_in_step(store, words, folder).same == 2


def test_one_bad_file_is_listed_and_stops_nothing(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, good="Good words.", empty="")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    report = bring_in_step(store, words, folder)
    assert report.new == 1
    assert sorted(Path(path).name for path, _ in report.failed) == ["empty.txt", "picture.txt"]
    assert all(re.search(r"empty\.txt|picture\.txt", reason) for _, reason in report.failed)


def test_a_file_that_goes_bad_keeps_what_was_indexed(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, one="Still worth having.")
    bring_in_step(store, words, folder)
    write(folder, one="")
    assert len(bring_in_step(store, words, folder).failed) == 1
    assert {p.text for p in store.passages()} == {"Still worth having."}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_listed(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, secret="Nobody reads this.", open="Everybody reads this.")
    (folder / "secret.txt").chmod(stat.S_IWUSR)
    assert [Path(p).name for p, _ in bring_in_step(store, words, folder).failed] == ["secret.txt"]


def test_a_missing_path_is_an_error_before_anything_is_done(store: Store, words: WordEmbedder, folder: Path) -> None:
    write(folder, one="One.")
    with pytest.raises(UnreadableFileError, match="nowhere"):
        bring_in_step(store, words, folder, folder / "nowhere")
    assert store.count() == 0


def test_files_outside_the_given_paths_are_left_alone(store: Store, words: WordEmbedder, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "ab").mkdir()
    write(folder / "a", one="One.")
    write(folder / "ab", two="Two.")
    bring_in_step(store, words, folder)
    (folder / "ab" / "two.txt").unlink()
    assert bring_in_step(store, words, folder / "a").gone == 0
    assert bring_in_step(store, words, folder / "ab").gone == 1


def test_an_interrupted_build_goes_on_where_it_was(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.batches.PASSAGES_PER_BATCH", 1)
    write(folder, **{f"f{n}": f"File number {n}." for n in range(5)})
    seen = []

    def stop_after_two(done: int, total: int, name: str) -> None:
        if "passages" not in name:
            seen.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(store, words, Chunking(), plan(store, [folder]), stop_after_two)
    assert seen == [(1, 5), (2, 5)]
    report = bring_in_step(store, words, folder)
    assert (report.new, report.same) == (3, 2)
    assert len(store.documents()) == 5


def test_rebuilding_takes_new_chunking_without_the_files(
    words: WordEmbedder, config: IndexConfig, folder: Path
) -> None:
    write(folder, one="One sentence here. " * 30)
    with open_for_writing(config, index_fingerprint(words, Chunking())) as store:
        bring_in_step(store, words, folder)
        before = store.count()
        (folder / "one.txt").unlink()
        rebuild(store, words, Chunking(12))
        store.check(index_fingerprint(words, Chunking(12)))
        assert store.count() > before
        assert len(store.files()) == 1


def test_file_names_of_any_bytes_survive(folder: Path, store: Store, words: WordEmbedder) -> None:
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9 \xf0\x9f\x98\x80.txt"))
    odd.write_text("Odd name, plain words.", encoding="utf-8")
    assert from_stored_path(to_stored_path(odd)) == odd.resolve()
    assert bring_in_step(store, words, folder).failed == ()
    assert bring_in_step(store, words, folder).same == 1


def test_a_bad_file_between_batches_is_listed_and_stops_nothing(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.batches.PASSAGES_PER_BATCH", 1)
    write(folder, a="Alpha.", c="Gamma.")
    (folder / "b.txt").write_bytes(b"")
    told: list[int] = []
    report = build(store, words, Chunking(), plan(store, [folder]), lambda done, total, name: told.append(done))
    assert (report.new, report.passages) == (2, 2)
    assert [Path(path).name for path, _ in report.failed] == ["b.txt"]
    assert told == sorted(told)
    assert told[-1] == 3


def test_a_failing_database_is_raised_and_what_was_written_stays(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.batches.PASSAGES_PER_BATCH", 1)
    write(folder, **{f"f{n}": f"File number {n}." for n in range(9)})
    real, calls = Store.add_all, []

    def failing(self: Store, entries: Sequence[DocumentEntry]) -> None:
        calls.append(entries)
        if len(calls) == 3:
            raise IndexBrokenError("The disk is full.")
        real(self, entries)

    monkeypatch.setattr(Store, "add_all", failing)
    with pytest.raises(IndexBrokenError, match="disk is full"):
        build(store, words, Chunking(), plan(store, [folder]))
    monkeypatch.undo()
    assert len(store.documents()) == 2
    report = bring_in_step(store, words, folder)
    assert (report.new, report.same) == (7, 2)


def test_an_error_of_the_encoder_ends_all_stages(store: Store, folder: Path) -> None:
    class Failing(WordEmbedder):
        def embed(self, texts: Sequence[str]) -> Vectors:
            raise RuntimeError("out of memory")

    write(folder, one="One.")
    with pytest.raises(RuntimeError, match="out of memory"):
        build(store, Failing(), Chunking(), plan(store, [folder]))
    assert not [t for t in threading.enumerate() if t.name in ("ahead", "behind")]
    assert store.documents() == []


def test_a_text_that_moves_to_a_file_of_a_later_batch_stays(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.ingest.batches.PASSAGES_PER_BATCH", 1)
    write(folder, a="Alpha.", b="Beta.", c="Gamma.")
    bring_in_step(store, words, folder)
    write(folder, a="Delta.", b="Epsilon.", c="Alpha.")
    assert bring_in_step(store, words, folder).changed == 3
    texts = sorted(store.document(info.id).text.strip() for info in store.documents())
    assert texts == ["Alpha.", "Delta.", "Epsilon."]


def test_documents_of_a_batch_are_whole_or_not_there(
    store: Store, words: WordEmbedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, one="One.", two="Two.")

    def broken(*_: object) -> None:
        raise IndexBrokenError("Stopped between passages and their tokens.")

    monkeypatch.setattr("index.storage.token_codes.file.TokenCodesFile.add_all", broken)
    with pytest.raises(IndexBrokenError):
        bring_in_step(store, words, folder)
    monkeypatch.undo()
    assert store.documents() == []
    assert list(store.passages()) == []
    assert store.sweep() == 2
    assert store.count() == 0
