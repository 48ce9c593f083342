"""What a reader leaves out of a file is named, and what is filled in is read."""

import io
from pathlib import Path

import docx
import openpyxl
from docx.oxml import parse_xml

from index.reading.load import load

FILES = Path(__file__).parent / "files"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_comments_and_tracked_deletions_of_a_word_document_are_named() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The fee is 40 crowns.")
    document.add_comment(paragraph.runs, text="Is it still 40?", author="Ann")
    paragraph._p.append(parse_xml(f'<w:del {_W} w:id="9" w:author="B"><w:r><w:delText>Free.</w:delText></w:r></w:del>'))
    written = io.BytesIO()
    document.save(written)
    read = load(Path("a.docx"), written.getvalue())
    assert read.metadata["note"] == "Left out: 1 comment and 1 tracked deletion."
    assert "Free" not in read.text
    assert "still" not in read.text


def test_a_document_without_them_has_no_note() -> None:
    assert "note" not in load(FILES / "market.docx").metadata
    assert "note" not in load(FILES / "rents.xlsx").metadata
    assert "note" not in load(FILES / "market.odt").metadata


def test_formulas_that_no_program_has_calculated_are_named() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Fees"
    for row in (["Port", "Fee"], ["Oban", 61], ["Total", "=SUM(B2:B2)"]):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    note = load(Path("a.xlsx"), written.getvalue()).metadata["note"]
    assert note.startswith("1 formula without a stored result left out (Fees!B3).")


def test_what_is_filled_into_a_pdf_form_stands_beside_its_label() -> None:
    text = " ".join(load(FILES / "form.pdf").text.split())
    assert text == "Berth application Name of the boat: Maren II Length in metres: 9.4"


def test_the_day_of_a_template_or_an_export_is_no_date_of_publication() -> None:
    written = io.BytesIO()
    document = docx.Document()  # from a template of 2013
    document.add_paragraph("The fee is 40 crowns.")
    document.save(written)
    metadata = load(Path("a.docx"), written.getvalue()).metadata
    assert "date" not in metadata
    assert metadata["file_date"] == "2013-12-23"


def test_a_date_that_the_text_states_is_the_date() -> None:
    metadata = load(FILES / "market.docx").metadata
    assert metadata["date"] == "2025-03-04"
    assert "file_date" not in metadata
