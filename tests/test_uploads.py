"""Uploads: names, kinds by content, sizes, and hostile archives."""

import io
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.load import ENDINGS
from ui.config import WebConfig
from ui.uploads.check import check
from ui.uploads.limits import MEGABYTE, Limits, limits_of
from ui.uploads.names import LONGEST, another_name, safe_name, shown_name
from ui.uploads.schema import Accepted, Refused, Upload

SMALL = Limits(files=5, file_bytes=2 * MEGABYTE, total_bytes=4 * MEGABYTE)
READ = frozenset({*ENDINGS, ".pdf", ".docx", ".epub"})

NAMES = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(["..", ".", "/", "\\", "con", "NUL", " ", "\u202e", "\x00", "é", "e\u0301", ".txt", "a", ":", "\ud800", "😀" * 80]), max_size=12).map("".join),
)  # fmt: skip


@given(NAMES)
@settings(max_examples=300)
def test_a_safe_name_is_a_file_in_any_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert len(safe.encode()) <= LONGEST + 1
    assert not set(safe) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in safe)
    assert safe not in {".", ".."}
    assert safe == safe.strip(" ")
    assert not safe.startswith(".")
    assert not safe.endswith(".")
    assert safe == unicodedata.normalize("NFC", safe)
    assert safe.split(".")[0].strip().casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"}
    folder = Path("/library")
    assert (folder / safe).parent == folder
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\ann\\report.pdf", "report.pdf"), ("..", "unnamed"), ("", "unnamed"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"), ("a\x00.txt", "a.txt"), ("CON.txt", "_CON.txt"),
        (".hidden.md", "hidden.md"), ("a.txt. ", "a.txt"), ("e\u0301.txt", "\u00e9.txt"), ("a\n b.txt", "a b.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"), ("قمة.txt", "قمة.txt"), ("a<b>.html", "a_b_.html"),
    ],
)  # fmt: skip
def test_names_that_could_do_harm(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.lists(st.sampled_from(["a.txt", "A.txt", "b.md", "ä.txt"]), max_size=8))
def test_no_two_names_are_the_same_in_either_case(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        kept = another_name(name, taken)
        assert kept.casefold() not in taken
        assert kept.endswith(Path(name).suffix)
        taken.add(kept.casefold())


def test_errors_show_what_cannot_be_seen() -> None:
    assert shown_name("a\u202eb\n") == "a·b·"
    assert len(shown_name("x" * 1000)) == LONGEST


def run(tmp_path: Path, files: Iterable[tuple[str, bytes]], limits: Limits = SMALL) -> tuple[list[Accepted], list[Refused]]:  # fmt: skip
    uploads = []
    for number, (name, data) in enumerate(files):
        file = tmp_path / str(number)
        file.write_bytes(data)
        uploads.append(Upload(name, file))
    done = list(check(uploads, limits, READ))
    return [one for one in done if isinstance(one, Accepted)], [one for one in done if isinstance(one, Refused)]


def refusal(tmp_path: Path, name: str, data: bytes, limits: Limits = SMALL) -> str:
    accepted, (one,) = run(tmp_path, [(name, data)], limits)
    assert accepted == []
    assert "\n" not in one.why
    return one.why


def packed(*members: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def test_good_files_are_taken_and_bad_ones_told_one_by_one(tmp_path: Path) -> None:
    accepted, refused = run(
        tmp_path,
        [("../a.txt", b"One."), ("A.TXT", b"Two."), ("b.exe", b"MZ"), ("c.pdf", b"MZ\x90\x00"), ("d.pdf", b"%PDF-1.7\n"),
         ("e.txt", b"\x7fELF\x00\x00\x00"), ("none", b"x"), ("f.md", b"")],
    )  # fmt: skip
    assert [(one.name, one.data) for one in accepted] == [
        ("a.txt", b"One."),
        ("A-2.TXT", b"Two."),
        ("d.pdf", b"%PDF-1.7\n"),
    ]
    told = {one.name: one.why for one in refused}
    assert told.keys() == {"b.exe", "c.pdf", "e.txt", "none", "f.md"}
    assert '".exe" files are not read. These are: ' in told["b.exe"]
    assert "c.pdf is no PDF document" in told["c.pdf"]
    assert "program" in told["e.txt"]
    assert "files without an ending" in told["none"]
    assert "empty" in told["f.md"]


def test_sizes_and_counts_are_kept(tmp_path: Path) -> None:
    large = b"word " * 500_000
    assert "has 2.5 MB; 2 MB are taken" in refusal(tmp_path, "a.txt", large)
    accepted, refused = run(tmp_path, [(f"{n}.txt", b"word") for n in range(7)])
    assert len(accepted) == SMALL.files
    assert all("one too many: 5 files" in one.why for one in refused)
    accepted, refused = run(tmp_path, [(f"{n}.txt", b"word " * 300_000) for n in range(4)])
    assert (len(accepted), len(refused)) == (2, 2)
    assert "larger than 4 MB" in refused[0].why
    assert limits_of(WebConfig(upload_mb=3, upload_files=7)) == Limits(7, 3 * MEGABYTE, 21 * MEGABYTE)
    missing = list(check([Upload("a.txt", tmp_path / "gone")], SMALL, READ))
    assert "did not arrive whole" in missing[0].why  # type: ignore[union-attr]


def test_an_archive_is_unpacked_without_its_folders_and_its_systems_files(tmp_path: Path) -> None:
    inner = packed(("deep/c.txt", b"Three."))
    data = packed(
        ("x/a.txt", b"One."), ("y/a.txt", b"Two."), ("x/", b""), ("__MACOSX/._a.txt", b"\x00"), (".git/config", b"x"),
        ("inner.zip", inner), ("x/b.png", b"\x89PNG"),
    )  # fmt: skip
    accepted, refused = run(tmp_path, [("all.zip", data)], Limits(files=10))
    assert [(one.name, one.data) for one in accepted] == [
        ("a.txt", b"One."),
        ("a-2.txt", b"Two."),
        ("c.txt", b"Three."),
    ]
    assert [one.name for one in refused] == ["all.zip/x/b.png"]


def test_members_that_point_elsewhere_are_refused_and_the_rest_is_taken(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("../up.txt", "/root.txt", "C:/drive.txt", "a/../../b.txt", "..\\win.txt", "good.txt"):
            archive.writestr(name, "text")
        for name, mode in (("link.txt", stat.S_IFLNK), ("pipe.txt", stat.S_IFIFO)):
            info = zipfile.ZipInfo(name)
            info.external_attr = (mode | 0o777) << 16
            archive.writestr(info, "/etc/passwd")
    accepted, refused = run(tmp_path, [("evil.zip", made.getvalue())], Limits(files=20))
    assert [one.name for one in accepted] == ["good.txt"]
    assert len([one for one in refused if "outside its folder" in one.why]) == 5
    assert [one.why for one in refused if "link" in one.name] == [
        "evil.zip/link.txt is a link to another file. Pack the file itself."
    ]
    assert any("no ordinary file" in one.why for one in refused)


def test_bombs_are_refused(tmp_path: Path) -> None:
    flat = packed(("a.txt", b"0" * 1_900_000))
    assert "over 100 times its size" in refusal(tmp_path, "flat.zip", flat)
    assert "unpacks to more than 4 MB" in refusal(
        tmp_path, "wide.zip", packed(*((f"{n}.txt", b"0" * 1_900_000) for n in range(3)))
    )
    assert "holds 6 files; 5 are taken" in refusal(
        tmp_path, "many.zip", packed(*((f"{n}.txt", b"x") for n in range(6)))
    )
    nested = packed(("a.txt", b"text"))
    for _ in range(3):
        nested = packed(("n.zip", nested))
    assert "stands in 2 other archives" in refusal(tmp_path, "nested.zip", nested)
    assert "over 100 times its size" in refusal(tmp_path, "in.zip", packed(("flat.zip", flat)))
    document = packed(("word/document.xml", b"0" * 1_900_000))
    assert "over 100 times its size" in refusal(tmp_path, "bomb.docx", document)


def test_archives_in_an_archive_share_what_may_be_unpacked(tmp_path: Path) -> None:
    """As little as is stored, each alone would be taken."""
    text = b"".join(b"%07d " % n for n in range(200_000))
    data = packed(*((f"{n}.zip", packed(("a.txt", text))) for n in range(5)))
    accepted, refused = run(tmp_path, [("nest.zip", data)])
    assert (len(accepted), len(refused)) == (1, 4)
    assert all("unpacks to more than" in one.why for one in refused)


def test_a_size_that_is_a_lie_is_found_while_unpacking(tmp_path: Path) -> None:
    data = bytearray(packed(("a.txt", b"0" * 1_900_000)))
    true = struct.pack("<I", 1_900_000)
    while (at := data.find(true)) >= 0:
        data[at : at + 4] = struct.pack("<I", 10)
    accepted, refused = run(tmp_path, [("lie.zip", bytes(data))])
    assert accepted == []
    assert len(refused) == 1


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "text " * 100)
        archive.writestr("b.txt", "text " * 100)
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
    assert "share the same bytes" in refusal(tmp_path, "overlap.zip", made.getvalue())


def test_encrypted_and_damaged_archives_are_told(tmp_path: Path) -> None:
    data = bytearray(packed(("a.txt", b"text")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    assert "without a password" in refusal(tmp_path, "secret.zip", bytes(data))
    assert "damaged archive" in refusal(tmp_path, "cut.zip", packed(("a.txt", b"text"))[:40])
    assert "no ZIP archive" in refusal(tmp_path, "text.zip", b"just text")
    assert "no Word document" in refusal(tmp_path, "a.docx", packed(("a.txt", b"text")))
    broken = bytearray(packed(("a.txt", b"some text that is long enough"), compression=zipfile.ZIP_STORED))
    at = broken.find(b"some text")
    broken[at] ^= 0xFF
    assert "cannot be unpacked" in refusal(tmp_path, "crc.zip", bytes(broken))


def test_documents_that_are_archives_are_known_by_what_they_hold(tmp_path: Path) -> None:
    word = packed(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")
    accepted, refused = run(tmp_path, [("a.docx", word), ("b.epub", made.getvalue())])
    assert refused == []
    assert [one.name for one in accepted] == ["a.docx", "b.epub"]


@given(st.binary(max_size=400), st.sampled_from(["a.zip", "a.docx", "a.txt", "a.pdf", "a.epub"]))
@settings(max_examples=150, deadline=None)
def test_whatever_is_sent_is_taken_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
    file = tmp_path_factory.getbasetemp() / "sent"
    for sent in (data, b"PK\x03\x04" + data, packed(("a.txt", b"some text"))[: len(data)] + data):
        file.write_bytes(sent)
        for one in check([Upload(name, file)], SMALL, READ):
            assert isinstance(one, Accepted | Refused)
