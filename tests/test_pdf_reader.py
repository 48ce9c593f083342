"""PDFs made by Ghostscript and LibreOffice, read by PDFium."""

import io
import json
from pathlib import Path

import pytest
from conftest import WordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from index.chunking.chunk import Chunking
from index.errors import UnreadableFileError
from index.ingest.build import build
from index.ingest.plan import plan
from index.reading.load import load
from index.reading.pdf.extract import read, reading_from_json
from index.reading.pdf.locate import locate_text, render_page
from index.reading.pdf.ocr import is_ocr_installed
from index.schema import Document
from index.storage.store import Store
from index.text.pages import format_pages, page_of_document
from rag.config import RagConfig
from rag.pipeline import make_pipeline
from rag.schema import Answer, Citation, Claim
from rag.serialize import citation_to_dict, from_dict, to_dict
from ui.cli.answer_text import answer_text

FILES = Path(__file__).parent / "files"
REPORT = FILES / "report.pdf"


@pytest.fixture(scope="module")
def report() -> Document:
    return load(REPORT)


def test_paragraphs_run_over_lines_and_pages(report: Document) -> None:
    assert report.text == (
        "What the dredging cost\n\n"
        "The harbour was dredged in the summer of 2025. The work moved 410,000 tonnes of sand, and the well-known reef "
        "at the pier was spared. The authority paid 14 million crowns, of which port fees will return five million. "
        "Divers who saw the well-known reef afterwards counted forty species of fish.\n\n"
        "The first ship of the new depth, the Maren, came in on 3 June with nine metres of draught. Her captain said "
        "that the channel was now the best on the coast and that he would come back every month.\n\n"
        "Who complained\n\n"
        "Two fishermen lost nets. The authority paid them 8,400 crowns each without admitting a fault.\n\n"
        "What comes next\n\n"
        "The next dredging is due in 2033. Until then a survey boat measures the depth twice a year."
    )
    assert report.title == "Dredging report 2025"
    assert report.metadata == {"format": "pdf", "author": "Lena Osei", "file_date": "2025-06-17"}
    assert [s.label for s in report.sections if s.kind == "heading"] == [
        "What the dredging cost",
        "Who complained",
        "What comes next",
    ]


@pytest.mark.parametrize(
    ("words", "pages", "spoken"),
    [
        ("14 million crowns", [1], "p. 1"),
        ("the channel was now the best on the coast", [1, 2], "pp. 1–2"),
        ("best on the coast", [2], "p. 2"),
        ("due in 2033", [3], "p. 3"),
        ("first ship of the new depth", [1], "p. 1"),
        ("return five million", [1, 1], "p. 1"),
        ("8,400 crowns each without", [2, 2], "p. 2"),
    ],
)
def test_words_know_their_page_and_boxes_cover_their_ink(
    report: Document, words: str, pages: list[int], spoken: str
) -> None:
    start = report.text.index(words)
    assert page_of_document(report, start) == str(pages[0])
    assert format_pages(report.sections, start, start + len(words)) == spoken
    found = locate_text(REPORT, report, start, start + len(words))
    assert [box.page for box in found] == pages
    for box in found:
        picture = Image.open(io.BytesIO(render_page(REPORT, box.page, 2.0))).convert("L")
        assert picture.size == pytest.approx((2 * box.width, 2 * box.height), abs=2)
        inked = picture.point(lambda value: 255 * (value < 160))
        x0, y0, x1, y1 = (2 * side for side in (box.x0, box.y0, box.x1, box.y1))
        ink = inked.crop((int(x0), int(y0), int(x1) + 1, int(y1) + 1)).getbbox()
        assert ink is not None
        assert (ink[2] - ink[0], ink[3] - ink[1]) == pytest.approx((x1 - x0, y1 - y0), abs=4)


def test_boxes_are_empty_when_the_file_says_something_else(report: Document) -> None:
    start = report.text.index("14 million")
    assert locate_text(REPORT, report, start, start + 10, (FILES / "columns.pdf").read_bytes()) == ()
    assert locate_text(REPORT, load(Path("a.txt"), b"Some words."), 0, 4) == ()
    with pytest.raises(UnreadableFileError, match="no file"):
        locate_text(FILES / "gone.pdf", report, start, start + 10)


def test_columns_are_read_one_after_the_other() -> None:
    document = load(FILES / "columns.pdf")
    assert document.text == (
        "Lighthouse keeper retires after forty winters on the rock\n\n"
        "Ida Brandt has put out her last lamp.\n\n"
        "She kept the light on Gull Rock for forty winters, longer than anybody before her, and never once let it go "
        "dark. On Friday the ferry fetched her and her two goats.\n\n"
        "The county will not replace her. A sensor costs nine thousand crowns and never sleeps, said the harbour "
        "master, Olav Rist. He added that he would miss her soup more than the lamp."
    )
    assert document.title == "Lighthouse keeper retires after forty winters on the rock"
    start = document.text.index("Olav Rist")
    (box,) = locate_text(FILES / "columns.pdf", document, start, start + 9)
    assert 320 < box.x0 < box.x1 < 500


def test_a_turned_page_has_its_boxes_where_it_shows_the_words() -> None:
    document = load(FILES / "turned.pdf")
    start = document.text.index("sideways")
    (box,) = locate_text(FILES / "turned.pdf", document, start, start + 8)
    picture = Image.open(io.BytesIO(render_page(FILES / "turned.pdf", 1, 1.0))).convert("L")
    assert picture.size == (box.width, box.height)
    assert picture.crop((int(box.x0), int(box.y0), int(box.x1) + 1, int(box.y1) + 1)).getextrema()[0] < 128
    assert box.width > box.height


