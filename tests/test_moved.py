"""Files that move, and files that hold the same: planned as such, and never read or embedded twice."""

import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import WordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from known_files import Known

from index.chunking.chunk import Chunking
from index.ingest.build import build
from index.ingest.plan import Plan, plan
from index.ingest.report import BuildReport
from index.schema import FileRecord
from index.storage.store import Store
from ui.library.collections import Collections

Step = Callable[..., tuple[Plan, BuildReport]]


def write(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def moves(planned: Plan) -> dict[str, str]:
    return {Path(move.before).name: Path(move.record.path).name for move in planned.moved}


@pytest.fixture
def step(store: Store, words: WordEmbedder) -> Step:
    def bring_in_step(*paths: Path) -> tuple[Plan, BuildReport]:
        planned = plan(store, paths)
        return planned, build(store, words, Chunking(), planned)

    return bring_in_step


def test_a_moved_file_is_carried_over_unread(
    store: Store, words: WordEmbedder, folder: Path, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, old="The bridge opened in 1932.", other="The ferry closed.")
    step(folder)
    embedded = words.embedded
    (folder / "old.txt").rename(folder / "new.txt")
    monkeypatch.setattr("index.ingest.build.load", lambda *_: pytest.fail("a moved file was read as a document"))
    planned, report = step(folder)
    assert (moves(planned), planned.new, planned.gone) == ({"old.txt": "new.txt"}, (), ())
    assert (report.new, report.gone, len(report.moved), words.embedded) == (0, 0, 1, embedded)
    assert {Path(info.source).name for info in store.documents()} == {"new.txt", "other.txt"}
    assert {Path(name).name for name in store.files()} == {"new.txt", "other.txt"}
    assert {Path(p.source).name for p in store.passages()} == {"new.txt", "other.txt"}
    assert step(folder)[0].same == tuple(sorted(store.files()))
    assert json.loads(json.dumps(asdict(planned)))["moved"][0]["before"].endswith("old.txt")


def test_a_folder_that_moved_is_recognised_from_its_new_place_alone(
    store: Store,
    words: WordEmbedder,
    folder: Path,
    step: Step,
) -> None:
    write(folder / "a", one="One.", two="Two.")
    step(folder / "a")
    (folder / "a").rename(folder / "b")
    planned, _ = step(folder / "b")
    assert moves(planned) == {"one.txt": "one.txt", "two.txt": "two.txt"}
    assert {Path(name).parent.name for name in store.files()} == {"b"}


def test_a_copy_elsewhere_is_no_move(folder: Path, step: Step) -> None:
    write(folder / "a", one="One.")
    step(folder / "a")
    write(folder / "b", one="One.")
    planned, _ = step(folder / "b")
    assert (planned.moved, len(planned.new)) == ((), 1)


def test_another_ending_is_read_anew(folder: Path, step: Step) -> None:
    write(folder, one="# One\n\nWords.")
    step(folder)
    (folder / "one.txt").rename(folder / "one.md")
    planned, _ = step(folder)
    assert (planned.moved, len(planned.new), len(planned.gone)) == ((), 1, 1)


def test_of_files_with_the_same_words_each_moves_once(store: Store, folder: Path, step: Step) -> None:
    write(folder / "a", one="Same.", two="Same.")
    step(folder)
    (folder / "a").rename(folder / "b")
    planned, report = step(folder)
    assert moves(planned) == {"one.txt": "one.txt", "two.txt": "two.txt"}
    assert (report.gone, len(store.documents()), len(store.files())) == (0, 1, 2)


def test_the_members_of_an_archive_move_with_it(store: Store, words: WordEmbedder, folder: Path, step: Step) -> None:
    with zipfile.ZipFile(folder / "old.zip", "w") as archive:
        archive.writestr("in/one.txt", "One.")
        archive.writestr("two.txt", "Two.")
    step(folder)
    embedded = words.embedded
    (folder / "old.zip").rename(folder / "new.zip")
    planned, _ = step(folder)
    assert (len(planned.moved), words.embedded) == (2, embedded)
    assert all("/new.zip!/" in name for name in store.files())


def test_a_move_killed_half_way_is_finished_by_the_next_run(
    store: Store,
    folder: Path,
    step: Step,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(folder, old="The bridge opened in 1932.")
    step(folder)
    (folder / "old.txt").rename(folder / "new.txt")

    def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store, "forget_files", killed)
        step(folder)
    step(folder)
    assert [Path(info.source).name for info in store.documents()] == ["new.txt"]
    assert [Path(name).name for name in store.files()] == ["new.txt"]


def test_duplicates_are_named_and_indexed_once(store: Store, words: WordEmbedder, folder: Path, step: Step) -> None:
    write(folder, a="The very same words.", b="The very same words.")
    (folder / "c.md").write_text("The very same words.\n\n")
    planned, report = step(folder)
    assert [(Path(d.path).name, Path(d.of).name) for d in planned.duplicates] == [("b.txt", "a.txt")]
    assert {(Path(d.path).name, Path(d.of).name) for d in report.duplicates} == {
        ("b.txt", "a.txt"),
        ("c.md", "a.txt"),
    }
    assert (words.embedded, len(store.documents())) == (1, 1)
    planned, report = step(folder)
    assert (len(planned.same), len(planned.duplicates), report.duplicates) == (3, 1, ())


def test_a_document_whose_file_changes_is_said_to_be_from_its_copy(store: Store, folder: Path, step: Step) -> None:
    write(folder, a="The very same words.", b="The very same words.")
    step(folder)
    write(folder, a="Other words.")
    step(folder)
    assert {Path(i.source).name: store.document(i.id).text for i in store.documents()} == {
        "a.txt": "Other words.",
        "b.txt": "The very same words.",
    }


def test_a_collection_keeps_a_document_that_moves_and_then_changes(
    store: Store,
    folder: Path,
    tmp_path: Path,
    step: Step,
) -> None:
    write(folder, old="The bridge opened in 1932.")
    step(folder)
    collections = Collections(tmp_path / "library", store.documents)
    collections.add("Bridges", store.documents())
    (folder / "old.txt").rename(folder / "new.txt")
    _, report = step(folder)
    collections.update_paths((move.before, move.record.path) for move in report.moved)
    write(folder, new="The bridge opened in 1933.")
    step(folder)
    assert collections.members() == {"Bridges": frozenset(info.id for info in store.documents())}


_NAMES = st.sampled_from(
    [f"{place}/{name}" for place in ("a", "a/b", "c", "d!") for name in ("x.txt", "y.txt", "z.md")]
)
_FILES = st.dictionaries(_NAMES, st.sampled_from(["One.", "Two."]))


@settings(max_examples=80, deadline=None)
@given(before=_FILES, now=_FILES)
def test_of_several_that_moved_the_one_that_kept_its_name_is_taken(before: dict[str, str], now: dict[str, str]) -> None:
    with TemporaryDirectory() as place:
        home = Path(place).resolve()
        for name, text in now.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        known = {
            f"{home}/{name}": FileRecord(f"{home}/{name}", sha256(text.encode()).hexdigest(), name)
            for name, text in before.items()
        }
        roots = [home / name for name in ("a", "d!") if (home / name).exists()]
        found = plan(Known(known), roots)
    under = tuple(f"{root}/" for root in roots)
    gone = [name for name in known if not (home / name).exists() and name not in {f"{home}/{n}" for n in now}]
    left = list(gone)
    moved = []
    for name in sorted(f"{home}/{name}" for name in now if f"{home}/{name}" not in known):
        if name.startswith(under):
            same = [old for old in left if _alike(known[old], name, now[name.removeprefix(f"{home}/")])]
            if same:
                best = max(same, key=lambda old: (Path(old).name == Path(name).name, old.startswith(under)))
                left.remove(best)
                moved.append((best, name))
    assert [(move.before, move.record.path) for move in found.moved] == moved
    assert list(found.gone) == [name for name in left if name.startswith(under)]
    held = [*found.same, *(name for _, name in moved)]
    rest = [record.path for record in (*found.new, *found.changed)]
    first: dict[tuple[str, str], str] = {}
    assert [(one.path, one.of) for one in found.duplicates] == [
        (name, of) for name in held + rest if (of := first.setdefault(_content(name, home, now), name)) != name
    ]


def _alike(record: FileRecord, name: str, text: str) -> bool:
    return record.sha256 == sha256(text.encode()).hexdigest() and Path(record.path).suffix == Path(name).suffix


def _content(name: str, home: Path, now: dict[str, str]) -> tuple[str, str]:
    return now[name.removeprefix(f"{home}/")], Path(name).suffix
