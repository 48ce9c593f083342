"""Office documents, e-books and tables made by pandoc and LibreOffice."""

import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import UnreadableFileError
from index.reading.load import load
from index.text.pages import format_pages, page_of_document

FILES = Path(__file__).parent / "files"
MARKET = (
    "Market hall reopens\n\n"
    "The market hall of Kestrel Bay opened again on Tuesday, eleven months after the fire. Mayor Ines Varga cut a "
    "ribbon of sausages.\n\n"
    "Who came back\n\n"
    "Of forty stalls, nineteen are let. “I sold cheese here for thirty years and I will sell it here again,” said "
    "Anton Grey.\n\n"
    "Stall | Trader | Rent in crowns\n\n"
    "Stall: 4; Trader: Anton Grey; Rent in crowns: 310\n\n"
    "Stall: 7; Trader: Liv Moen; Rent in crowns: 295\n\n"
    "What is missing\n\n"
    "- the fish counter\n- the clock, which is being repaired\n\n"
    "The insurer paid 2.4 million crowns."
)
RENTS = (
    "Stall | Trader | Rent in crowns | Since\n\n"
    "Stall: 4; Trader: Anton Grey; Rent in crowns: 310; Since: 2025-03-04\n\n"
    "Stall: 7; Trader: Liv Moen; Rent in crowns: 295.5; Since: 2025-04-01\n\n"
    "Stall: 12; Trader: Osei, Lena; Since: 2025-05-10"
)


def test_a_word_document_keeps_headings_lists_tables_and_notes() -> None:
    document = load(FILES / "market.docx")
    head = "Market hall reopens with half its stalls\n\nLena Osei\n\n2025-03-04\n\n"
    assert document.text == f"{head}{MARKET}\n\nThe sum was confirmed by the insurer on Monday."
    assert document.title == "Market hall reopens with half its stalls"
    assert document.metadata == {"format": "docx", "author": "Lena Osei", "date": "2025-03-04"}
    assert [s.label for s in document.sections] == [
        "Market hall reopens with half its stalls",
        "Market hall reopens",
        "Who came back",
        "What is missing",
    ]


def test_what_was_struck_out_of_a_word_document_is_not_read() -> None:
    runs = (
        '<w:del w:id="1" w:author="a"><w:r><w:delText>forty</w:delText></w:r></w:del>'
        '<w:ins w:id="2" w:author="a"><w:r><w:t>nineteen</w:t></w:r></w:ins>'
    )
    changed = replaced(FILES / "market.docx", "word/document.xml", "<w:body>", f"<w:body><w:p>{runs}</w:p>")
    text = load(Path("a.docx"), changed).text
    assert text.startswith("nineteen\n\nMarket hall")


def replaced(path: Path, member: str, old: str, new: str) -> bytes:
    return replaced_in(path.read_bytes(), member, old, new)


def replaced_in(package: bytes, member: str, old: str, new: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            data = source.read(info)
            if info.filename == member:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode(), 1)
            target.writestr(info, data)
    return made.getvalue()


@pytest.mark.parametrize("name", ["rents.csv", "rents.xlsx", "rents.ods"])
def test_a_table_is_a_line_a_row_each_value_under_its_column(name: str) -> None:
    document = load(FILES / name)
    assert document.text.removeprefix("rents\n\n") == RENTS
    assert document.title == "rents"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a;b\n1,5;2\n", "a | b\n\na: 1,5; b: 2"),
        (b'\xef\xbb\xbfName\tTown\r\nAda\t"Kestrel\r\nBay"\r\n', "Name | Town\n\nName: Ada; Town: Kestrel Bay"),
        (b"1,2\n3,4\n", "1 | 2\n\n3 | 4"),
        (
            "Größe,Ort\n3,Der Bürgermeister von Köln sprach über den Hafen\n".encode("cp1252"),
            "Größe | Ort\n\nGröße: 3; Ort: Der Bürgermeister von Köln sprach über den Hafen",
        ),
        (b"Only words here\nand here\n", "Only words here\n\nand here"),
        (b"a,b\n1,2,3\n", "a | b\n\na: 1; b: 2; 3"),
    ],
)
def test_separated_values_in_all_their_dialects(data: bytes, text: str) -> None:
    assert load(Path("a.csv"), data).text == text


HEAD = "Market hall reopens with half its stalls\n\nLena Osei\n\n2025-03-04\n\n"
NOTE = "The sum was confirmed by the insurer on Monday."


@pytest.mark.parametrize("name", ["market.odt", "writer.odt"])
def test_an_opendocument_text_says_the_same_as_the_word_document(name: str) -> None:
    document = load(FILES / name)
    assert document.text == f"{HEAD}{MARKET}\n\n{NOTE}"
    assert document.title == "Market hall reopens with half its stalls"
    assert document.metadata == {"format": "opendocument", "author": "Lena Osei", "date": "2025-03-04"}
    assert [s.label for s in document.sections] == ["Market hall reopens", "Who came back", "What is missing"]


@pytest.mark.parametrize("name", ["market.rtf", "writer.rtf"])
def test_rich_text_keeps_its_words_and_tables(name: str) -> None:
    document = load(FILES / name)
    assert document.text == HEAD + MARKET.replace("- the fish counter\n", "- the fish counter\n\n")
    assert document.metadata["date"] == "2025-03-04"


