"""``onrecord index`` and ``rebuild`` as far as the command line is concerned, with an embedder that needs no model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import WordEmbedder

from evals.research.speed.reindexing import index_drawn, make_files, measure_command
from ui.cli.commands.documents import NEARLY_THE_SAME, SAME_TEXT
from ui.cli.main import main
from ui.library.collections import Collections

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def onrecord(
    tmp_path: Path,
    folder: Path,
    words: WordEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """The command line in an empty folder beside ``documents``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONRECORD_DATA_DIR", str(tmp_path / ".onrecord"))  # Chroma keeps databases apart by path
    for module in ("ui.cli.commands.index", "ui.cli.commands.rebuild", "index.storage.open"):
        monkeypatch.setattr(f"{module}.embedder_for", lambda *_: words)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


def kinds(shown: str) -> dict[str, str]:
    """Of what ``--dry-run`` prints, the kind of each file."""
    return {Path(line[8:].split("  ")[0]).name: line[:8].strip() for line in shown.splitlines()}


def events(shown: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in shown.splitlines()]


def test_a_dry_run_says_everything_and_writes_nothing(onrecord: Command, folder: Path, tmp_path: Path) -> None:
    for name in ("same", "changing", "going", "moving"):
        (folder / f"{name}.txt").write_text(f"This is {name}.")
    assert kinds(onrecord("index", "documents", "--dry-run")[1]) == {
        f"{name}.txt": "new" for name in ("same", "changing", "going", "moving")
    }
    assert not (tmp_path / ".onrecord").exists()
    assert onrecord("index", "documents")[0] == 0
    (folder / "changing.txt").write_text("Now it is something else.")
    (folder / "going.txt").unlink()
    (folder / "moving.txt").rename(folder / "moved.txt")
    (folder / "copy.txt").write_text("This is same.")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / ".onrecord").glob("*.sqlite3")}
    _, shown, _ = onrecord("index", "documents", "--dry-run")
    assert kinds(shown) == {
        "copy.txt": "new",
        "changing.txt": "changed",
        "moved.txt": "moved",
        "going.txt": "gone",
        "same.txt": "same",
    }
    assert f"(from {folder}/moving.txt)" in shown
    assert f"{folder}/copy.txt  (duplicate of {folder}/same.txt)" in shown
    planned = json.loads(onrecord("index", "documents", "--dry-run", "--json")[1])
    assert [move["before"] for move in planned["moved"]] == [f"{folder}/moving.txt"]
    assert planned["duplicates"] == [{"path": f"{folder}/copy.txt", "of": f"{folder}/same.txt"}]
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / ".onrecord").glob("*.sqlite3")} == before
    assert len(json.loads(onrecord("list", "--json")[1])) == 4


def test_a_move_is_counted_and_followed_by_the_librarys_collections(
    onrecord: Command, folder: Path, tmp_path: Path
) -> None:
    (folder / "old.txt").write_text("The bridge opened in 1932.")
    onrecord("index", "documents")
    assert onrecord("collections", "add", "Bridges", "old.txt")[0] == 0
    (folder / "old.txt").rename(folder / "new.txt")
    assert "0 new, 0 changed, 1 moved, 0 unchanged, 0 removed; 0 passages" in onrecord("index", "documents")[1]
    (folder / "new.txt").write_text("The bridge opened in 1933.")
    onrecord("index", "documents", "--read-all")
    assert "(1 document)" in onrecord("collections", "list")[1]
    assert "1933" in onrecord("show", "new.txt")[1]


def test_the_list_names_copies_near_duplicates_and_other_collections(onrecord: Command, folder: Path) -> None:
    text = " ".join(f"word{n} stands here" for n in range(200))
    (folder / "one.txt").write_text(text)
    (folder / "two.txt").write_text(f"{text} and ends otherwise")
    (folder / "copy.txt").write_text(text)
    _, _, errors = onrecord("index", "documents")
    assert f"{folder}/one.txt: the same text as {folder}/copy.txt, which is indexed once." in errors
    _, shown, errors = onrecord("list")
    assert f"{SAME_TEXT}: {folder}/one.txt" in shown
    assert shown.count(NEARLY_THE_SAME) == 2
    assert errors == ""
    one, two = json.loads(onrecord("list", "--json")[1])
    assert one["near_duplicates"][0]["document_id"] == two["id"]
    assert sorted(map(len, (one["files"], two["files"]))) == [1, 2]
    onrecord("index", "documents/two.txt", "--collection", "press")
    assert "Other collections here: press" in onrecord("list")[2]
    assert len(json.loads(onrecord("list", "--json", "--collection", "press")[1])) == 1
    assert json.loads(onrecord("info", "--json")[1])["index"]["collections"] == ["default", "press"]
    code, _, errors = onrecord("list", "--collection", "pres")
    assert (code, "no collection 'pres'" in errors, "'press'" in errors) == (1, True, True)
    assert json.loads(onrecord("info", "--json")[1])["index"]["collections"] == ["default", "press"]


def test_programs_get_one_document_and_events(onrecord: Command, folder: Path) -> None:
    (folder / "good.txt").write_text("Good words.")
    (folder / "copy.txt").write_text("Good words.")
    (folder / "empty.txt").write_text("")
    _, shown, errors = onrecord("index", "documents", "--json")
    assert json.loads(shown)["new"] == 2
    told = events(errors)
    assert {"event": "start", "total": 2 + 1, "unit": "files"} in told
    assert [event["event"] for event in told if event["event"] in ("failed", "duplicate")] == ["duplicate", "failed"]
    assert any(event["event"] == "progress" and event["done"] == event["total"] == 3 for event in told)
    _, shown, errors = onrecord("rebuild", "--json")
    assert json.loads(shown)["documents"] == 1
    assert events(errors)[-1]["event"] == "end"


def test_rebuilding_in_parts(onrecord: Command, folder: Path, words: WordEmbedder) -> None:
    assert onrecord("rebuild")[0] == 1
    (folder / "one.txt").write_text("One sentence stands here. " * 60)
    (folder / "two.txt").write_text("A short one.")
    onrecord("index", "documents")
    code, shown, errors = onrecord("rebuild", "--rechunk", "--chunk-words", "40")
    assert (code, "1 kept their vectors" in shown) == (0, True)
    assert "onrecord.toml: chunk_words = 40" in errors
    words.fingerprint = "another"  # type: ignore[misc]
    code, _, errors = onrecord("rebuild", "--rechunk", "--chunk-words", "40")
    assert (code, "without --rechunk" in errors) == (1, True)
    code, shown, errors = onrecord("rebuild", "--embed-only", "--chunk-words", "40", "--model", "another")
    assert (code, "kept" in shown) == (0, False)
    assert 'model = "another"' in errors
    assert onrecord("index", "--rebuild", "documents", "--chunk-words", "40")[0] == 0
    assert onrecord("index", "documents", "--chunk-words", "40")[1].startswith("0 new, 0 changed, 2 unchanged")


def test_collections_follow_only_what_moved(tmp_path: Path) -> None:
    collections = Collections(tmp_path / "none", list)
    collections.update_paths([("/a", "/b")])
    assert not (tmp_path / "none").exists()


def test_a_re_run_loads_no_model(tmp_path: Path) -> None:
    made = make_files(tmp_path / "documents", 5)
    index_drawn(tmp_path)
    again = measure_command(str(tmp_path), "index", "documents", "--json")
    assert again.loaded == "neither torch nor the model"
    assert len(made) == 5