def test_a_writer_document_keeps_its_table_and_headings() -> None:
    document = load(FILES / "market.pdf")
    assert "Stall | Trader | Rent in crowns" in document.text
    assert "Stall: 7; Trader: Liv Moen; Rent in crowns: 295" in document.text
    assert "“I sold cheese here for thirty years and I will sell it here again,” said Anton Grey." in document.text
    assert "- the fish counter" in document.text
    assert [s.label for s in document.sections if s.kind == "heading"][-2:] == ["Who came back", "What is missing"]


def test_scans_are_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.reading.pdf.extract.is_ocr_installed", lambda: False)
    scanned, half = FILES / "scanned.pdf", FILES / "half-scanned.pdf"
    with pytest.raises(UnreadableFileError, match=r"2 of 2 pages hold only images.*ocrmypdf.*onrecord\[ocr\]"):
        read(scanned.read_bytes(), scanned)
    reading = reading_from_json(read(half.read_bytes(), half))
    assert [block.text for block in reading.blocks if block.text] == ["The cover letter is typed."]
    assert reading.metadata["note"].startswith("2 of 3 pages hold only images and were not read (2, 3).")


@pytest.mark.skipif(not is_ocr_installed(), reason='needs the extra "ocr"')
def test_scans_are_recognised_with_the_extra() -> None:
    path = FILES / "photographed.pdf"
    document = load(path)
    assert document.text == "The cover letter is typed."
    assert document.metadata["note"] == "1 of 1 pages are images whose text was recognised and may be wrong (1)."
    (box,) = locate_text(path, document, document.text.index("letter"), document.text.index("letter") + 6)
    assert (box.x0, box.x1) == pytest.approx((130, 166), abs=15)
    assert box.page == 1


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("secret.pdf", None, r"secret\.pdf is encrypted and opens only with its password.*qpdf"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "no whole PDF"),
        ("page.pdf", b"Just words.", r"ends in \.pdf but does not hold"),
        ("empty.pdf", b"", "is empty"),
    ],
)
def test_broken_ones_are_refused_by_name(name: str, data: bytes | None, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        load(FILES / name, data)


def test_content_counts_more_than_the_ending(report: Document) -> None:
    assert load(Path("report.txt"), REPORT.read_bytes()).id == report.id
    assert load(Path("report"), REPORT.read_bytes()).id == report.id
    assert load(Path("a.pdf"), b"<!DOCTYPE html><p>Words.</p>").text == "Words."


def test_a_damaged_title_costs_only_the_title() -> None:
    data = REPORT.read_bytes()
    assert data.count(b"(Dredging report 2025)") == 1
    spoilt = data.replace(b"(Dredging report 2025)", b"(\xfe\xff" + b"\xdc\x00" * 9 + b")")
    document = load(REPORT, spoilt)
    assert document.title == "What the dredging cost"
    assert document.metadata["author"] == "Lena Osei"


def test_what_stalls_or_breaks_the_reader_takes_nothing_along() -> None:
    from index.reading.sandbox import run_sandboxed

    with pytest.raises(UnreadableFileError, match="given up after 1 seconds"):
        run_sandboxed("reading_apart:stall", b"", Path("a.pdf"), seconds=1)
    with pytest.raises(UnreadableFileError, match="broke what reads it"):
        run_sandboxed("reading_apart:crash", b"", Path("a.pdf"))
    with pytest.raises(UnreadableFileError, match="broke what reads it"):
        run_sandboxed("reading_apart:swell", b"", Path("a.pdf"))


@settings(max_examples=60, deadline=2000)
@given(cut=st.integers(0, REPORT.stat().st_size), name=st.sampled_from(["report.pdf", "columns.pdf"]))
def test_cut_anywhere_it_is_read_or_refused(cut: int, name: str) -> None:
    try:
        reading = reading_from_json(read((FILES / name).read_bytes()[:cut], Path(name)))
    except UnreadableFileError:
        return
    assert reading.blocks


@settings(max_examples=60, deadline=2000)
@given(at=st.integers(0, REPORT.stat().st_size - 1), byte=st.integers(0, 255))
def test_with_any_byte_wrong_it_is_read_or_refused(at: int, byte: int) -> None:
    data = bytearray(REPORT.read_bytes())
    data[at] = byte
    try:
        reading_from_json(read(bytes(data), REPORT))
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)


def test_a_citation_knows_its_page(store: Store, words: WordEmbedder, folder: Path) -> None:
    copied = folder / "report.pdf"
    copied.write_bytes(REPORT.read_bytes())
    build(store, words, Chunking(words=30), plan(store, [folder]))
    said = "The authority paid them 8,400 crowns each without admitting a fault."
    hits = make_pipeline(store, words, RagConfig(), None).search("fishermen paid 8,400 crowns each")
    passage = next(hit.passage for hit in hits if said in hit.passage.text)
    start = passage.start + passage.text.index(said)
    citation = Citation(1, passage, start, start + len(said))
    answer = Answer("How much?", "How much?", (Claim(said, (citation,), "supported", ""),), hits, False)
    assert citation.page == "p. 2"
    assert citation_to_dict(citation)["page"] == "p. 2"
    assert citation.heading
    assert f"Dredging report 2025, Lena Osei, file date 2025-06-17, {citation.heading}, p. 2" in answer_text(answer)
    assert from_dict(json.loads(json.dumps(to_dict(answer)))).citations[0].page == answer.citations[0].page
    found = locate_text(copied, store.document(citation.passage.document_id), citation.start, citation.end)
    assert {box.page for box in found} == {2}
