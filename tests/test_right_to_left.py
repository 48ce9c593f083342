"""PDFs in Arabic and Hebrew, made by Chromium and fpdf2, which draw letters in different orders."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.reading.load import load
from index.reading.pdf.locate import locate_text
from index.reading.pdf.page import Line
from index.reading.pdf.right_to_left import is_right_to_left, lines_as_read

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("name", ["arabic.pdf", "arabic-ligatures.pdf"])
def test_arabic_is_read_as_it_was_written(name: str) -> None:
    text = load(FILES / name).text
    assert "تبلغ الإجازة السنوية 21 يوما، ويجوز ترحيل 25% منها (بموافقة المدير) إلى السنة التالية." in text
    assert "(هاتف 05-2233-4455) أو راسل help@example.test قبل 31/12/2025." in text
    assert "قال المدير: «لا بد من الالتزام بالأنظمة» خلال اجتماع لجنة Onrecord Project في الرباط." in text


def test_hebrew_is_read_as_it_was_written() -> None:
    text = load(FILES / "hebrew.pdf").text
    assert "שעות העבודה הן מ-8:30 עד 16:30 בכל יום (חוץ משישי). חופשה שנתית: 18 ימים; 50% ממנה" in text
    assert 'רות אלון (טלפון 03-555-0142), דוא"ל help@example.test, עד 31.12.2025.' in text
    assert "[תל אביב] ושמו Onrecord Project (Phase 2) והוא ישמש 120 עובדים." in text


def test_paragraphs_end_where_lines_end_short_on_the_left() -> None:
    paragraphs = load(FILES / "arabic.pdf").text.split("\n\n")
    assert [paragraph.split()[0] for paragraph in paragraphs[:4]] == ["دليل", "يبدأ", "للاستفسار:", "قال"]


def test_words_are_found_where_they_stand_on_the_page() -> None:
    document = load(FILES / "arabic.pdf")
    first, last = (
        locate_text(FILES / "arabic.pdf", document, at, at + len(words))[0]
        for words in ("يبدأ", "كل يوم")
        for at in [document.text.index(words)]
    )
    assert first.x0 > last.x1, "a line begins on the right"


@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        (".2024 \u05e9\u05d1", "\u05d1\u05e9 2024."),
        ("50% \u05d3\u05e2", "\u05e2\u05d3 50%"),
        (")\u05d1\u05d0( \u05d3", "\u05d3 (\u05d0\u05d1)"),
        ("Phase 2 \u05d3", "\u05d3 Phase 2"),
        (".\u0628 4455-05 \u0627", "\u0627 05-4455 \u0628."),
    ],
)
def test_what_is_drawn_is_read_backwards_but_for_numbers_and_latin_words(drawn: str, written: str) -> None:
    (line,) = lines_as_read([_drawn(drawn)])
    assert line.text == written
    assert len(line.boxes) == len(written)


def test_a_vowel_sign_follows_its_letter_and_a_wide_gap_parts_cells_from_right_to_left() -> None:
    boxes = ((10.0, 0.0, 15.0, 10.0), (12.0, 8.0, 13.0, 10.0), (100.0, 0.0, 105.0, 10.0))
    (line,) = lines_as_read([Line("ב\u05b0א", (boxes[0], boxes[1], boxes[2]), 10.0)])
    assert line.text == "א ב\u05b0"
    assert all(one[0] >= other[0] for one, other in pairwise(line.boxes[:2]))


def test_a_page_with_a_few_arabic_words_is_read_as_ever() -> None:
    assert not is_right_to_left([_drawn("The word سلام means peace in Arabic.")])
    assert not is_right_to_left([])


def _drawn(text: str) -> Line:
    """Make a line whose letters stand in the order of ``text`` from left to right, each six points wide."""
    return Line(text, tuple((6.0 * n, 0.0, 6.0 * n + 5.5, 10.0) for n in range(len(text))), 10.0)
