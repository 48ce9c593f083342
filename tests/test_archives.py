"""Files that hold files: what of them is indexed, under which names, and what is refused."""

import io
import json
import stat
import zipfile
from pathlib import Path

import pytest
from conftest import WordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from test_mail_reader import MAIL

from index.chunking.chunk import Chunking
from index.errors import UnreadableFileError
from index.ingest.build import build
from index.ingest.plan import plan
from index.ingest.report import BuildReport
from index.reading.containers import unpack
from index.reading.load import load
from index.reading.pdf.locate import locate_text
from index.storage.store import Store

FILES = Path(__file__).parent / "files"
A = Path("a.zip")


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return made.getvalue()


def names(path: Path, data: bytes) -> list[str]:
    return [member.path.as_posix() for member in unpack(path, data) if not member.failure]


def failures(path: Path, data: bytes) -> list[str]:
    return [member.failure for member in unpack(path, data) if member.failure]


def test_an_archive_is_its_readable_files() -> None:
    inner = zipped(("deep.txt", b"Deep."))
    data = zipped(
        ("a/b.txt", b"One."), ("photo.png", b"x"), ("__MACOSX/b.txt", b"x"), (".hidden.txt", b"x"), ("in.zip", inner)
    )
    assert names(A, data) == ["a.zip!/a/b.txt", "a.zip!/in.zip!/deep.txt"]


def test_a_word_document_is_one_document_though_it_is_a_zip_file() -> None:
    assert names(Path("m.docx"), (FILES / "market.docx").read_bytes()) == ["m.docx"]


def link() -> tuple[zipfile.ZipInfo, bytes]:
    info = zipfile.ZipInfo("link.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, b"/etc/passwd"


def encrypted() -> bytes:
    """The flag of encryption set in both headers, as archivers do."""
    data = bytearray(zipped(("secret.txt", b"Words.")))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def nested(depth: int) -> bytes:
    data = b"Deep."
    for n in range(depth):
        data = zipped((f"{n}.zip" if n else "a.txt", data))
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (zipped(("../../evil.txt", b"x")), "leads out of the archive"),
        (zipped(("/etc/evil.txt", b"x")), "leads out of the archive"),
        (zipped(("C:\\evil.txt", b"x")), "leads out of the archive"),
        (zipped(link()), "is a link"),
        (zipped(("bomb.txt", bytes(30_000_000))), "unpacks to 30 MB"),
        (encrypted(), "is encrypted"),
        (nested(8), "more than 4 files in files"),
        (zipped(("a.zip", b"PK\x03\x04 cut off")), "no whole ZIP archive"),
    ],
)
def test_what_is_dangerous_in_an_archive_is_refused_and_the_rest_read(data: bytes, message: str) -> None:
    (failure,) = failures(A, data)
    assert message in failure
    held = io.BytesIO(data)
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("good.txt", "Good.")
    assert names(A, held.getvalue()) == ["a.zip!/good.txt"]


def test_an_archive_that_unpacks_without_end_is_refused_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.reading.containers._Budget.__init__.__defaults__", (1_000, 100))
    data = zipped(*((f"{n}.txt", b"x" * 100) for n in range(20)))
    with pytest.raises(UnreadableFileError, match="unpacks to more than"):
        list(unpack(A, data))


def test_a_mailbox_is_its_mails_and_their_attachments() -> None:
    box = b"From a@b Tue\n" + MAIL.replace(b"\r\n", b"\n") + b"\nFrom c@d Wed\nSubject: Two\n\nHe wrote:\n>From here.\n"
    assert names(Path("in.mbox"), box) == ["in.mbox!/1.eml", "in.mbox!/1.eml!/rents.csv", "in.mbox!/2.eml"]
    last = list(unpack(Path("in.mbox"), box))[-1]
    assert load(last.path, last.data).text == "He wrote:\nFrom here."
    with pytest.raises(UnreadableFileError, match="is no mailbox"):
        list(unpack(Path("in.mbox"), b"Words."))


ARTICLE = {
    "headline": "Tram floods",
    "body": "The tunnel flooded. Wilk said so.",
    "published_at": "2025-06-17T08:00:00Z",
    "authors": [{"name": "Lena Osei"}],
    "source": {"id": 1, "name": "Courier"},
    "url": "https://courier.example/tram",
}