def test_a_book_is_read_chapter_by_chapter() -> None:
    document = load(FILES / "market.epub")
    assert document.title == "Market hall reopens with half its stalls"
    assert document.metadata == {"format": "epub", "author": "Lena Osei", "date": "2025-03-04"}
    assert "“I sold cheese here for thirty years and I will sell it here again,” said Anton Grey." in document.text
    assert "Stall: 4; Trader: Anton Grey; Rent in crowns: 310" in document.text
    assert [s.label for s in document.sections][1:] == ["Market hall reopens", "Who came back", "What is missing"]


def test_a_protected_book_is_refused() -> None:
    made = io.BytesIO((FILES / "market.epub").read_bytes())
    with zipfile.ZipFile(made, "a") as book:
        book.writestr(
            "META-INF/encryption.xml",
            '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>',
        )
    with pytest.raises(UnreadableFileError, match="protected against copying"):
        load(Path("a.epub"), made.getvalue())


@pytest.mark.parametrize("name", ["market.pptx", "slides.odp"])
def test_words_on_slides_know_their_slide(name: str) -> None:
    document = load(FILES / name)
    start = document.text.index("“I sold cheese")
    assert format_pages(document.sections, start, start + 5) == "slide 2"
    assert page_of_document(document, document.text.index("What is missing")) == "slide 3"
    assert "Stall: 7; Trader: Liv Moen; Rent in crowns: 295" in document.text
    assert document.metadata["date"] == "2025-03-04"


def test_a_sheet_is_a_page() -> None:
    document = load(FILES / "rents.xlsx")
    assert page_of_document(document, document.text.index("Grey")) == "sheet rents"


def test_an_entity_that_grows_without_end_is_not_expanded() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol" * 10}">' for n in range(12))
    for name, member in (("market.docx", "word/document.xml"), ("market.odt", "content.xml")):
        data = replaced(FILES / name, member, "?>", f"?><!DOCTYPE x [{entities}]>")
        data = replaced_in(data, member, "Of forty stalls", "&e11;")
        try:
            assert len(load(Path(name), data).text) < 10_000
        except UnreadableFileError as refusal:
            assert "damaged" in str(refusal)


def test_a_repeated_cell_fills_no_memory() -> None:
    data = replaced(
        FILES / "rents.ods",
        "content.xml",
        "<table:table-cell ",
        '<table:table-cell table:number-columns-repeated="1000000000" ',
    )
    assert len(load(Path("a.ods"), data).text) < 50_000


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(UnreadableFileError, match=r'openpyxl.*not installed. Run: pip install "onrecord\[formats\]"'):
        load(FILES / "rents.xlsx")


def test_content_counts_more_than_the_ending() -> None:
    word = (FILES / "market.docx").read_bytes()
    assert load(Path("a.xlsx"), word).text == load(Path("a.docx"), word).text
    assert load(Path("a.txt"), word).metadata["format"] == "docx"


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as made:
    made.writestr("[Content_Types].xml", "<Types/>")
    made.writestr("word/document.xml", b" " * 30_000_000)
    made.writestr("xl/workbook.xml", b"")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.docx", b"Just words.", r"ends in \.docx but does not hold"),
        ("a.docx", OLD, "old Office document.*soffice"),
        ("a.docx", OLD + "EncryptedPackage".encode("utf-16-le"), "is encrypted"),
        ("a.docx", BOMB.getvalue(), "unpacks to 30 MB"),
        ("a.xlsx", b"PK\x03\x04" + bytes(50), "no whole Excel file"),
        ("a.pptx", b"PK\x03\x04" + bytes(50), "no whole PowerPoint file"),
        ("a.epub", b"PK\x03\x04" + bytes(50), "no whole EPUB file"),
        ("a.odt", b"PK\x03\x04" + bytes(50), "no whole OpenDocument file"),
        ("a.rtf", b"Just words.", r"ends in \.rtf but does not hold"),
        ("a.rtf", b"{\\rtf1 }", "is empty"),
    ],
)
def test_broken_ones_are_refused_by_name(name: str, data: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message):
        load(Path(name), data)


NAMES = ["market.docx", "rents.xlsx", "market.pptx", "market.odt", "market.epub", "market.rtf"]


@settings(max_examples=50, deadline=5000)
@given(share=st.floats(0, 1), name=st.sampled_from(NAMES))
def test_cut_anywhere_it_is_read_or_refused(share: float, name: str) -> None:
    data = (FILES / name).read_bytes()
    try:
        load(Path(name), data[: int(share * (len(data) - 1))])
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)


@settings(max_examples=50, deadline=5000)
@given(share=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), name=st.sampled_from(NAMES))
def test_with_any_byte_wrong_it_is_read_or_refused(share: float, byte: int, name: str) -> None:
    data = bytearray((FILES / name).read_bytes())
    data[int(share * len(data))] = byte
    try:
        assert load(Path(name), bytes(data)).text
    except UnreadableFileError as refusal:
        assert "\n" not in str(refusal)
