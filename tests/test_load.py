import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from index.errors import UnreadableFileError
from index.reading.filetype import ENDINGS, has_reader
from index.reading.formats.base import Block, join_blocks
from index.reading.load import find_files, load

SEED = next((Path(__file__).parents[1] / "seeds" / "documents").glob("*.txt"))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def text_of(content: str | bytes, name: str = "a.txt") -> str:
    return load(Path(name), content.encode() if isinstance(content, str) else content).text


def test_the_seed_article_loads_whole() -> None:
    document = load(SEED)
    assert document.text.split() == SEED.read_text(encoding="utf-8").split()
    assert document.title == "US Defence Secretary Pete Hegseth said Wednesday that NATO membership for…"
    assert document.metadata == {"format": "text"}


def test_the_id_is_the_content_and_the_source_the_path(tmp_path: Path) -> None:
    one = load(written(tmp_path, "one.txt", "Same words.\r\n"))
    two = load(written(tmp_path, "two.md", "Same words.\n\n"))
    assert one.id == two.id == hashlib.sha256(b"Same words.").hexdigest()[:16]
    assert one.source == (tmp_path / "one.txt").resolve().as_posix()


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_any_writing_survives(name: str) -> None:
    text = "Emoji 👩‍👩‍👧‍👦 🇪🇺, שלום עולם, مرحبا بالعالم, می‌خواهم, 中文。"
    assert text_of(text, name) == text


def test_scripts_in_plain_text_stay_text() -> None:
    text = "He typed <script>alert(1)</script> and <img src=x onerror=alert(1)> & left."
    assert text_of(text) == text


def test_line_ends_and_nuls_go() -> None:
    assert text_of(b"One\r\ntwo\x00\rthree \x00\r\n") == "One\ntwo\nthree"


@pytest.mark.timeout(200)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_a_line_of_ten_megabytes_is_loaded(name: str) -> None:
    assert len(text_of("word and more text. " * 500_000, name)) == 9_999_999


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.md", b"\x00\n ", "is empty"),
        ("a.md", b"---\ntitle: x\n---\n", "is empty"),
        ("a.html", b"<html><script>x()</script></html>", "holds no text"),
        ("a.html", b"<!-- only this -->", "holds no text"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "PNG image"),
        ("a.exe", b"PK", r"\.exe.*cannot be read.*\.txt"),
        ("README", b"text", r"without an ending.*\.txt"),
        ("a.txt", bytes(range(128, 256)), "encoding"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(name: str, data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message) as refusal:
        load(Path(name), data)
    assert name in str(refusal.value) or "without" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match=r"no file .*gone.txt"):
        load(tmp_path / "gone.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(UnreadableFileError, match="is a folder"):
        load(tmp_path / "folder.txt")
    with pytest.raises(UnreadableFileError, match=r"no file or folder .*gone"):
        list(find_files([tmp_path / "gone"]))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.txt", "secret")
    path.chmod(0)
    with pytest.raises(UnreadableFileError, match="may not be read by you"):
        load(path)


def test_a_locked_folder_does_not_end_the_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    last = written(tmp_path, "z.txt", "x")
    listed = os.scandir

    def refusing(folder: Path) -> Any:
        if folder == locked:
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr("index.reading.load.os.scandir", refusing)
    assert list(find_files([tmp_path])) == [locked, last]
    with pytest.raises(UnreadableFileError, match="locked is a folder"):
        load(locked)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("A headline\n\nThe story begins here.", "A headline"),
        ("Is NATO over?\nThe story begins here.", "Is NATO over?"),
        ("This is prose already.\nAnd so is this.", "This is prose already."),
        (
            "Lines broken by hand go on\nin the next one. More follows.",
            "Lines broken by hand go on in the next one.",
        ),
        ("Only this line", "Only this line"),
        ("w" * 200, "w" * 79 + "…"),
        ("word " * 50, "word " * 15 + "word…"),
    ],
)
def test_titles_of_plain_text(text: str, title: str) -> None:
    assert load(Path("a.txt"), text.encode()).title == title


@pytest.mark.parametrize(
    ("text", "title", "metadata"),
    [
        (
            "Talks resume\nBy Ann Lee and Bo de Boer\nPublished: Feb 12, 2025\nSource: The Daily\n\nHe said.",
            "Talks resume",
            {"author": "Ann Lee and Bo de Boer", "date": "2025-02-12", "outlet": "The Daily"},
        ),
        ("Title: Talks\nDate: 2025-02-12T08:00:00Z\n\nThe story.", "Talks", {"date": "2025-02-12"}),
        ("Talks resume\n\n12 February 2025\n\nThe story.", "Talks resume", {"date": "2025-02-12"}),
        ("BRUSSELS, Feb. 12, 2025 (AP) — It began.", None, {"date": "2025-02-12"}),
        ("Date: 02/03/2025\n\nWhich of the two?", None, {}),
        ("Date: 13/02/2025\n\nOnly one.", "Only one.", {"date": "2025-02-13"}),
        ("Date: 2025-01-01\nDate: 2025-01-02\n\nWhich?", None, {}),
        ("By Friday the talks had failed.\n\nMore.", None, {}),
        ("Note: nothing\n\nIt was on 12 February 2025 that they met.", None, {}),
    ],
)
def test_headers_of_plain_text_are_read_and_kept(text: str, title: str | None, metadata: dict[str, str]) -> None:
    document = load(Path("a.txt"), text.encode())
    assert document.metadata == {"format": "text", **metadata}
    assert document.text == text
    assert title is None or document.title == title


def test_find_walks_in_order_and_skips_what_is_hidden(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.MD", "a/c.html", ".hidden.txt", ".git/x.txt", "image.png"):
        written(tmp_path, name, "x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    found = [path.relative_to(tmp_path).as_posix() for path in find_files([tmp_path])]
    assert found == ["a/c.html", "a/z.MD", "b.txt"]


def test_find_yields_named_files_whatever_their_ending_and_each_once(tmp_path: Path) -> None:
    image, text = written(tmp_path, "image.png", "x"), written(tmp_path, "a.txt", "x")
    assert list(find_files([image, text, tmp_path])) == [image, text]


def test_endings() -> None:
    assert {".txt", ".md", ".html"} <= set(ENDINGS)
    assert has_reader(Path("A.TXT"))
    assert not has_reader(Path("a.png"))


def test_sections_point_at_what_they_name() -> None:
    blocks = (
        Block(" \x00"),
        Block("one  \r\n"),
        Block("He\u0301ad", "heading"),
        Block("- a", tight=False),
        Block("- b", tight=True),
        Block("Page two", "page", "2"),
    )
    text, sections = join_blocks(blocks)
    assert text == "one\n\nHéad\n\n- a\n- b\n\nPage two"
    assert [(text[s.start :].split("\n")[0], s.kind, s.label) for s in sections] == [
        ("Héad", "heading", "Héad"),
        ("Page two", "page", "2"),
    ]