@pytest.mark.parametrize(
    ("name", "data", "inner"),
    [
        ("d.jsonl", json.dumps(ARTICLE) + "\n\n" + json.dumps({"text": "Two."}) + "\n", "1.json"),
        ("d.json", json.dumps([ARTICLE, {"text": "Two."}]), "1.json"),
        ("d.json", json.dumps({"status": "ok", "articles": [ARTICLE, {"text": "Two."}]}), "1.json"),
        (
            "d.json",
            json.dumps({"hits": {"total": 2, "hits": [{"_source": ARTICLE}, {"_source": {"text": "Two."}}]}}),
            "1.json",
        ),
        (
            "d.csv",
            "headline,body,published_at,authors,source,url\nTram floods,The tunnel flooded. Wilk said so.,2025-06-17,Lena Osei,Courier,https://courier.example/tram\n,Two.,,,,\n",
            "2.json",
        ),
    ],
)
def test_a_dump_of_articles_is_a_document_each(name: str, data: str, inner: str) -> None:
    first, second = unpack(Path(name), data.encode())
    assert first.path.as_posix() == f"{name}!/{inner}"
    document = load(first.path, first.data)
    assert (document.title, document.text) == ("Tram floods", "The tunnel flooded. Wilk said so.")
    assert document.metadata == {
        "format": "json",
        "date": "2025-06-17",
        "author": "Lena Osei",
        "outlet": "Courier",
        "url": "https://courier.example/tram",
    }
    assert load(second.path, second.data).text == "Two."


def test_other_json_is_one_document() -> None:
    assert names(Path("d.json"), b'{"name": "Ada", "homes": [{"town": "Oslo"}]}') == ["d.json"]
    assert load(Path("d.json"), b'{"name": "Ada", "homes": [{"town": "Oslo"}]}').text == "name: Ada\n\nhomes.town: Oslo"
    assert (
        load(Path("d.json"), json.dumps(ARTICLE | {"body": "<p>One.</p><p>Two.</p>"}).encode()).text == "One.\n\nTwo."
    )
    for broken in (b'{"text": "cut of', b"[" * 100_000, b"Words."):
        with pytest.raises(UnreadableFileError, match="no whole JSON"):
            list(unpack(Path("d.json"), broken))


def indexed(store: Store, words: WordEmbedder, folder: Path) -> BuildReport:
    return build(store, words, Chunking(), plan(store, [folder]))


def test_members_are_indexed_changed_and_forgotten_one_by_one(store: Store, words: WordEmbedder, folder: Path) -> None:
    archive = folder / "news.zip"
    report = (FILES / "report.pdf").read_bytes()
    archive.write_bytes(zipped(("a.txt", b"One."), ("b.txt", b"Two."), ("r.pdf", report), ("bad.pdf", b"%PDF-1.4 cut")))
    first = indexed(store, words, folder)
    assert (first.new, len(first.failed)) == (3, 1)
    assert "news.zip!/bad.pdf is no whole PDF" in first.failed[0][1]
    info = next(info for info in store.documents() if info.source.endswith("news.zip!/r.pdf"))
    document = store.document(info.id)
    start = document.text.index("Two fishermen")
    assert [box.page for box in locate_text(Path(info.source), document, start, start + 20)] == [2]
    archive.write_bytes(zipped(("a.txt", b"One."), ("b.txt", b"Three."), ("r.pdf", report)))
    second = indexed(store, words, folder)
    assert (second.new, second.changed, second.same, second.gone, second.failed) == (0, 1, 2, 0, ())
    archive.write_bytes(zipped(("a.txt", b"One.")))
    third = indexed(store, words, archive)
    assert (third.same, third.gone) == (1, 2)
    archive.write_bytes(b"PK\x03\x04 cut off")
    fourth = indexed(store, words, folder)
    assert (fourth.gone, len(fourth.failed)) == (0, 1)
    assert [info.title for info in store.documents()] == ["One."]
    archive.unlink()
    assert indexed(store, words, folder).gone == 1
    assert store.documents() == []


@settings(max_examples=60)
@given(cut=st.floats(0, 1), spoilt=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_cut_or_spoilt_anywhere_it_is_read_or_refused(cut: float, spoilt: float, byte: int) -> None:
    data = bytearray(zipped(("a.txt", b"One."), ("mail.eml", MAIL), ("d.json", json.dumps([ARTICLE] * 3).encode())))
    data[int(spoilt * len(data))] = byte
    try:
        for member in unpack(A, bytes(data[: int(cut * len(data))])):
            assert "\n" not in member.failure
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)


def test_pages_that_were_not_read_are_told(store: Store, words: WordEmbedder, folder: Path) -> None:
    (folder / "half.pdf").write_bytes((FILES / "half-scanned.pdf").read_bytes())
    ((path, note),) = indexed(store, words, folder).notes
    assert path.endswith("half.pdf")
    assert "2 of 3 pages hold only images" in note


def test_a_file_of_the_wrong_ending_inside_an_archive_is_read_for_what_it_is() -> None:
    (member,) = unpack(A, zipped(("a.txt", (FILES / "market.docx").read_bytes())))
    assert load(member.path, member.data).metadata["format"] == "docx"


def test_a_large_mailbox_is_read_in_no_time() -> None:
    box = b"".join(b"From a@b Tue\nSubject: %d\n\nWords.\n\n" % n for n in range(5_000))
    assert len(names(Path("in.mbox"), box)) == 5_000
