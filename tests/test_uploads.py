"""Uploads: names, kinds by content, sizes, and hostile archives."""

import io
import struct
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UnreadableFileError
from index.reading.containers import unpack
from ui.library.uploads.archives import OVERLAPPING
from ui.library.uploads.check import check_content
from ui.library.uploads.limits import MEGABYTE, UploadLimits, upload_limits
from ui.library.uploads.names import MAX_BYTES, safe_name, shown_name
from ui.settings import WebConfig

SMALL = UploadLimits(files=5, file_bytes=2 * MEGABYTE, total_bytes=4 * MEGABYTE)

NAMES = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(["..", ".", "/", "\\", "con", "NUL", " ", "\u202e", "\x00", "é", "e\u0301", ".txt", "a", ":", "\ud800", "😀" * 80]), max_size=12).map("".join),
)  # fmt: skip


@given(NAMES)
@settings(max_examples=300)
def test_a_safe_name_is_a_file_in_any_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in safe)
    assert safe == unicodedata.normalize("NFC", safe)
    for part in safe.split("/"):
        assert part
        assert len(part.encode()) <= MAX_BYTES + 1
        assert not set(part) & set('\\<>:"|?*')
        assert part == part.strip(" ")
        assert not part.startswith(".")
        assert not part.endswith(".")
        assert part.split(".")[0].strip().casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}
    assert Path("/a", safe).resolve().is_relative_to("/a")
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc/passwd"), ("C:\\news\\a.html", "C_/news/a.html"), ("..", "unnamed"), ("", "unnamed"),
        ("a/b/c.txt", "a/b/c.txt"), ("naïve – 日本.md", "naïve – 日本.md"), ("a/aux/b.txt", "a/_aux/b.txt"),
        ("/".join("abcdefghij") + ".txt", "/".join("cdefghij") + ".txt"), ("a/./ /../b.txt", "a/b.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"), ("a\x00.txt", "a.txt"), ("CON.txt", "_CON.txt"),
        (".hidden.md", "hidden.md"), ("a.txt. ", "a.txt"), ("e\u0301.txt", "\u00e9.txt"), ("a\n b.txt", "a b.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"), ("قمة.txt", "قمة.txt"), ("a<b>.html", "a_b_.html"),
    ],
)  # fmt: skip
def test_names_that_could_do_harm(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_errors_show_what_cannot_be_seen() -> None:
    assert shown_name("a\u202eb\n") == "a·b·"
    assert len(shown_name("x" * 1000)) == MAX_BYTES


def refusal(tmp_path: Path, name: str, data: bytes, limits: UploadLimits = SMALL) -> str:
    """Why a file is not taken; empty where it is."""
    file = tmp_path / "sent"
    file.write_bytes(data)
    try:
        check_content(file, name, limits)
    except UnreadableFileError as error:
        assert "\n" not in str(error)
        return str(error)
    return ""


def packed(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"One.", ""), ("d.pdf", b"%PDF-1.7\n", ""), ("page.pdf", b"<!doctype html><p>One.", ""),
        ("b.exe", b"MZ", '".exe" files cannot be read. These can: '), ("c.pdf", b"MZ\x90\x00", "does not hold what the ending says"),
        ("e.txt", b"\x7fELF\x00\x00\x00", "program"), ("none", b"x", "files without an ending"), ("f.md", b"", "empty"),
    ],
)  # fmt: skip
def test_good_files_are_taken_and_others_told(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    why = refusal(tmp_path, name, data)
    assert said in why
    assert bool(why) == bool(said)


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "files").glob("*.*")), ids=lambda path: str(path.name))
def test_whatever_the_index_reads_can_be_uploaded(tmp_path: Path, path: Path) -> None:
    data = path.read_bytes()
    assert refusal(tmp_path, path.name, data) == ""
    for ending, macros in ((".docx", ".docm"), (".xlsx", ".xlsm")):
        if path.suffix == ending:
            assert refusal(tmp_path, path.stem + macros, data) == ""


@pytest.mark.parametrize(
    ("name", "data"),
    [("in.mbox", b"From a@b Tue\nSubject: One\n\nCaf\xe9.\n\nFrom c@d Wed\nSubject: Two\n\nCaf\xc3\xa9.\n"),
     ("d.jsonl", b'{"text": "One."}\n'), ("d.ndjson", b'{"text": "One."}\n'), ("m.eml", b"Subject: One\n\nCaf\xe9.\n")],
)  # fmt: skip
def test_mails_and_dumps_can_be_uploaded(tmp_path: Path, name: str, data: bytes) -> None:
    assert refusal(tmp_path, name, data) == ""


def test_the_limits_are_those_configured(tmp_path: Path) -> None:
    assert upload_limits(WebConfig(upload_mb=3, upload_files=7)) == UploadLimits(7, 3 * MEGABYTE, 21 * MEGABYTE)
    with pytest.raises(UnreadableFileError, match=r"a\.txt"):
        check_content(tmp_path / "gone", "a.txt", SMALL)


def test_pictures_and_hidden_files_in_an_archive_do_not_count(tmp_path: Path) -> None:
    assert refusal(tmp_path, "all.zip", packed(*((f"{n}.png", b"x") for n in range(9)), ("a.txt", b"One."))) == ""


def test_bombs_are_refused(tmp_path: Path) -> None:
    assert "unpacks to more than 4 MB" in refusal(
        tmp_path, "wide.zip", packed(*((f"{n}.txt", b"0" * 1_900_000) for n in range(3)))
    )
    assert "holds 6 files; 5 are taken" in refusal(
        tmp_path, "many.zip", packed(*((f"{n}.txt", b"x") for n in range(6)))
    )
    document = packed(("word/document.xml", b"0" * 1_900_000))
    assert "over 100 times its size" in refusal(tmp_path, "bomb.docx", document)


def test_a_size_that_is_a_lie_gives_no_more_than_it_says(tmp_path: Path) -> None:
    data = bytearray(packed(("a.txt", b"0" * 1_900_000)))
    true = struct.pack("<I", 1_900_000)
    while (at := data.find(true)) >= 0:
        data[at : at + 4] = struct.pack("<I", 10)
    assert refusal(tmp_path, "lie.zip", bytes(data)) == ""
    (member,) = unpack(Path("lie.zip"), bytes(data))
    assert len(member.data) <= 10


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "text " * 100)
        archive.writestr("b.txt", "text " * 100)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
    assert OVERLAPPING in refusal(tmp_path, "overlap.zip", made.getvalue())


def test_encrypted_and_damaged_archives_are_told(tmp_path: Path) -> None:
    data = bytearray(packed(("a.txt", b"text")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    assert refusal(tmp_path, "secret.zip", bytes(data)) == ""  # told of the files in it when they are read
    assert "without a password" in refusal(tmp_path, "secret.docx", bytes(data))
    assert "damaged archive" in refusal(tmp_path, "cut.zip", packed(("a.txt", b"text"))[:40])
    assert "does not hold what the ending says" in refusal(tmp_path, "text.zip", b"just text")
    broken = bytearray(packed(("a.txt", b"some text that is long enough"), compression=zipfile.ZIP_STORED))
    at = broken.find(b"some text")
    broken[at] ^= 0xFF
    assert "is damaged" in refusal(tmp_path, "crc.docx", bytes(broken))


@given(st.binary(max_size=400), st.sampled_from(["a.zip", "a.docx", "a.txt", "a.pdf", "a.epub"]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_sent_is_taken_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    for sent in (data, b"PK\x03\x04" + data, packed(("a.txt", b"some text"))[: len(data)] + data):
        refusal(tmp_path_factory.getbasetemp(), name, sent)
